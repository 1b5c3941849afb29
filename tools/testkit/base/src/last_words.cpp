// A child process that is allowed to die.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <testkit/last_words.hpp>

namespace nara::test {

std::string last_words(const std::function<void()>& act) {
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) throw std::runtime_error("no pipe for the child process");
  const auto [reader, writer] = pipe_ends;
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no child process");
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // If it hangs, it ends with this test.
    ::dup2(writer, STDERR_FILENO);
    act();
    std::_Exit(0);
  }
  ::close(writer);
  std::string words;
  std::array<char, 512> buffer{};
  while (const ssize_t size = ::read(reader, buffer.data(), buffer.size())) {
    if (size > 0) words.append(buffer.data(), static_cast<std::size_t>(size));
  }
  ::close(reader);
  int status = 0;
  ::waitpid(child, &status, 0);
  return status != 0 ? words : "";
}

}  // namespace nara::test
