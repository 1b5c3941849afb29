// Something to wait for that the kernel knows: a descriptor that nobody has written to yet.
#pragma once

#include <nara/async_fd.hpp>
#include <nara/sys/epoll.hpp>
#include <utility>

using Bell = nara::AsyncFd<nara::OwnedFd>;

/// A bell that nobody has rung, in the current runtime.
inline Bell make_bell() {
  nara::OwnedFd descriptor = nara::sys::eventfd().value();
  return Bell::try_new(std::move(descriptor)).value();
}
