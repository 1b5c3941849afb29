// The step log. It has to be printable at any moment, also while the process is dying, when the
// heap may be beyond use. So it allocates nothing; nor do tests find anything of it when they
// count.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <testkit/steps.hpp>

namespace nara::test {

namespace {

struct Log {
  std::mutex mutex;
  std::atomic<bool> is_in_test = false;
  const char* test = "";
  std::array<char, 1 << 16> text{};  ///< The steps, each with a 0 at its end.
  std::size_t size = 0;              ///< Of what is in use of it.
  int steps = 0;                     ///< All so far.
  int forgotten = 0;                 ///< Those of them that there was no room for.
};

// Never destroyed: a late failure can still print it.
constinit Log log;

}  // namespace

void write_step(std::string_view sentence) {
  const std::lock_guard lock(log.mutex);
  sentence = sentence.substr(0, log.text.size() - 1);
  if (log.text.size() - log.size <= sentence.size()) {
    // The last steps are those that matter.
    log.forgotten = log.steps;
    log.size = 0;
  }
  char* const end = std::ranges::copy(sentence, log.text.data() + log.size).out;
  *end = '\0';
  log.size += sentence.size() + 1;
  ++log.steps;
}

void begin_steps(const char* test) {
  const std::lock_guard lock(log.mutex);
  log.test = test;
  log.size = 0;
  log.steps = log.forgotten = 0;
  log.is_in_test = true;
}

void end_steps() { log.is_in_test = false; }

bool is_in_test() { return log.is_in_test; }

void print_steps(std::FILE* out, const char* remark) {
  // Why try_lock: whoever prints may have died while it was writing a step.
  const std::unique_lock lock(log.mutex, std::try_to_lock);
  std::fprintf(out, "\n%s%s\n", log.test, remark);
  if (log.forgotten > 0) std::fprintf(out, "   ... (%d steps are left out)\n", log.forgotten);
  const char* sentence = log.text.data();
  for (int number = log.forgotten + 1; number <= log.steps; ++number) {
    const bool last = number == log.steps;
    std::fprintf(out, "  %2d. %s%s\n", number, sentence, last ? "   <- here" : "");
    sentence += std::strlen(sentence) + 1;
  }
}

}  // namespace nara::test
