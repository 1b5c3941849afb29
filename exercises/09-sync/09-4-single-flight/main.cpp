// A news desk: many readers, and an archive that takes its time.
#include <array>
#include <cache.hpp>
#include <chrono>
#include <cstdio>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using nara::Async;
using nara::time::sleep;

class Archive final : public Source {
 public:
  Async<Loaded> load(std::string key) override {
    std::printf("       somebody goes down for the %s\n", key.c_str());
    const auto time = key == "weather" ? 400ms : 150ms;
    co_await sleep(time);
    if (std::exchange(is_locked_, false)) {
      std::printf("       the door is locked\n");
      co_return std::unexpected("not today");
    }
    std::printf("       here is the %s\n", key.c_str());
    co_return "the " + key;
  }

 private:
  bool is_locked_ = true;
};

Async<> read(Cache& cache, const char* name, const char* key) {
  const Loaded text = co_await cache.get(key);
  std::printf("%-6s reads: %s\n", name, text ? text->c_str() : text.error().c_str());
}

Async<> desk() {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Archive archive;
  Cache cache(archive);
  nara::JoinSet<void> readers;
  for (const char* const name : std::array{"Ada", "Bo", "Cleo"}) {
    readers.spawn(read(cache, name, "news"));
  }
  for (const char* const name : std::array{"Dan", "Eve"}) {
    readers.spawn(read(cache, name, "weather"));
  }
  co_await std::move(readers).join_all();
  co_await read(cache, "Fay", "news");
}

}  // namespace

int main() { return nara::main(desk); }
