// Two tasks on one thread: one beats, the other has picked up the telephone. The caller is shy.
#include "clerk.hpp"

using nara::Async;

// [clerk]
Async<> clerk(OwnedFd call) {
  tell("(a call)");
  const std::string words = hear(call);
  tell(words.c_str());
  has_heard = true;
  co_return;
}
// [/clerk]

int main() { run(clerk); }
