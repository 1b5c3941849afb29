// System calls that fail because a test says so: the program stands in for the C library here, also
// where libnara.so calls it.
//
//   Script accepts(Call::kAccept, {ECONNABORTED, EMFILE});
//   ...                              // the first two calls of accept4() fail, the next ones do not
//   CHECK(accepts.calls() == 3);
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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
  kSend,
  kSendMsg,
  kSetSockOpt,
  kShutdown,
  kSocket,
  kSize,
};

/// For `Call::kConnect` alone: it succeeds at once, as it may between two programs of one machine.
inline constexpr int kAtOnce = -1;

/// What the next calls of one kind give on this thread while this lives: an error number for each,
/// or 0 for one that is really made. Those after them are really made, too.
class Script {
 public:
  Script(Call call, std::vector<int> errors);
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script();

  /// How many calls there were so far.
  std::size_t calls() const noexcept { return calls_; }

  /// What the next call is to give. For the functions that stand in.
  int take() noexcept { return calls_ < errors_.size() ? errors_[calls_++] : (++calls_, 0); }

 private:
  Call call_;
  std::vector<int> errors_;
  std::size_t calls_ = 0;
  Script* previous_;
};

/// While one lives, these are the hosts that the system knows, for all threads: each with its
/// addresses, the first first.
class Names {
 public:
  using Hosts = std::map<std::string, std::vector<std::string>, std::less<>>;

  Names(std::initializer_list<Hosts::value_type> hosts);

  /// Whoever asks is given this answer of getaddrinfo(3), and `EAI_SYSTEM` with this error.
  explicit Names(int answer, int error = 0);

  Names(const Names&) = delete;
  Names& operator=(const Names&) = delete;
  ~Names();

  /// From now on, who asks waits until `answer()`.
  void hold();
  void answer();

  /// How many are waiting for an answer.
  int waiting() const;
};
