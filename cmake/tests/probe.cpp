// A plug-in that uses the thread-locals of libnara.so. The program that loads it links neither.
#include <nara/frame_pool.hpp>
#include <thread>

namespace {

void use_a_frame() { nara::FramePool::deallocate(nara::FramePool::allocate(32), 32); }

}  // namespace

/// True when each of two threads has a frame pool of its own.
extern "C" bool probe() {
  nara::FramePool pool;
  use_a_frame();
  std::thread([] {
    use_a_frame();
    nara::FramePool theirs;
    use_a_frame();
  }).join();
  return pool.counters().frames == 1;
}
