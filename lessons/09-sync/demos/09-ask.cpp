// A task that owns something, and answers questions: no lock, because nobody else has it.
#include <cstdio>
#include <map>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/join_set.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/oneshot.hpp>
#include <string>
#include <utility>

using nara::Async;
namespace mpsc = nara::sync::mpsc;
namespace oneshot = nara::sync::oneshot;

namespace {

// [question]
struct Question {
  std::string dish;
  oneshot::Sender<int> answer;
};

/// Owns the menu. Ends when nobody is left who could ask.
Async<> know_the_prices(mpsc::Receiver<Question> questions) {
  const std::map<std::string, int> menu{{"soup", 5}, {"fish", 18}, {"cake", 7}};
  for (;;) {
    std::optional<Question> question = co_await questions.recv();
    if (!question) break;
    const auto found = menu.find(question->dish);
    // Who is not on the menu gets no answer: the sender is destroyed, and that is one, too.
    if (found != menu.end()) (void)std::move(question->answer).send(found->second);
  }
  std::printf("nobody asks any more\n");
}
// [/question]

// [ask]
Async<> ask(mpsc::Sender<Question> questions, std::string dish) {
  auto [answer, price] = oneshot::channel<int>();
  Question question{dish, std::move(answer)};
  (void)co_await questions.send(std::move(question));
  const auto result = co_await price;
  if (result) {
    std::printf("%s: %d\n", dish.c_str(), *result);
  } else {
    std::printf("%s: there is none\n", dish.c_str());
  }
}
// [/ask]

Async<> dinner() {
  auto [sender, questions] = mpsc::channel<Question>(4);
  nara::JoinSet<void> tasks;
  tasks.spawn(know_the_prices(std::move(questions)));
  tasks.spawn(ask(sender.clone(), "fish"));
  tasks.spawn(ask(sender.clone(), "tea"));
  tasks.spawn(ask(std::move(sender), "soup"));
  while (!tasks.empty()) (void)co_await tasks.join_next();
}

}  // namespace

int main() { nara::block_on(dinner()); }
