// System calls on descriptors, and their counter.
#include <fcntl.h>
#include <unistd.h>

#include <nara/counters.hpp>
#include <nara/current.hpp>
#include <nara/sys/call.hpp>
#include <nara/sys/file.hpp>

namespace nara::inline NARA_BUILD::sys {

void count() noexcept {
  if (Counters* counters = Current::counters()) ++counters->system_calls;
}

io::Result<std::size_t> read(int descriptor, std::span<std::byte> into) noexcept {
  return call([=] { return ::read(descriptor, into.data(), into.size()); });
}

io::Result<std::size_t> write(int descriptor, std::span<const std::byte> bytes) noexcept {
  return call([=] { return ::write(descriptor, bytes.data(), bytes.size()); });
}

void close(int descriptor) noexcept {
  // Why once: on Linux it is closed even when that says EINTR.
  (void)call_once([=] { return ::close(descriptor); });
}

io::Result<void> set_nonblocking(int descriptor) noexcept {
  const io::Result<int> flags = call([=] { return ::fcntl(descriptor, F_GETFL); });
  if (!flags) return std::unexpected(flags.error());
  const auto set = call([=] { return ::fcntl(descriptor, F_SETFL, *flags | O_NONBLOCK); });
  if (!set) return std::unexpected(set.error());
  return {};
}

}  // namespace nara::inline NARA_BUILD::sys
