// Two futures of the same answer. One of them forgets to say whom to wake.
#include <cstdio>
#include <nara/future.hpp>
#include <optional>
#include <string>

#include "bell.hpp"
#include "server.hpp"

// [forgetful]
class ForgetfulReply {
 public:
  using Output = std::string;

  explicit ForgetfulReply(Server& server) : server_(server) {}

  // [poll]
  nara::Poll<std::string> poll(nara::Context&) {
    std::optional<std::string> answer = server_.take_answer();
    if (answer.has_value()) return *std::move(answer);
    return nara::kPending;
  }
  // [/poll]

 private:
  Server& server_;
};
// [/forgetful]

// [run]
/// Polls, and polls again whenever the bell has rung.
template <nara::Future F>
void run(const char* name, F& future, Server& server) {
  Bell bell;
  const nara::Waker waker = bell.waker();
  nara::Context context(waker);
  std::printf("%s:", name);
  while (future.poll(context).is_pending()) {
    server.reply("the file");
    std::printf(" pending. The answer comes.");
    if (!bell.has_rung()) {
      std::printf(" Silence: nobody will ever poll this future again.\n");
      return;
    }
    std::printf(" The bell rings.");
  }
  std::printf(" Ready.\n");
}
// [/run]

int main() {
  Server first;
  Reply reply(first);
  run("Reply", reply, first);

  Server second;
  ForgetfulReply forgetful(second);
  run("ForgetfulReply", forgetful, second);
}
