// A kitchen with two waiters, and a pipe from each of them. One thread listens to both.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/reactor.hpp>
#include <nara/spawn.hpp>
#include <pipe_reader.hpp>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace {

using nara::Async;
using nara::OwnedFd;

struct Pipe {
  OwnedFd reader;
  OwnedFd writer;

  Pipe() {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) std::perror("pipe");
    reader = OwnedFd(ends[0]);
    writer = OwnedFd(ends[1]);
  }
};

/// Two waiters who call their orders, not always in one breath. They live on a thread of their own.
void call(OwnedFd ada, OwnedFd basho) {
  const auto say = [](const OwnedFd& pipe, std::string_view words) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    (void)nara::sys::write(pipe.fd(), std::as_bytes(std::span(words)));
  };
  say(ada, "two so");
  say(basho, "one tea\n");
  say(ada, "ups\none cake\n");
  say(basho, "the bill");
  basho = OwnedFd();  // Closes it: he has gone.
  say(ada, "good night\n");
}

Async<> listen(std::string waiter, OwnedFd pipe) {
  const nara::io::Result<Source> source = adopt(std::move(pipe));
  if (!source) {
    std::printf("%s cannot be heard: %s\n", waiter.c_str(), source.error().message().c_str());
    co_return;
  }
  Lines lines(*source);
  while (true) {
    const nara::io::Result<Lines::Line> line = co_await lines.next();
    if (!line || !*line) break;
    std::printf("%s calls: %s\n", waiter.c_str(), (*line)->c_str());
  }
  std::printf("%s goes home\n", waiter.c_str());
}

Async<> cook(Pipe ada, Pipe basho) {
  const std::jthread waiters(call, std::move(ada.writer), std::move(basho.writer));
  auto to_ada = nara::spawn(listen, "Ada", std::move(ada.reader));
  auto to_basho = nara::spawn(listen, "Basho", std::move(basho.reader));
  (void)co_await to_ada;
  (void)co_await to_basho;
}

}  // namespace

int main() {
  nara::CurrentThread executor(nara::EpollDriver::open().value());
  executor.block_on(cook(Pipe(), Pipe()));
}
