// Polls a future by hand: made, asked too early, woken, asked again.
#include <cstdio>
#include <nara/future.hpp>
#include <string>

#include "bell.hpp"
#include "server.hpp"

const char* yes_or_no(bool yes) { return yes ? "yes" : "no"; }

int main() {
  // [main]
  Server server;
  Bell bell;
  const nara::Waker waker = bell.waker();
  nara::Context context(waker);

  Reply reply = server.ask();
  std::printf("asked.       Will the server call? %s\n", yes_or_no(server.will_wake_somebody()));

  nara::Poll<std::string> answer = reply.poll(context);
  std::printf("first poll:  ready? %s\n", yes_or_no(answer.is_ready()));
  std::printf("             Will the server call? %s\n", yes_or_no(server.will_wake_somebody()));

  server.reply("the file");
  std::printf("it replies:  Has the bell rung? %s\n", yes_or_no(bell.has_rung()));

  answer = reply.poll(context);
  std::printf("second poll: ready? %s: %s\n", yes_or_no(answer.is_ready()), answer.value().c_str());
  // [/main]
}
