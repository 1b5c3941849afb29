// The tests of 08-3. The clock stands still, and skips to the next alarm when all tasks wait.
#include <doctest/doctest.h>

#include <array>
#include <checkout.hpp>
#include <chrono>
#include <nara/async.hpp>
#include <nara/time/sleep.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <testkit/diary.hpp>
#include <testkit/runtime.hpp>

using namespace std::chrono_literals;

using nara::Async;
using nara::test::Diary;
using nara::test::run_paused;
using nara::test::step;
using nara::time::Duration;
using nara::time::sleep;

namespace {

/// Takes its time for each step, and writes down what happens. It lives longer than the runtime, in
/// case a task that was forgotten still uses it.
class Corner final : public Shop {
 public:
  Corner() = default;
  Corner(Duration reserve, Duration pay, Duration send)
      : reserve_takes(reserve), pay_takes(pay), send_takes(send) {}

  Async<Reservation> reserve() override {
    co_await sleep(reserve_takes);
    note("reserved");
    ++reserved;
    co_return Reservation(*this);
  }

  Async<Receipt> pay() override {
    Transfer transfer(*this, "money lost in the middle of a payment");
    co_await sleep(pay_takes);
    transfer.is_complete = true;
    note("paid");
    ++paid;
    co_return 7;
  }

  Async<> send(Reservation goods) override {
    co_await sleep(send_takes);
    goods.close();
    note("sent");
    ++sent;
  }

  Async<> refund(Receipt receipt) override {
    Transfer transfer(*this, "money lost in the middle of a refund");
    co_await sleep(10ms);
    transfer.is_complete = true;
    note(receipt == 7 ? "refunded" : "refunded somebody else");
    ++refunded;
  }

  /// Buys, and waits until all is over that was set off by that.
  Async<> serve(Duration limit) {
    diary_.emplace();
    const std::expected<Receipt, Step> bought = co_await buy(*this, limit);
    answer = bought ? "receipt " + std::to_string(*bought) : "no time to " + name(bought.error());
    note(answer);
    co_await sleep(1s);
  }

  /// All that has happened, and when.
  const std::string& text() const { return diary_->text(); }

  Duration reserve_takes{};
  Duration pay_takes{};
  Duration send_takes{};
  std::string answer;
  int reserved = 0;
  int released = 0;
  int paid = 0;
  int refunded = 0;
  int sent = 0;

 private:
  struct Transfer {
    Transfer(Corner& shop, std::string_view if_cut) : shop(shop), if_cut(if_cut) {}
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    ~Transfer() {
      if (!is_complete) shop.note(if_cut);
    }
    Corner& shop;
    std::string_view if_cut;
    bool is_complete = false;
  };

  static std::string name(Step step) {
    switch (step) {
      case Step::kReserve:
        return "reserve";
      case Step::kPay:
        return "pay";
      case Step::kSend:
        return "send";
    }
    return "?";
  }

  void release() noexcept override {
    note("released");
    ++released;
  }

  void note(std::string_view what) { diary_->note(what); }

  std::optional<Diary> diary_;
};

}  // namespace

TEST_CASE("08-3 Checkout: in time") {
  Corner shop(10ms, 20ms, 30ms);
  run_paused([&]() -> Async<> {
    step("reserve takes 10 ms, pay 20 ms, send 30 ms; the limit is 100 ms");
    co_await shop.serve(100ms);
    CHECK(shop.text() == "reserved 10, paid 30, sent 60, receipt 7 60");
  });
}

TEST_CASE("08-3 Checkout: no time to reserve") {
  Corner shop(150ms, 20ms, 30ms);
  run_paused([&]() -> Async<> {
    step("reserve takes 150 ms; the limit is 100 ms");
    co_await shop.serve(100ms);
    CHECK(shop.text() == "no time to reserve 100");
  });
}

TEST_CASE("08-3 Checkout: no time to send: goods and money go back") {
  Corner shop(40ms, 30ms, 50ms);
  run_paused([&]() -> Async<> {
    step("reserve takes 40 ms, pay 30 ms, send 50 ms, a refund 10 ms; the limit is 100 ms");
    co_await shop.serve(100ms);
    CHECK(shop.text() == "reserved 40, paid 70, released 100, no time to send 100, refunded 110");
  });
}

TEST_CASE("08-3 Checkout: no time to pay: what is paid too late comes back") {
  Corner shop(30ms, 150ms, 30ms);
  run_paused([&]() -> Async<> {
    step("reserve takes 30 ms, pay 150 ms, a refund 10 ms; the limit is 100 ms");
    co_await shop.serve(100ms);
    CHECK(shop.text() == "reserved 30, released 100, no time to pay 100, paid 180, refunded 190");
  });
}

TEST_CASE("08-3 Checkout: whatever the limit, no goods and no money are lost") {
  std::array<Corner, 12> shops;
  std::string answers;
  run_paused([&]() -> Async<> {
    step("reserve takes 30 ms, pay 40 ms, send 30 ms; the limit is 5, 15, 25, … 115 ms");
    Duration limit = -5ms;
    for (Corner& shop : shops) {
      shop.reserve_takes = 30ms;
      shop.pay_takes = 40ms;
      shop.send_takes = 30ms;
      limit += 10ms;
      step("a limit of ", limit / 1ms, " ms");
      co_await shop.serve(limit);
      answers += shop.answer + ", ";
      CHECK(shop.reserved == shop.released + shop.sent);
      CHECK(shop.paid == shop.refunded + shop.sent);
    }
    CHECK(answers ==
          "no time to reserve, no time to reserve, no time to reserve, "
          "no time to pay, no time to pay, no time to pay, no time to pay, "
          "no time to send, no time to send, no time to send, receipt 7, receipt 7, ");
  });
}
