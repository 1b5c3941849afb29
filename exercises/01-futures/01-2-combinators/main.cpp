// Two slow questions and one text, as one future. It is polled by hand, and each question tells
// when it is asked.
#include <combinators.hpp>
#include <cstdio>
#include <string>

namespace {

/// Gives `answer` when it has been polled `polls` times.
class Question {
 public:
  using Output = int;

  Question(std::string text, int polls, int answer)
      : text_(std::move(text)), polls_left_(polls), answer_(answer) {}

  nara::Poll<int> poll(nara::Context& context) {
    if (--polls_left_ > 0) {
      std::printf("  %s not yet\n", text_.c_str());
      context.waker().wake_by_ref();
      return nara::kPending;
    }
    std::printf("  %s %d\n", text_.c_str(), answer_);
    return answer_;
  }

 private:
  std::string text_;
  int polls_left_;
  int answer_;
};

}  // namespace

int main() {
  auto orders = and_then(Question("which customer is Ada?", 3, 7), [](int customer) {
    return Question("how many orders has customer " + std::to_string(customer) + "?", 2, 12);
  });
  auto sentence = map(std::move(orders), [](int count) {
    return "Ada has ordered " + std::to_string(count) + " times.";
  });

  const nara::Waker waker = nara::Waker::noop();
  for (int number = 1;; ++number) {
    std::printf("poll %d\n", number);
    nara::Context context(waker);
    nara::Poll<std::string> answer = sentence.poll(context);
    if (answer.is_pending()) continue;
    std::printf("%s\n", answer.value().c_str());
    return 0;
  }
}
