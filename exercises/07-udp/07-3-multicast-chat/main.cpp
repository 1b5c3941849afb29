// A chat in as many terminals as you like, at port 7073 of the group 239.7.7.7, or at the port that
// is given. The first line that you type is your name. Nothing leaves this machine.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chat.hpp>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <nara/async_fd.hpp>
#include <nara/io/ready.hpp>
#include <nara/main.hpp>
#include <nara/spawn.hpp>
#include <nara/sys/file.hpp>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

namespace {

using nara::Async;
using nara::AsyncFd;
using nara::io::Result;
using nara::net::SocketAddr;

/// Reads what was typed; `EAGAIN` when nothing was. The terminal belongs to the shell, too: so it
/// is asked first, and not made non-blocking.
struct ReadTyped {
  std::span<std::byte> into;

  Result<std::size_t> operator()(int keyboard) const {
    pollfd asked = {.fd = keyboard, .events = POLLIN, .revents = 0};
    if (::poll(&asked, 1, 0) == 0) {
      return std::unexpected(std::error_code(EAGAIN, std::system_category()));
    }
    return nara::sys::read(keyboard, into);
  }
};

/// The lines that somebody types.
class Keyboard {
 public:
  explicit Keyboard(AsyncFd<int> keyboard) : keyboard_(std::move(keyboard)) {}

  /// The next one, or nothing when there will be no more.
  Async<std::optional<std::string>> next_line() {
    std::array<std::byte, 1000> buffer;
    std::size_t end = typed_.find('\n');
    while (end == std::string::npos) {
      const ReadTyped read{buffer};
      const auto size = co_await keyboard_.async_io(nara::io::Interest::kReadable, read);
      if (!size || *size == 0) co_return std::nullopt;
      typed_ += nara::io::as_text(std::span(buffer).first(*size));
      end = typed_.find('\n');
    }
    std::string line = typed_.substr(0, end);
    typed_.erase(0, end + 1);
    co_return line;
  }

 private:
  AsyncFd<int> keyboard_;
  std::string typed_;
};

void print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

/// What strangers send may be anything. What a terminal would take for a command is left out.
std::string harmless(const std::string& text) {
  std::string clean;
  for (const char letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code >= 0x20 && code != 0x7f) clean += letter;
  }
  return clean;
}

Async<Result<void>> listen(std::shared_ptr<const Member> me) {
  while (true) {
    const Result<std::string> text = co_await hear(*me);
    if (!text) co_return std::unexpected(text.error());
    print(harmless(*text));
  }
}

/// Says what is typed, to the end.
Async<Result<void>> speak(std::shared_ptr<const Member> me) {
  auto opened = AsyncFd<int>::try_new(STDIN_FILENO, nara::io::Interest::kReadable);
  if (!opened) co_return Result<void>();  // Such as /dev/null: there is nobody who types.
  Keyboard keyboard(*std::move(opened));
  print("What is your name?");
  const std::optional<std::string> name = co_await keyboard.next_line();
  if (!name) co_return Result<void>();
  const Result<void> came = co_await say(*me, *name + " is here");
  if (!came) co_return came;
  while (true) {
    const std::optional<std::string> line = co_await keyboard.next_line();
    if (!line) break;
    const Result<void> said = co_await say(*me, *name + ": " + *line);
    if (!said) print("That was not said: " + said.error().message());
  }
  const Result<void> left = co_await say(*me, *name + " has left");
  co_return left;
}

Async<Result<void>> chat(std::string address) {
  const auto group = SocketAddr::parse(address);
  if (!group) {
    print(group.error().message());
    co_return std::unexpected(std::make_error_code(std::errc::invalid_argument));
  }
  Result<Member> joined = co_await join(*group);
  if (!joined) co_return std::unexpected(joined.error());
  const auto me = std::make_shared<const Member>(*std::move(joined));
  print("You hear what is said at " + address + ", until Ctrl-C.");
  auto listening = nara::spawn(listen(me));
  const Result<void> spoken = co_await speak(me);
  if (!spoken) co_return spoken;
  auto ended = co_await listening;
  co_return std::move(ended).value();
}

}  // namespace

int main(int count, char** arguments) {
  const std::string port = count > 1 ? arguments[1] : "7073";
  return nara::main(chat, "239.7.7.7:" + port);
}
