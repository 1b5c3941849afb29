// Five people ask a database that two of them at a time can talk to. One connection breaks.
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>
#include <pool.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::time::sleep;

class Line final : public Connection {
 public:
  explicit Line(int number) : number(number) { std::printf("       line %d is open\n", number); }
  ~Line() override { std::printf("       line %d is closed\n", number); }

  bool is_broken() const noexcept override { return has_failed; }

  int number;
  bool has_failed = false;
};

class Database final : public Server {
 public:
  Async<std::unique_ptr<Connection>> connect() override {
    const int number = ++lines_;
    co_await sleep(20ms * number);  // No two things happen at the same time.
    std::unique_ptr<Connection> line = std::make_unique<Line>(number);
    co_return line;
  }

 private:
  int lines_ = 0;
};

Async<> ask(Pool& pool, const char* name) {
  const auto lease = co_await pool.acquire(400ms);
  if (!lease) {
    std::printf("%-6s had no time to wait\n", name);
    co_return;
  }
  auto& line = static_cast<Line&>(**lease);  // Safe because: a Database opens nothing else.
  std::printf("%-6s asks on line %d\n", name, line.number);
  co_await sleep(200ms);
  line.has_failed = line.number == 2;
  std::printf("%-6s %s\n", name, line.has_failed ? "was cut off" : "has an answer");
}

Async<> office() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Database database;
  Pool pool(database, 2);
  nara::JoinSet<void> tasks;
  for (const char* const name : std::array{"Ada", "Bo", "Cleo", "Dan", "Eve"}) {
    tasks.spawn(ask(pool, name));
  }
  co_await std::move(tasks).join_all();
  std::printf("       %zu in the pool\n", pool.idle());
}

}  // namespace

int main() { return nara::main(office); }
