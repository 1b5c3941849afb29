// A thousand datagrams to somebody who does not look into the box just now.
#include <linux/sock_diag.h>

#include <array>
#include <cstdio>
#include <vector>

#include "post.hpp"

namespace {

/// How many have come and were thrown away, as there was no room.
std::uint32_t dropped(const OwnedFd& box) {
  using Memory = std::array<std::uint32_t, SK_MEMINFO_VARS>;
  return nara::sys::get_option<Memory>(box.fd(), SOL_SOCKET, SO_MEMINFO).value()[SK_MEMINFO_DROPS];
}

// [send]
void send_to_the_sleeper(const char* who, std::size_t size, int room) {
  const OwnedFd box = put_up_a_box();
  const OwnedFd sender = put_up_a_box();
  if (room != 0) (void)nara::sys::set_option(box.fd(), SOL_SOCKET, SO_RCVBUF, room);
  const std::vector<std::byte> words(size);
  int sent = 0;
  for (int i = 0; i < 1000; ++i) {
    if (post(sender, address_of(box), words)) ++sent;
  }
  int arrived = 0;
  while (take_out(box)) ++arrived;
  std::printf("%-26s sent %4d, arrived %4d, thrown away %4u\n", who, sent, arrived, dropped(box));
}
// [/send]

}  // namespace

int main() {
  send_to_the_sleeper("10 bytes each", 10, 0);
  send_to_the_sleeper("1000 bytes each", 1000, 0);
  send_to_the_sleeper("10 bytes, a smaller box", 10, 20'000);
}
