// From texts to addresses: what is known at once, what another thread has to ask, what is no
// address.
#include <algorithm>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/net/lookup.hpp>
#include <nara/runtime.hpp>

using nara::Async;
using nara::net::lookup_host;
using nara::net::SocketAddr;

/// Shows the first address of IPv4, or else the first.
Async<> ask(const char* text) {
  const auto found = co_await lookup_host(text);
  if (!found) {
    std::printf("%-15s %s\n", text, found.error().message().c_str());
    co_return;
  }
  const auto v4 = std::ranges::find_if(*found, &SocketAddr::is_v4);
  const SocketAddr shown = v4 != found->end() ? *v4 : found->front();
  std::printf("%-15s %s\n", text, shown.to_string().c_str());
}

Async<> ask_all() {
  co_await ask("127.0.0.1:80");
  co_await ask("[::1]:80");
  co_await ask("localhost:80");
  co_await ask("localhost");
  co_await ask("localhost:http");
}

int main() {
  nara::Runtime runtime = nara::Runtime::create().value();
  runtime.block_on(ask_all());
  const auto parsed = SocketAddr::parse("localhost:80");
  std::printf("parse(): %s\n", parsed.error().message().c_str());
}
