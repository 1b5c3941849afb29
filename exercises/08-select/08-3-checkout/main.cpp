// Three people buy something, and the bank is slower each time.
#include <array>
#include <checkout.hpp>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::time::sleep;

class Talking final : public Shop {
 public:
  explicit Talking(std::chrono::milliseconds bank) : bank_(bank) {}

  Async<Reservation> reserve() override {
    co_await sleep(50ms);
    std::printf("  reserved\n");
    co_return Reservation(*this);
  }

  Async<Receipt> pay() override {
    co_await sleep(bank_);
    std::printf("  paid\n");
    co_return 7;
  }

  Async<> send(Reservation goods) override {
    co_await sleep(100ms);
    goods.close();
    std::printf("  sent\n");
  }

  Async<> refund(Receipt receipt) override {
    co_await sleep(50ms);
    std::printf("  receipt %d: paid back\n", receipt);
  }

 private:
  void release() noexcept override { std::printf("  back on the shelf\n"); }

  std::chrono::milliseconds bank_;
};

Async<> sell() {
  for (const auto bank : std::array{50ms, 200ms, 500ms}) {
    std::printf("the bank takes %d ms\n", static_cast<int>(bank.count()));
    Talking shop(bank);
    const auto bought = co_await buy(shop, 300ms);
    std::printf("  %s\n", bought ? "thank you" : "sorry, too late");
    co_await sleep(500ms);  // Until what has to be is paid back.
  }
}

}  // namespace

int main() { return nara::main(sell); }
