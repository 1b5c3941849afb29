// What a report about a task looks like.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <nara/task_info.hpp>
#include <string_view>

namespace nara::inline NARA_BUILD {

namespace {

/// A file and line, from the root of the course or else by the file's name.
std::string place(const std::source_location& where) {
  return std::string(where.file_name()) + ':' + std::to_string(where.line());
}

/// The name of the function alone, without its result, scopes and arguments.
std::string function_name(const std::source_location& where) {
  std::string name = where.function_name();
  if (name.find("operator()") != name.npos || name.find("<lambda") != name.npos) return "a lambda";
  for (const std::string_view scope : {"(anonymous namespace)::", "{anonymous}::"}) {
    if (const auto start = name.find(scope); start != name.npos) name.erase(start, scope.size());
  }
  name.erase(std::min(name.find('('), name.size()));
  return name.substr(name.find_last_of(" :*&") + 1);
}

void describe_by_default(const TaskInfo& task) {
  std::cerr << "nara: a task will never go on\n" << task << std::flush;
}

constinit std::atomic<ForgottenHook> current_hook = describe_by_default;

}  // namespace

std::ostream& operator<<(std::ostream& out, const TaskInfo& task) {
  // A task that was spawned with arguments is known by its first co_await.
  const bool is_known = task.spawned_at.line() != 0;
  out << "  task " << task.id;
  if (!task.name.empty()) out << " \"" << task.name << '"';
  if (is_known) out << "   spawned at " << place(task.spawned_at);
  out << '\n';
  switch (task.state) {
    case TaskInfo::State::kRunning:
      return out << "    is running: its poll has not returned\n";
    case TaskInfo::State::kReady:
      out << "    is ready to go on";
      break;
    case TaskInfo::State::kWaiting:
      out << "    waits";
      break;
  }
  const char* separator = " at ";
  for (auto stop = task.trace.stops.rbegin(); stop != task.trace.stops.rend(); ++stop) {
    out << separator << place(*stop) << " in " << function_name(*stop);
    separator = "\n      called at ";
    if (stop == task.trace.stops.rbegin() && !task.trace.waits_for.empty()) {
      out << ": " << task.trace.waits_for;
    }
  }
  if (task.trace.stops.empty() && !task.trace.waits_for.empty()) {
    out << " for " << task.trace.waits_for;
  }
  out << '\n';
  if (task.state == TaskInfo::State::kReady) return out;
  out << "    wakers out: " << task.wakers << '\n';
  if (task.wakers > 0) return out;
  if (task.expects_no_wake) return out << "    nobody is meant to wake it\n";
  return out << "    nobody holds this task's waker: "
             << (task.has_kept_waker ? "the last one was destroyed without a wake\n"
                                     : "the future that returned pending forgot to store it\n");
}

ForgottenHook set_forgotten_hook(ForgottenHook hook) noexcept {
  return current_hook.exchange(hook);
}

ForgottenHook detail::forgotten_hook() noexcept { return current_hook.load(); }

}  // namespace nara::inline NARA_BUILD
