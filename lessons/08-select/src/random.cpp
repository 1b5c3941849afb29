// A counter, and a function that stirs it.
#include <nara/current.hpp>
#include <nara/random.hpp>

namespace nara::inline NARA_BUILD {

namespace {

constinit Random for_all(0);

}  // namespace

Random& Random::current() noexcept {
  if (Current::get() == nullptr) return for_all;
  auto* const random = static_cast<Random*>(Current::service(kRandomService, "Random"));
  return random != nullptr ? *random : for_all;
}

std::uint64_t Random::next() noexcept {
  // Why not fetch_add: it costs five times as much, and a number that comes twice does no harm.
  std::uint64_t number = state_.load(std::memory_order_relaxed) + 0x9E37'79B9'7F4A'7C15;
  state_.store(number, std::memory_order_relaxed);
  number = (number ^ (number >> 30)) * 0xBF58'476D'1CE4'E5B9;
  number = (number ^ (number >> 27)) * 0x94D0'49BB'1331'11EB;
  return number ^ (number >> 31);
}

}  // namespace nara::inline NARA_BUILD
