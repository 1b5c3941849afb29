// Nobody lives there. Who hears of it, and when?
#include <cstdio>
#include <optional>

#include "post.hpp"

using nara::io::Result;

namespace {

void tell(const char* what, const Result<std::size_t>& size) {
  std::printf("  %s: %s\n", what, size ? "done" : size.error().message().c_str());
}

void listen(const OwnedFd& box) {
  const Result<std::string> words = take_out(box);
  std::printf("  recv: %s\n", words ? words->c_str() : words.error().message().c_str());
}

// [sent_to]
void without_connect(const SocketAddr& empty_house) {
  std::printf("send_to\n");
  const OwnedFd box = put_up_a_box();
  for (int i = 0; i < 2; ++i) tell("send", post(box, empty_house, "hello?"));
  listen(box);
}
// [/sent_to]

// [connected]
void with_connect(const SocketAddr& empty_house) {
  std::printf("connect, and send\n");
  const OwnedFd box = put_up_a_box();
  (void)nara::sys::connect(box.fd(), empty_house);
  const auto send = [&box] { return nara::sys::send(box.fd(), nara::io::as_bytes("hello?")); };
  tell("send", send());
  tell("send", send());
  tell("send", send());
  listen(box);
  listen(box);

  std::printf("somebody moves in\n");
  const OwnedFd neighbour = nara::sys::socket(AF_INET, SOCK_DGRAM).value();
  (void)nara::sys::bind(neighbour.fd(), empty_house);
  tell("send", send());
  tell("send", send());
  listen(box);
}
// [/connected]

}  // namespace

int main() {
  std::optional<OwnedFd> house = put_up_a_box();
  const SocketAddr address = address_of(*house);
  house.reset();  // They have moved out.
  without_connect(address);
  with_connect(address);
}
