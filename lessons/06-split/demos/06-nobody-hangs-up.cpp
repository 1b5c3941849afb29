// Two tasks share a stream. The one that writes is done. Who tells the other side?
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/read.hpp>
#include <nara/io/write.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <string>
#include <utility>

#include "say_why.hpp"
#include "tcp_pair.hpp"
#include "toy_split.hpp"

using nara::Async;
using nara::io::read_to_string;
using nara::io::write_all;

namespace {

/// Says how many letters it got, when there are no more.
Async<> count(TcpStream stream) {
  std::string text;
  const auto size = co_await read_to_string(stream, text);
  (void)co_await write_all(stream, std::to_string(size.value()));
}

// [ask]
Async<> speak(ToyHalf writer) { (void)co_await write_all(writer, "hello"); }

Async<> ask(TcpStream stream) {
  auto [reader, writer] = toy_split(std::move(stream));
  (void)nara::spawn(speak(std::move(writer)));
  std::string answer;
  (void)co_await read_to_string(reader, answer);
  std::printf("%s letters\n", answer.c_str());
}
// [/ask]

Async<> talk() {
  Pair pair = co_await connected();
  (void)nara::spawn(count(std::move(pair.server)));
  auto asking = nara::spawn(ask(std::move(pair.client)));
  co_await wait_or_say_why(std::move(asking));
}

}  // namespace

int main() { return nara::main(talk); }
