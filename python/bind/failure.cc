#include "failure.h"

#include <string>

#include <nanobind/nanobind.h>

namespace quintile::bind {

namespace nb = nanobind;

namespace {

/// Python's own classes decide which kind it is: quintile/_errors.py.
void raise(const Failure& failure) {
  const Error& error = failure.error;
  const nb::object make = nb::module_::import_("quintile._errors").attr("of");
  const std::string_view code = to_string(error.code);
  const nb::object exception =
      make(nb::str(code.data(), code.size()), error.message.c_str(), error.advice.c_str(),
           error.place.file.c_str(), error.place.line, error.place.column, failure.review.c_str());
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
}

}  // namespace

void register_failures() {
  nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Failure& failure) {
      raise(failure);
    }
  });
}

}  // namespace quintile::bind
