// System calls that fail because a test says so, and hosts that only a test knows. See
// <testkit/script.hpp>.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <testkit/script.hpp>
#include <vector>

using nara::test::Call;
using nara::test::Script;

/// For `Call::kConnect` alone: it succeeds at once, as it may between two programs of one machine.
inline constexpr int kAtOnce = -1;

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
