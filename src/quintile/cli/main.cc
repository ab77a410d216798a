#include "quintile/cli/commands.h"

int main(int argc, char** argv) { return quintile::cli::main_with(argc, argv); }
