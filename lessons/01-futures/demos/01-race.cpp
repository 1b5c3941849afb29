// Asks two servers, goes on with the faster answer, and forgets the slower one: on one thread.
#include <cstdio>
#include <nara/future.hpp>
#include <string>

#include "bell.hpp"
#include "server.hpp"

// [race]
/// Ready as soon as one of two futures is. The other is dropped with it.
template <nara::Future A, nara::Future B>
struct Race {
  using Output = nara::OutputOf<A>;

  A a;
  B b;

  nara::Poll<Output> poll(nara::Context& context) {
    nara::Poll<Output> answer = a.poll(context);
    if (answer.is_ready()) return answer;
    return b.poll(context);
  }
};
// [/race]

void tell(const char* event, const Server& near, const Server& far) {
  std::printf("%-12s near will call: %-3s  far will call: %s\n", event,
              near.will_wake_somebody() ? "yes" : "no", far.will_wake_somebody() ? "yes" : "no");
}

int main() {
  Server near;
  Server far;
  Bell bell;
  const nara::Waker waker = bell.waker();
  nara::Context context(waker);

  // [main]
  {
    Race race{near.ask(), far.ask()};
    tell("made", near, far);
    nara::Poll<std::string> answer = race.poll(context);
    tell("polled", near, far);
    near.reply("the file, from near");
    tell("near replies", near, far);
    answer = race.poll(context);
    std::printf("polled       ready: %s\n", answer.value().c_str());
  }
  tell("dropped", near, far);
  // [/main]
}
