// A task that waits for a future which has forgotten to store the waker.
#include <nara/async.hpp>
#include <nara/current_thread.hpp>
#include <nara/yield_now.hpp>
#include <string_view>

using nara::Async;

// [main]
struct Forgetful {
  using Output = void;
  static constexpr std::string_view kWaitsFor = "Forgetful";
  nara::Poll<void> poll(nara::Context&) { return nara::kPending; }
};

Async<> eat() { co_await Forgetful(); }

Async<> guest() { co_await eat(); }

Async<> host() {
  const nara::JoinHandle<void> handle = nara::spawn(guest());
  co_await nara::yield_now();
}

int main() { nara::block_on(host()); }
// [/main]
