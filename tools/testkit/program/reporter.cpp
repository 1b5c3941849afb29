// What a learner sees: the steps of the test that failed, what should have been, and what was.
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <testkit/exit_codes.hpp>
#include <testkit/steps.hpp>
#include <testkit/tasks.hpp>
#include <testkit/threads.hpp>

#include "deaths.hpp"
#include "watchdog.hpp"

namespace nara::test {

namespace {

constexpr double kSecondsPerTest = 10;
constexpr const char* kAdvice =
    "\n  wakers are out, but nobody is left to use one. Was it stored before the future's last\n"
    "  look, or after it? Or do tasks wait for each other?\n";
using Clock = std::chrono::steady_clock;

class Reporter final : public doctest::IReporter {
 public:
  explicit Reporter(const doctest::ContextOptions& options) : options_(options) {
    ignore_other_threads();
  }

  void test_case_start(const doctest::TestCaseData& test) override {
    told_ = false;
    begin_steps(test.m_name);
    limit_ = test.m_timeout > 0 ? test.m_timeout : kSecondsPerTest;
    bytes_at_start_ = bytes_in_use();
    start_ = Clock::now();
    watchdog_.arm(std::chrono::duration<double>(limit_));
  }

  void test_case_end(const doctest::CurrentTestCaseStats& test) override {
    watchdog_.disarm();
    if (test.testCaseSuccess) look_for_leaks();
    end_steps();
  }

  void log_assert(const doctest::AssertData& check) override {
    if (!check.m_failed) return;
    tell();
    using namespace doctest::assertType;
    const bool must_throw = (check.m_at & (is_throws | is_throws_as | is_throws_with)) != 0;
    const char* const should = must_throw                     ? "throw"
                               : (check.m_at & is_false) != 0 ? "not be"
                                                              : "be";
    std::fprintf(stdout, "  should %s: %s\n", should, check.m_expr);
    if (check.m_threw) {
      std::fprintf(stdout, "  but threw: %s\n", check.m_exception.c_str());
    } else if (must_throw) {
      std::fprintf(stdout, "  but threw nothing\n");
    } else {
      std::fprintf(stdout, "  but was:   %s\n", check.m_decomp.c_str());
    }
    tell_messages();
    std::fprintf(stdout, "  at %s:%d\n", check.m_file, check.m_line);
  }

  void log_message(const doctest::MessageData& message) override {
    tell();
    std::fprintf(stdout, "  %s\n", message.m_string.c_str());
  }

  void test_case_exception(const doctest::TestCaseException& exception) override {
    tell();
    std::fprintf(stdout, "  should have gone on, but threw: %s\n", exception.error_string.c_str());
    tell_messages();
  }

  void test_run_end(const doctest::TestRunStats& run) override {
    const auto failed = run.numTestCasesFailed;
    const auto passed = run.numTestCasesPassingFilters - failed;
    if (options_.no_run) return;
    std::fprintf(stdout, "\n%u passed, %u failed\n", passed, failed);
  }

  void report_query(const doctest::QueryData& query) override {
    for (unsigned i = 0; i < query.num_data; ++i) {
      std::fprintf(stdout, "%s\n", query.data[i]->m_name);
    }
  }

  void test_run_start() override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void subcase_start(const doctest::SubcaseSignature& part) override { step(part.m_name.c_str()); }
  void subcase_end() override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}

 private:
  /// Why at the end of each test: the sanitizer, which looks when the program ends, could not say
  /// whose leak it was.
  void look_for_leaks() const {
    if (bytes_in_use() <= bytes_at_start_) return;  // Most have not, and it takes milliseconds.
    // A thread that is about to end may hold memory that the sanitizer cannot see any more.
    if (threads_of_tests() != 1 || !has_leaked()) return;
    print_steps(stdout);
    std::fprintf(stdout,
                 "  should have freed all its memory, but the sanitizer above found more\n");
    std::fflush(stdout);
    std::_Exit(kLeaked);
  }

  void end_hang() {
    tell();
    std::fprintf(stdout, "  should have ended, but was still running after %g s\n", limit_);
    end_with_tasks<kHung>();
  }

  void look() {
    if (!nothing_can_make_progress()) return;
    const std::chrono::duration<double> taken = Clock::now() - start_;
    std::array<char, 120> remark{};
    std::snprintf(remark.data(), remark.size(),
                  ": nothing can make progress (stopped after %.1f s, not after the %g s limit)",
                  taken.count(), limit_);
    print_steps(stdout, remark.data());
    end_with_tasks<kStuck>(wakers_are_out() ? kAdvice : "");
  }

  /// Why a template: the handler of a signal cannot capture anything.
  template <int exit_code>
  [[noreturn]] static void end_with_tasks(const char* advice = "") {
    std::fflush(stdout);
    // An executor that is broken may keep its tasks locked.
    std::signal(SIGALRM, [](int) { std::_Exit(exit_code); });
    ::alarm(2);
    print_tasks(stdout);
    std::fputs(advice, stdout);
    std::fflush(stdout);
    std::_Exit(exit_code);
  }

  /// Says once which test failed, and how far it came.
  void tell() {
    if (told_.exchange(true)) return;
    print_steps(stdout);
  }

  static void tell_messages() {
    const auto* const* messages = get_active_contexts();
    for (int i = 0; i < get_num_active_contexts(); ++i) {
      std::ostringstream text;
      messages[i]->stringify(&text);
      std::fprintf(stdout, "  (%s)\n", text.str().c_str());
    }
  }

  const doctest::ContextOptions& options_;
  std::atomic<bool> told_ = false;
  double limit_ = kSecondsPerTest;
  Clock::time_point start_;
  std::size_t bytes_at_start_ = 0;
  Watchdog watchdog_{[this] { look(); }, [this] { end_hang(); }};
};

REGISTER_REPORTER("nara", 0, Reporter);

}  // namespace

}  // namespace nara::test
