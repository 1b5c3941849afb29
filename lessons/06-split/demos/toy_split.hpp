// The first idea: two tasks that share a stream.
#pragma once

#include <cstddef>
#include <memory>
#include <nara/net/tcp_stream.hpp>
#include <span>
#include <utility>

// [toy]
/// Two of these share a stream: one is for a task that reads, and one for a task that writes. The
/// stream is closed with the last of them.
class ToyHalf {
 public:
  explicit ToyHalf(std::shared_ptr<nara::net::TcpStream> stream) : stream_(std::move(stream)) {}

  auto read(std::span<std::byte> into) const { return stream_->read(into); }
  auto write(std::span<const std::byte> bytes) const { return stream_->write(bytes); }
  auto flush() const { return stream_->flush(); }
  auto shutdown() const { return stream_->shutdown(); }

 private:
  std::shared_ptr<nara::net::TcpStream> stream_;
};

inline std::pair<ToyHalf, ToyHalf> toy_split(nara::net::TcpStream stream) {
  auto shared = std::make_shared<nara::net::TcpStream>(std::move(stream));
  return {ToyHalf(shared), ToyHalf(shared)};
}
// [/toy]
