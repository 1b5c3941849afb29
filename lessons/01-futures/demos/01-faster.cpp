// Two servers have the same file. Ask both, go on with the faster answer, forget the slower one.
#include <chrono>
#include <cstdio>
#include <future>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const Clock::time_point kStart = Clock::now();

long seconds() { return std::chrono::round<std::chrono::seconds>(Clock::now() - kStart).count(); }

// [problem]
std::string ask(std::string server, std::chrono::seconds takes) {
  std::this_thread::sleep_for(takes);  // Stands for a slow network.
  return "the file, from " + server;
}

bool is_ready(const std::future<std::string>& answer) {
  return answer.wait_for(0s) == std::future_status::ready;
}

// [faster]
std::string faster() {
  std::future<std::string> near = std::async(std::launch::async, ask, "near", 1s);
  std::future<std::string> far = std::async(std::launch::async, ask, "far", 4s);
  long questions = 1;
  while (!is_ready(near) && !is_ready(far)) ++questions;
  std::printf("after %ld s  one is ready; ", seconds());
  std::printf("asked %s times\n", questions > 10'000 ? "more than 10,000" : "a few");
  std::string answer = is_ready(near) ? near.get() : far.get();
  std::printf("after %ld s  return \"%s\"\n", seconds(), answer.c_str());
  return answer;
}
// [/faster]

int main() {
  std::string answer = faster();
  std::printf("after %ld s  main has \"%s\"\n", seconds(), answer.c_str());
}
// [/problem]
