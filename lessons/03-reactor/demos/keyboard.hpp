// Where a line of input comes from: the keyboard, or, when nobody is there, a thread that types
// after four beats of the heart, or when it has waited for them in vain.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <nara/owned_fd.hpp>
#include <nara/sys/file.hpp>
#include <thread>

#include "heart.hpp"
#include "pipe.hpp"

class Keyboard {
 public:
  /// Its descriptor, which the caller closes. It waits when it is read, like any that is new.
  ///
  /// Why not descriptor 0: "non-blocking" is a property of what is open and not of its number. The
  /// shell, and our own standard output, have the same terminal open, and would get it, too.
  nara::OwnedFd open() {
    if (::isatty(STDIN_FILENO) != 0) {
      const int terminal = ::open("/dev/tty", O_RDONLY | O_CLOEXEC);
      if (terminal != -1) return nara::OwnedFd(terminal);
    }
    nara::OwnedFd out = std::move(pipe_.out);
    ::fcntl(out.fd(), F_SETFL, 0);
    typist_ = std::jthread([this] {
      for (int i = 0; i < 15 && beats < 4; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
      }
      pipe_.write("\n");
    });
    return out;
  }

 private:
  Pipe pipe_;
  std::jthread typist_;
};
