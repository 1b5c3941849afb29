// What the edges of a datagram are good for, and what falls off there.
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "post.hpp"

using nara::io::Result;

namespace {

void tell(const char* what, const Result<std::size_t>& size) {
  if (size) std::printf("  %s: %zu\n", what, *size);
  if (!size) std::printf("  %s: %s\n", what, size.error().message().c_str());
}

/// Receives the next one, with room for so many bytes.
void receive(const OwnedFd& box, std::size_t room, int flags = 0) {
  std::vector<std::byte> into(room);
  tell("recv", nara::sys::recv(box.fd(), into, flags));
}

// [cut]
void cut() {
  std::printf("\"weather in Nara\" and \"time\", with room for 8 bytes\n");
  const OwnedFd box = put_up_a_box();
  const OwnedFd sender = put_up_a_box();
  (void)post(sender, address_of(box), "weather in Nara");
  (void)post(sender, address_of(box), "time");
  for (int i = 0; i < 3; ++i) receive(box, 8);
}
// [/cut]

void ask_for_the_size() {
  std::printf("the same, with MSG_TRUNC\n");
  const OwnedFd box = put_up_a_box();
  (void)post(put_up_a_box(), address_of(box), "weather in Nara");
  receive(box, 8, MSG_TRUNC);
}

void send_nothing() {
  std::printf("\"tea\", \"\" and \"milk\"\n");
  const OwnedFd box = put_up_a_box();
  const OwnedFd sender = put_up_a_box();
  for (const char* words : {"tea", "", "milk"}) (void)post(sender, address_of(box), words);
  for (int i = 0; i < 3; ++i) receive(box, 8);
}

void send_much() {
  std::printf("the longest one, and one byte more\n");
  const OwnedFd box = put_up_a_box();
  const std::vector<std::byte> story(65'508);
  for (const std::size_t size : {65'507, 65'508}) {
    tell("send", post(put_up_a_box(), address_of(box), std::span(story).first(size)));
  }
  receive(box, story.size());
}

}  // namespace

int main() {
  cut();
  ask_for_the_size();
  send_nothing();
  send_much();
}
