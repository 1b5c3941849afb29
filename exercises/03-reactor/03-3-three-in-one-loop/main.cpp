// Tea that takes three seconds. Meanwhile a heart beats, and you may type.
#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <expected>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/main.hpp>
#include <nara/owned_fd.hpp>
#include <string_view>
#include <utility>
#include <watch.hpp>

namespace {

using nara::Async;
using nara::OwnedFd;
using nara::io::Result;

/// What is typed, or the end of a pipe that nobody writes to.
///
/// Why it is opened anew: "non-blocking" belongs to what is open and not to its number. The shell
/// has our standard input open, too, and would not like it.
Result<Source> keyboard() {
  Result<Source> typed = adopt(OwnedFd(::open("/dev/stdin", O_RDONLY | O_CLOEXEC)));
  if (typed) return typed;
  std::printf("Nobody can type here: %s.\n", typed.error().message().c_str());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::unexpected(nara::sys::last_error());
  const OwnedFd closed(ends[1]);
  return adopt(OwnedFd(ends[0]));
}

Async<Result<int>> make_tea() {
  const Listener listener{
      .on_words =
          [](std::string_view words) {
            words = words.substr(0, words.find('\n'));
            std::printf("you said: %.*s\n", static_cast<int>(words.size()), words.data());
          },
      .on_beat = [](std::uint64_t n) { std::printf("beat %d\n", static_cast<int>(n)); },
  };
  Result<Source> typed = keyboard();
  if (!typed) co_return std::unexpected(typed.error());
  Result<Source> clock = start_clock(std::chrono::milliseconds(500));
  if (!clock) co_return std::unexpected(clock.error());
  const OwnedFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Result<Source> tea = start_child({"sleep", "2.75"}, nothing.fd());
  if (!tea) co_return std::unexpected(tea.error());

  std::printf("The tea takes a while. Type something.\n");
  const Result<int> code =
      co_await watch(*std::move(typed), *std::move(clock), *std::move(tea), listener);
  if (code == 0) std::printf("The tea is ready.\n");
  co_return code;
}

}  // namespace

int main() { return nara::main(make_tea); }
