// Four mirrors, of which the fastest two are no good.
#include <chrono>
#include <cstdio>
#include <mirrors.hpp>
#include <nara/main.hpp>
#include <nara/time/sleep.hpp>

namespace {

using namespace std::chrono_literals;
using nara::Async;

/// Answers after a while, and says what happens.
class Server final : public Mirror {
 public:
  Server(std::string name, std::chrono::milliseconds delay, File answer)
      : name_(std::move(name)), delay_(delay), answer_(std::move(answer)) {}

  Async<File> fetch() override {
    const Connection connection(name_);
    co_await nara::time::sleep(delay_);
    std::printf("%-8s %s\n", name_.c_str(), answer_ ? "sends the file" : "says no");
    co_return answer_;
  }

 private:
  struct Connection {
    explicit Connection(const std::string& name) : name(name) {
      std::printf("%-8s is asked\n", name.c_str());
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { std::printf("%-8s is closed\n", name.c_str()); }
    const std::string& name;
  };

  std::string name_;
  std::chrono::milliseconds delay_;
  File answer_;
};

Async<> fetch() {
  Server berlin("Berlin", 40ms, std::unexpected("404"));
  Server lagos("Lagos", 120ms, "from Lagos");
  Server lima("Lima", 200ms, "from Lima");
  Server osaka("Osaka", 80ms, std::unexpected("503"));
  const std::vector<Mirror*> mirrors{&berlin, &lagos, &lima, &osaka};
  const File file = co_await first_good(mirrors);
  std::printf("%s\n", file ? file->c_str() : file.error().c_str());
}

}  // namespace

int main() { return nara::main(fetch); }
