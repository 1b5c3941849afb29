// A server that keeps lines, until Ctrl-C: then it takes leave of everybody first.
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/runtime.hpp>
#include <nara/time/sleep.hpp>
#include <programs/ctrl_c.hpp>
#include <programs/listen.hpp>
#include <server.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::io::Result;
using nara::net::TcpListener;

/// A journal on a slow disk.
class Paper final : public Journal {
 public:
  Async<> append(std::string line) override {
    co_await nara::time::sleep(50ms);
    lines_.push_back(std::move(line));
  }
  Async<> flush() override {
    std::printf("The journal:\n");
    for (const std::string& line : lines_) std::printf("  %s\n", line.c_str());
    co_return;
  }

 private:
  std::vector<std::string> lines_;
};

Async<Result<void>> keep_lines(std::string port) {
  Result<TcpListener> listener = co_await programs::listen(port, "I listen at");
  if (!listener) co_return std::unexpected(listener.error());
  Paper paper;
  const Report report = co_await serve(*std::move(listener), programs::ctrl_c(), paper, 5s);
  std::printf("%d came, %d were cut off\n", report.came, report.aborted);
  co_return Result<void>();
}

}  // namespace

/// The port may be given.
int main(int count, char** arguments) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  programs::block_ends();
  const std::string port = count > 1 ? arguments[1] : "7005";
  const Result<void> done = nara::Runtime::create().value().block_on(keep_lines(port));
  if (!done) std::printf("%s\n", done.error().message().c_str());
  return done ? 0 : 1;
}
