// Three ways in which a task can end, and what its handle says.
#include <iostream>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/yield_now.hpp>
#include <stdexcept>
#include <string>

using nara::Async;
using nara::JoinHandle;
using nara::TaskResult;

void tell(const TaskResult<std::string>& result) {
  if (result) {
    std::cout << *result << '\n';
  } else {
    std::cout << result.error() << '\n';
  }
}

// [main]
Async<std::string> cook(std::string dish) {
  std::cout << "cooking " << dish << '\n';
  co_await nara::yield_now();
  if (dish == "eel") throw std::runtime_error("there is no eel today");
  co_return dish + " is served";
}

// [serve]
Async<> serve() {
  JoinHandle<std::string> soup = nara::spawn(cook("soup"));
  JoinHandle<std::string> eel = nara::spawn(cook, "eel");
  std::string dish = "rice";
  JoinHandle<std::string> rice = nara::spawn([dish] { return cook(dish); });
  std::cout << "three tasks spawned\n";
  co_await nara::yield_now();
  rice.abort();

  TaskResult<std::string> first = co_await soup;
  tell(first);
  TaskResult<std::string> second = co_await eel;
  tell(second);
  TaskResult<std::string> third = co_await rice;
  tell(third);
}
// [/serve]

int main() { nara::block_on(serve()); }
// [/main]
