// A kitchen with two orders. The first is cooked; then the cook goes home.
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <oneshot.hpp>
#include <string>
#include <utility>

namespace {

using Order = Sender<std::string>;
using Meal = Receiver<std::string>;

nara::Async<> eat(std::string guest, Meal meal) {
  std::printf("%s waits\n", guest.c_str());
  const std::expected<std::string, Closed> served = co_await meal;
  if (served) {
    std::printf("%s eats %s\n", guest.c_str(), served->c_str());
  } else {
    std::printf("%s gets nothing: the kitchen is closed\n", guest.c_str());
  }
}

nara::Async<> cook(Order first, Order second) {
  std::printf("the cook cooks\n");
  (void)std::move(first).send("soup");
  std::printf("the cook goes home\n");
  co_return;
}

nara::Async<> evening() {
  auto [first_order, first_meal] = oneshot<std::string>();
  auto [second_order, second_meal] = oneshot<std::string>();
  auto ada = nara::spawn(eat, "Ada", std::move(first_meal));
  auto basho = nara::spawn(eat, "Basho", std::move(second_meal));
  (void)nara::spawn(cook, std::move(first_order), std::move(second_order));
  (void)co_await ada;
  (void)co_await basho;
}

}  // namespace

int main() { nara::block_on(evening()); }
