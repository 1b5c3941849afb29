// A plug-in that uses the thread-locals of libnara.so. The program that loads it links neither.
#include <cstddef>
#include <nara/frame_pool.hpp>
#include <thread>

namespace {

void use_a_frame(std::size_t size) {
  nara::FramePool::deallocate(nara::FramePool::allocate(size), size);
}

}  // namespace

/// True when each of two threads has a frame pool of its own.
extern "C" bool probe() {
  nara::FramePool pool;
  use_a_frame(32);
  std::thread([] {
    use_a_frame(64);
    nara::FramePool theirs;
    use_a_frame(96);
  }).join();
  return pool.allocations() == 1;
}
