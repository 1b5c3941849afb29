// The same two questions, one after the other: as a class written by hand, and as a coroutine.
#include <cstdio>
#include <nara/async.hpp>
#include <string>
#include <utility>

#include "bell.hpp"
#include "server.hpp"

using nara::Async;
using nara::Context;
using nara::kPending;
using nara::Poll;

// [machine]
class Greeting {
 public:
  using Output = std::string;

  Greeting(Server& names, Server& towns) : name_reply_(names.ask()), town_reply_(towns.ask()) {}

  // [poll]
  Poll<std::string> poll(Context& context) {
    switch (at_) {
      case 0: {
        Poll<std::string> name = name_reply_.poll(context);
        if (name.is_pending()) return kPending;
        name_ = std::move(name).value();
        at_ = 1;
        [[fallthrough]];
      }
      default: {
        Poll<std::string> town = town_reply_.poll(context);
        if (town.is_pending()) return kPending;
        return name_ + " of " + std::move(town).value();
      }
    }
  }
  // [/poll]

 private:
  int at_ = 0;
  Reply name_reply_;
  Reply town_reply_;
  std::string name_;
};
// [/machine]

// [coroutine]
Async<std::string> greeting(Server& names, Server& towns) {
  std::string name = co_await names.ask();
  std::string town = co_await towns.ask();
  co_return name + " of " + town;
}
// [/coroutine]

template <nara::Future F>
void run(const char* how, F& future, Server& names, Server& towns) {
  Bell bell;
  const nara::Waker waker = bell.waker();
  Context context(waker);
  std::printf("%s:", how);
  for (const auto& [server, answer] : {std::pair(&names, "Basho"), std::pair(&towns, "Nara")}) {
    const Poll<std::string> too_early = future.poll(context);
    std::printf(" %s,", too_early.is_pending() ? "pending" : "ready");
    server->reply(answer);
  }
  Poll<std::string> answer = future.poll(context);
  std::printf(" ready: %s\n", answer.value().c_str());
}

int main() {
  Server names;
  Server towns;
  Greeting by_hand(names, towns);
  run("by hand", by_hand, names, towns);
  Async<std::string> coroutine = greeting(names, towns);
  run("coroutine", coroutine, names, towns);
}
