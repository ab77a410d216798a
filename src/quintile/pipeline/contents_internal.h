#pragma once

#include "quintile/mart/mart.h"
#include "quintile/plan/plan.h"

namespace quintile::pipeline {

/// What a mart's manifest says of the plan, whoever runs it.
void describe_plan(const plan::Plan& plan, mart::Contents& contents);

}  // namespace quintile::pipeline
