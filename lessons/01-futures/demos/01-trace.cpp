// Where does a suspended chain of coroutines stand? It knows the line of every co_await.
#include <cstdio>
#include <nara/async.hpp>
#include <source_location>
#include <string>

#include "server.hpp"

using nara::Async;

// [main]
Async<std::string> read_header(Server& server) {
  std::string header = co_await server.ask();
  co_return header;
}

Async<std::string> read_page(Server& server) {
  std::string header = co_await read_header(server);
  std::string body = co_await server.ask();
  co_return header + body;
}

Async<> show_page(Server& server) {
  std::string page = co_await read_page(server);
  std::printf("%s\n", page.c_str());
}

void print_trace(const char* when, const Async<>& async) {
  std::printf("%s\n", when);
  for (const std::source_location& where : async.trace().stops) {
    std::printf("  %s:%u\n", where.file_name(), static_cast<unsigned>(where.line()));
  }
}
// [/main]

int main() {
  const nara::Waker nobody = nara::Waker::noop();
  nara::Context context(nobody);
  Server server;
  Async<> page = show_page(server);
  print_trace("called:", page);
  (void)page.poll(context);
  print_trace("polled:", page);
  server.reply("the header, ");
  (void)page.poll(context);
  print_trace("polled, with the header there:", page);
  server.reply("the body");
  (void)page.poll(context);
  print_trace("polled, with the body there:", page);
}
