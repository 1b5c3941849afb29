// Streams for these tests.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <nara/async.hpp>
#include <nara/io/duplex.hpp>
#include <nara/io/read.hpp>
#include <nara/io/result.hpp>
#include <nara/io/text.hpp>
#include <nara/io/write.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <string>
#include <string_view>
#include <testkit/by_hand.hpp>
#include <testkit/runtime.hpp>
#include <utility>

using nara::Async;
using nara::io::as_bytes;
using nara::io::as_text;
using nara::test::by_hand;
using nara::test::run;
using nara::test::run_with_drivers;
using nara::test::step;
