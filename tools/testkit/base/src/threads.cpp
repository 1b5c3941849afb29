// Asks the kernel for the number of threads of this process.
#include <fstream>
#include <string>
#include <testkit/threads.hpp>

namespace nara::test {

namespace {

int ignored = 0;

/// Why not count /proc/self/task: who reads a list while one thread ends and another begins may see
/// neither. The kernel's own count is right at every moment.
std::optional<int> all_threads() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(line.find('\t')));
  }
  return std::nullopt;
}

}  // namespace

void ignore_other_threads() { ignored = all_threads().value_or(1) - 1; }

std::optional<int> threads_of_tests() {
  return all_threads().transform([](int all) { return all - ignored; });
}

}  // namespace nara::test
