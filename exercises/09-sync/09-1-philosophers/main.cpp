// Five philosophers have dinner.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>
#include <table.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;

/// Takes its time, and says what it does.
class Talking final : public Philosopher {
 public:
  explicit Talking(const char* name) : name_(name) {}

  Async<> wipe(Fork& fork) override {
    std::printf("%-7s wipes a fork\n", name_);
    ++fork.wiped;
    co_await nara::time::sleep(100ms);
  }

  Async<> eat() override {
    std::printf("%-7s eats\n", name_);
    co_await nara::time::sleep(300ms);
    std::printf("%-7s is done\n", name_);
  }

 private:
  const char* name_;
};

Async<> dinner() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Table table;
  std::array<Talking, Table::kSeats> guests{Talking("Plato"), Talking("Sappho"), Talking("Kant"),
                                            Talking("Arendt"), Talking("Zeno")};
  nara::JoinSet<void> meals;
  for (std::size_t seat = 0; seat < Table::kSeats; ++seat) {
    meals.spawn(table.dine(seat, guests[seat]));
  }
  co_await std::move(meals).join_all();
  std::printf("all have eaten\n");
}

}  // namespace

int main() { return nara::main(dinner); }
