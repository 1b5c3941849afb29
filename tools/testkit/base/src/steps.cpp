// The step log. It has to be printable at any moment, also while the process is dying.
#include <mutex>
#include <testkit/steps.hpp>
#include <utility>
#include <vector>

namespace nara::test {

namespace {

struct Log {
  std::mutex mutex;
  std::string test;
  std::vector<std::string> steps;
};

Log& log() {
  // Never destroyed, so that a late failure can still print it.
  static auto* const log = new Log();
  return *log;
}

}  // namespace

void write_step(std::string sentence) {
  const std::lock_guard lock(log().mutex);
  log().steps.push_back(std::move(sentence));
}

void begin_steps(std::string test) {
  const std::lock_guard lock(log().mutex);
  log().test = std::move(test);
  log().steps.clear();
}

void print_steps(std::FILE* out, const std::string& remark) {
  // Why try_lock: whoever prints may have died while it was writing a step.
  const std::unique_lock lock(log().mutex, std::try_to_lock);
  const std::vector<std::string>& steps = log().steps;
  std::fprintf(out, "\n%s%s\n", log().test.c_str(), remark.c_str());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool last = i + 1 == steps.size();
    std::fprintf(out, "  %2zu. %s%s\n", i + 1, steps[i].c_str(), last ? "   <- here" : "");
  }
}

}  // namespace nara::test
