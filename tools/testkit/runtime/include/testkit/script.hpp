// System calls that fail because a test says so: the program stands in for the C library, also
// where libnara.so calls it.
//
//   Script accepts(Call::kAccept, {ECONNABORTED, EMFILE});
//   ...                              // the first two calls of accept4() fail, the next ones do not
//   CHECK(accepts.calls() == 3);
//
// A program's own functions come before those of any library. So a test program defines those that
// it has scripts for, each by one line with act(): see faults.cpp beside the tests of lesson 05.
// That holds under a sanitizer, too, which has such functions itself.
#pragma once

#include <dlfcn.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace nara::test {

enum class Call : std::uint8_t {
  kAccept,
  kBind,
  kConnect,
  kEpollCtl,
  kGetPeerName,
  kGetSockName,
  kGetSockOpt,
  kListen,
  kRead,
  kReadV,
  kRecv,
  kRecvFrom,
  kRecvMMsg,
  kSend,
  kSendMMsg,
  kSendMsg,
  kSendTo,
  kSetSockOpt,
  kShutdown,
  kSocket,
  kSize,
};

/// What the next calls of one kind give on this thread while this lives: an error number for each,
/// or 0 for one that is really made. Those after them are really made, too.
class Script {
 public:
  Script(Call call, std::vector<int> errors)
      : call_(call), errors_(std::move(errors)), previous_(std::exchange(of(call), this)) {}
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() { of(call_) = previous_; }

  /// How many calls there were so far.
  std::size_t calls() const noexcept { return calls_; }

  /// For the functions that stand in: what the next call is to give.
  static int take(Call call) noexcept {
    Script* const script = of(call);
    if (script == nullptr) return 0;
    const std::size_t number = script->calls_++;
    return number < script->errors_.size() ? script->errors_[number] : 0;
  }

 private:
  static Script*& of(Call call) noexcept {
    thread_local std::array<Script*, static_cast<std::size_t>(Call::kSize)> scripts{};
    return scripts[static_cast<std::size_t>(call)];
  }

  Call call_;
  std::vector<int> errors_;
  std::size_t calls_ = 0;
  Script* previous_;
};

/// The function of the C library that `function` stands in for.
template <class Function>
Function* find_next(Function*, const char* name) {
  // A sanitizer's own comes first: it has to know which thread tells which other something.
  void* found = ::dlsym(RTLD_DEFAULT, (std::string("__interceptor_") + name).c_str());
  if (found == nullptr) found = ::dlsym(RTLD_NEXT, name);
  // Safe because: it has that type.
  return reinterpret_cast<Function*>(found);
}

/// Calls it, unless the call is to fail.
template <Call kCall, class Function, class... Arguments>
auto act(Function* function, const char* name, Arguments... arguments) {
  static Function* const real = find_next(function, name);
  const int error = Script::take(kCall);
  if (error == 0) return real(arguments...);
  errno = error;
  return static_cast<decltype(real(arguments...))>(-1);
}

}  // namespace nara::test
