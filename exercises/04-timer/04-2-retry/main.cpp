// A thousand clients, and a server that answers only so many at a time. The clock stands still, so
// that minutes pass in no time.
#include <cstdio>
#include <expected>
#include <functional>
#include <nara/async.hpp>
#include <nara/runtime.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <random>
#include <retry.hpp>
#include <vector>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::time::Instant;

struct Busy {};
using Answer = std::expected<void, Busy>;

/// Answers 20 requests in each tenth of a second, and fails all others.
class Server {
 public:
  Answer answer() {
    ++requests_;
    const auto tenth = (nara::time::now() - start_) / 100ms;
    if (tenth != tenth_) answered_ = 0;
    tenth_ = tenth;
    if (answered_ == 20) return std::unexpected(Busy());
    ++answered_;
    return {};
  }

  /// How many have asked, and how long it took to answer them all.
  void report() const {
    const auto seconds = std::chrono::duration<double>(nara::time::now() - start_).count();
    std::printf("%5d requests, all answered after %.1f s\n", requests_, seconds);
  }

 private:
  Instant start_ = nara::time::now();
  long tenth_ = 0;
  int answered_ = 0;
  int requests_ = 0;
};

struct Ask {
  Async<Answer> operator()() const { co_return server.answer(); }

  Server& server;
};

Async<> be_client(Server& server, std::function<double()> random) {
  const RetryPolicy policy{.attempts = 1000, .first = 100ms, .cap = 10s};
  (void)co_await retry(policy, Ask(server), std::move(random));
}

Async<> crowd(bool has_jitter) {
  Server server;
  std::vector<nara::JoinHandle<void>> clients;
  for (unsigned seed = 0; seed < 1000; ++seed) {
    std::function<double()> random = [] { return 1.0; };
    if (has_jitter) random = [engine = std::mt19937(seed)]() mutable { return engine() / 0x1p32; };
    clients.push_back(nara::spawn(be_client(server, std::move(random))));
  }
  for (auto& client : clients) (void)co_await client;
  server.report();
}

}  // namespace

int main() {
  auto builder = nara::Runtime::Builder::current_thread();
  for (const bool has_jitter : {false, true}) {
    std::printf(has_jitter ? "with jitter:    " : "without jitter: ");
    builder.enable_time().start_paused().build()->block_on(crowd(has_jitter));
  }
}
