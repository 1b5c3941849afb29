// System calls that fail, or do a part of their work, because a test says so. See
// <testkit/script.hpp>.
#pragma once

#include <testkit/script.hpp>

using nara::test::Call;
using nara::test::Script;

/// For `Call::kRecvMMsg` and `Call::kSendMMsg` alone: it takes so many datagrams and no more.
constexpr int only(int datagrams) { return -datagrams; }

/// The one host that a lookup finds, in every test: this machine.
inline constexpr const char* kHere = "here.test";
