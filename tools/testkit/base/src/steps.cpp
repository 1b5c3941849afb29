// The step log. It has to be printable at any moment, also while the process is dying.
#include <mutex>
#include <testkit/steps.hpp>
#include <vector>

namespace nara::test {

namespace {

std::mutex mutex;

std::vector<std::string>& steps() {
  // Never destroyed, so that a late failure can still print it.
  static auto* const steps = new std::vector<std::string>();
  return *steps;
}

}  // namespace

void write_step(std::string sentence) {
  const std::lock_guard lock(mutex);
  steps().push_back(std::move(sentence));
}

void clear_steps() {
  const std::lock_guard lock(mutex);
  steps().clear();
}

void print_steps(std::FILE* out) {
  // Why try_lock: whoever prints may have died while it was writing a step.
  const std::unique_lock lock(mutex, std::try_to_lock);
  for (std::size_t i = 0; i < steps().size(); ++i) {
    const bool last = i + 1 == steps().size();
    std::fprintf(out, "  %2zu. %s%s\n", i + 1, steps()[i].c_str(), last ? "   <- here" : "");
  }
}

}  // namespace nara::test
