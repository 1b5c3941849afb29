// Destroying an Async cancels it: everything in its frames dies, the innermost frame first.
#include <cstdio>
#include <nara/async.hpp>
#include <string>

#include "server.hpp"

using nara::Async;

// [main]
struct Local {
  const char* name;
  ~Local() { std::printf("  %s is destroyed\n", name); }
};

// [chain]
Async<> inner(Server& server) {
  const Local first{"inner's first"};
  const Local second{"inner's second"};
  std::string answer = co_await server.ask();
  std::printf("never printed: %s\n", answer.c_str());
}

Async<> outer(Server& server) {
  const Local local{"outer's local"};
  co_await inner(server);
}
// [/chain]
// [/main]

int main() {
  const nara::Waker nobody = nara::Waker::noop();
  nara::Context context(nobody);
  Server server;
  {
    Async<> task = outer(server);
    (void)task.poll(context);
    std::printf("suspended; now destroy it\n");
  }
}
