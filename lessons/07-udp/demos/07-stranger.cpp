// Anybody may write to anybody. A socket that is connected takes from one only.
#include <cstdio>

#include "post.hpp"

namespace {

void read_all(const OwnedFd& box) {
  while (const auto words = take_out(box)) std::printf("  recv: %s\n", words->c_str());
}

void connect(const OwnedFd& box, const OwnedFd& other) {
  (void)nara::sys::connect(box.fd(), address_of(other));
}

}  // namespace

int main() {
  const OwnedFd bank = put_up_a_box();
  const OwnedFd thief = put_up_a_box();
  {
    std::printf("not connected\n");
    const OwnedFd box = put_up_a_box();
    (void)post(thief, address_of(box), "you owe me a million");
    (void)post(bank, address_of(box), "you have three coins");
    read_all(box);
  }
  // [stranger]
  std::printf("connected with the bank\n");
  const OwnedFd box = put_up_a_box();
  (void)post(thief, address_of(box), "you owe me a million, said early");
  connect(box, bank);
  (void)post(thief, address_of(box), "you owe me a million, said late");
  (void)post(bank, address_of(box), "you have three coins");
  read_all(box);
  // [/stranger]
}
