// The extension's operator new: large pieces of memory ask for huge pages, which the system hands
// out 512 small ones at a time. Fifteen runs of a million customers beside the program's, in turn:
// 5 to 10 % more wall time than the program in place of 14 (benchmarks/python_overhead.py). All of
// it is malloc's, so that Python's other libraries may free what is made here and the other way
// round; the program's own (decision 0028) uses memory again, and could not live beside them.
#include <cstdlib>
#include <new>

#include <sys/mman.h>

namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kLarge = kHugePage;

void* allocate(std::size_t size) noexcept {
  if (size < kLarge) return std::malloc(size == 0 ? 1 : size);
  const std::size_t whole = (size + kHugePage - 1) / kHugePage * kHugePage;
  if (whole < size) return nullptr;
  void* const memory = std::aligned_alloc(kHugePage, whole);
  if (memory != nullptr) ::madvise(memory, whole, MADV_HUGEPAGE);
  return memory;
}

void* allocate_or_throw(std::size_t size) {
  while (true) {
    if (void* const memory = allocate(size)) return memory;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

}  // namespace

void* operator new(std::size_t size) { return allocate_or_throw(size); }
void* operator new[](std::size_t size) { return allocate_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
