// Counts allocations by standing in for the global operator new. For one file per program.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

/// Calls of operator new so far, and the bytes that they asked for.
inline long allocations = 0;
inline long allocated_bytes = 0;

void* operator new(std::size_t size) {
  ++allocations;
  allocated_bytes += static_cast<long>(size);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
