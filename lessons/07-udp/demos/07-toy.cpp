// A server that echoes, with the reactor of lesson 03 and nothing else: one socket for all.
#include <array>
#include <nara/async.hpp>
#include <nara/async_fd.hpp>
#include <nara/run_blocking.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <utility>

#include "guests.hpp"
#include "post.hpp"

using nara::Async;
using nara::AsyncFd;
using nara::io::Interest;
using nara::io::Result;

// [card]
/// What was on a postcard, and who has sent it.
struct Card {
  std::span<const std::byte> words;
  SocketAddr from;
};

/// Takes the next one out of the box, or says EAGAIN. An operation for `async_io()`.
struct TakeOut {
  std::span<std::byte> into;

  Result<Card> operator()(const OwnedFd& box) const {
    nara::sys::RawAddr from;
    const ssize_t size = ::recvfrom(box.fd(), into.data(), into.size(), 0, from.data(), &from.size);
    if (size == -1) return std::unexpected(nara::sys::last_error());
    return Card{into.first(static_cast<std::size_t>(size)), nara::sys::address_of(*from.data())};
  }
};
// [/card]

// [echo]
/// Sends each postcard back to where it came from.
Async<> echo(OwnedFd letter_box) {
  const auto box = AsyncFd<OwnedFd>::try_new(std::move(letter_box)).value();
  std::array<std::byte, 100> buffer{};
  while (true) {
    const auto card = co_await box.async_io(Interest::kReadable, TakeOut{buffer});
    if (!card) co_return;
    auto back = [&](const OwnedFd& us) { return post(us, card->from, card->words); };
    (void)co_await box.async_io(Interest::kWritable, back);
  }
}
// [/echo]

Async<> run() {
  OwnedFd box = put_up_a_box();
  const SocketAddr address = address_of(box);
  (void)nara::spawn(echo(std::move(box)));
  co_await nara::run_blocking([address] { write_three_times(address); });
}

int main() {
  nara::Runtime runtime = nara::Runtime::create().value();
  runtime.block_on(run());
}
