// Buying something, in three steps with one deadline.
#pragma once

#include <cstdint>
#include <expected>
#include <nara/async.hpp>
#include <nara/join_handle.hpp>
#include <nara/spawn.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <utility>

class Reservation;

/// Given. The number of a payment that has come through.
using Receipt = int;

/// Given. It lives longer than all tasks that use it.
class Shop {
 public:
  Shop() = default;
  Shop(const Shop&) = delete;
  Shop& operator=(const Shop&) = delete;
  virtual ~Shop() = default;

  /// Puts the goods aside. Cancel safe: given up, nothing is put aside.
  virtual nara::Async<Reservation> reserve() = 0;

  /// Sends money to the bank, and waits for the receipt. Cancel safety: none. Given up, the money
  /// is gone, and there is no receipt.
  virtual nara::Async<Receipt> pay() = 0;

  /// Sends the goods. Cancel safe: given up, nothing is sent, and the reservation is released.
  virtual nara::Async<> send(Reservation goods) = 0;

  /// Pays back. Cancel safety: none, as for `pay()`.
  virtual nara::Async<> refund(Receipt receipt) = 0;

 private:
  friend Reservation;
  virtual void release() noexcept = 0;
};

/// Given. Goods that are put aside. Destroying it releases them, unless they have been sent.
class [[nodiscard]] Reservation {
 public:
  explicit Reservation(Shop& shop) noexcept : shop_(&shop) {}
  Reservation(Reservation&& other) noexcept : shop_(std::exchange(other.shop_, nullptr)) {}
  Reservation& operator=(Reservation&&) = delete;
  ~Reservation() {
    if (shop_ != nullptr) shop_->release();
  }

  /// The goods have been sent.
  void close() noexcept { shop_ = nullptr; }

 private:
  Shop* shop_;
};

/// What there was no time for.
enum class Step : std::uint8_t { kReserve, kPay, kSend };

/// A task of its own: waits for a payment that comes too late, and pays it back.
inline nara::Async<> give_back(Shop& shop, nara::JoinHandle<Receipt> payment) {
  // BEGIN SOLUTION
  // STARTER: nara::todo("08-3: give_back() waits for the payment, and refunds it");
  // STARTER: co_return;
  const auto late = co_await payment;
  if (late) co_await shop.refund(*late);
  // END SOLUTION
}

/// Reserves, pays, and sends, with `limit` for all three together. Gives the receipt; or the step
/// that was going on when the time was over, and that at once: then nothing stays reserved, nothing
/// is sent, and what was paid is paid back as soon as it can be.
///
/// Cancel safety: none, once it pays. It has its own limit: do not give it another one.
inline nara::Async<std::expected<Receipt, Step>> buy(Shop& shop, nara::time::Duration limit) {
  // BEGIN SOLUTION
  // STARTER: co_return nara::todo("08-3: buy() reserves, pays and sends, until one deadline");
  const nara::time::Instant deadline = nara::time::now() + limit;
  auto reserved = co_await nara::time::timeout_at(deadline, shop.reserve());
  if (!reserved) co_return std::unexpected(Step::kReserve);

  nara::JoinHandle<Receipt> payment = nara::spawn(shop.pay());
  auto paid = co_await nara::time::timeout_at(deadline, payment);
  if (!paid) {
    (void)nara::spawn(give_back(shop, std::move(payment)));
    co_return std::unexpected(Step::kPay);
  }
  const Receipt receipt = paid->value();

  auto sending = shop.send(*std::move(reserved));
  const auto sent = co_await nara::time::timeout_at(deadline, std::move(sending));
  if (!sent) {
    (void)nara::spawn(shop.refund(receipt));
    co_return std::unexpected(Step::kSend);
  }
  co_return receipt;
  // END SOLUTION
}
