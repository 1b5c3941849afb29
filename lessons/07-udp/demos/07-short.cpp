// Is a datagram that is shorter than the buffer the last one? Two who think differently.
#include <array>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/io/stream.hpp>
#include <nara/main.hpp>
#include <nara/time/timeout.hpp>
#include <string>

#include "post.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::io::Interest;
using nara::io::Result;
using namespace std::chrono_literals;

namespace {

// [datagram]
/// Reads a datagram, and says nothing about those behind it.
struct ReadDatagram {
  std::span<std::byte> into;
  Result<std::size_t> operator()(const OwnedFd& box) const {
    return nara::sys::recv(box.fd(), into);
  }
};

/// Reads until it has waited for 100 ms.
template <class Read>
Async<> read_all(const AsyncFd<OwnedFd>& box) {
  std::array<std::byte, 100> buffer{};
  while (true) {
    const Read read{buffer};
    auto reading = box.async_io(Interest::kReadable, read);
    const auto size = co_await nara::time::timeout(100ms, reading);
    if (!size) break;
    const auto words = std::span(buffer).first(**size);
    std::printf("  read: %s\n", std::string(nara::io::as_text(words)).c_str());
  }
  const auto rest = take_out(box.get_inner());
  std::printf("  in the box: %s\n", rest ? rest->c_str() : "nothing");
}
// [/datagram]

template <class Read>
Async<> with(const char* who) {
  std::printf("%s\n", who);
  OwnedFd box = put_up_a_box();
  for (const char* words : {"tea", "milk"}) (void)post(put_up_a_box(), address_of(box), words);
  const auto registered = AsyncFd<OwnedFd>::try_new(std::move(box)).value();
  co_await read_all<Read>(registered);
}

Async<> both() {
  co_await with<nara::io::ReadStream>("ReadStream");
  co_await with<ReadDatagram>("ReadDatagram");
}

}  // namespace

int main() { return nara::main(both); }
