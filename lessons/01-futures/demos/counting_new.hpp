// Counts allocations by standing in for the global operator new. For one file per program.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

/// Calls of operator new so far, and what the last one asked for, in bytes.
inline long allocations = 0;
inline std::size_t last_size = 0;

void* operator new(std::size_t size) {
  ++allocations;
  last_size = size;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
