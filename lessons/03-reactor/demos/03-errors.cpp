// What can go wrong with a descriptor, and how we are told.
#include <fcntl.h>

#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/current_thread.hpp>
#include <nara/io/stream.hpp>
#include <nara/misuse.hpp>
#include <nara/reactor.hpp>
#include <optional>

#include "pipe.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::OwnedFd;
using nara::io::Interest;

void tell(const char* what, const std::error_code& error) {
  std::printf("%s %s (%s %d)\n", what, error.message().c_str(), error.category().name(),
              error.value());
}

Async<> try_all(std::optional<AsyncFd<OwnedFd>>& kept) {
  auto file = AsyncFd<OwnedFd>::try_new(OwnedFd(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC)));
  tell("a file:          ", file.error().cause);

  Pipe pipe;
  auto once = AsyncFd<int>::try_new(pipe.out.fd());
  auto twice = AsyncFd<int>::try_new(pipe.out.fd());
  tell("the same twice:  ", twice.error().cause);

  AsyncFd<OwnedFd> in = AsyncFd<OwnedFd>::try_new(std::move(pipe.in)).value();
  {
    const OwnedFd closed = std::move(pipe.out);
  }
  const nara::io::WriteStream words(std::as_bytes(std::span("hello")));
  const auto written = co_await in.async_io(Interest::kWritable, words);
  tell("nobody reads:    ", written.error());
  kept = std::move(in);
}

int main() {
  std::optional<AsyncFd<OwnedFd>> kept;
  {
    nara::CurrentThread executor(nara::EpollDriver::open().value());
    executor.block_on(try_all(kept));
  }
  const auto late =
      kept->try_io(Interest::kWritable, [](const OwnedFd&) { return nara::io::Result<int>(0); });
  tell("the runtime gone:", late.error());
  try {
    (void)AsyncFd<int>::try_new(0);
  } catch (const nara::Misuse& misuse) {
    std::printf("without one:      %s\n", misuse.what());
  }
}
