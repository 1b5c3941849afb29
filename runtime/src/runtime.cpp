// Puts the drivers together, and takes the runtime down in the right order.
#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <nara/misuse.hpp>
#include <nara/reactor.hpp>
#include <nara/runtime.hpp>
#include <nara/time/timers.hpp>
#include <random>

namespace nara::inline NARA_BUILD {

namespace {

/// The places of all services. Each layer chooses its own, and does not know those above it.
constexpr std::array kPlaces{kSchedulerService, kBlockingService, kWorkService,  kReactorService,
                             kTimerService,     kRuntimeService,  kRandomService};

consteval bool are_all_different(std::array<std::size_t, kPlaces.size()> places) {
  std::ranges::sort(places);
  return std::ranges::adjacent_find(places) == places.end();
}
static_assert(are_all_different(kPlaces), "two layers put their service into the same place");

}  // namespace

Handle Handle::current() {
  auto* const core =
      static_cast<detail::RuntimeCore*>(Current::service(kRuntimeService, "Handle::current()"));
  if (core == nullptr) throw Misuse("Handle::current() needs a runtime made by Runtime::Builder");
  return Handle(core->shared_from_this());
}

void Handle::throw_empty() {
  throw Misuse("a runtime or a handle was used, but it is empty: it was moved from, or shut down");
}

io::Result<Runtime> Runtime::create() { return Builder::current_thread().enable_all().build(); }

Runtime::~Runtime() noexcept(false) {
  if (handle_.core_ == nullptr) return;  // Moved from, or shut down.
  if (Current::runs() == nullptr) {
    shut_down(std::nullopt);
    return;
  }
  shut_down(std::chrono::nanoseconds(0));
  if (std::uncaught_exceptions() > 0) return;  // Why we go is on its way already.
  throw Misuse(
      "a runtime was destroyed inside of a task: that may stop the thread that runs all tasks; "
      "call std::move(runtime).shutdown_background() instead");
}

void Runtime::shutdown_timeout(std::chrono::nanoseconds timeout) && {
  if (Current::runs() != nullptr && timeout != std::chrono::nanoseconds(0)) {
    throw Misuse(
        "shutdown_timeout() was called inside of a task: it would stop the thread that runs all "
        "tasks; call shutdown_background() instead");
  }
  shut_down(timeout);
}

void Runtime::shutdown_background() && { shut_down(std::chrono::nanoseconds(0)); }

void Runtime::shut_down(std::optional<std::chrono::nanoseconds> timeout) {
  const Handle last = std::move(handle_);
  last.executor().close();
  (void)last.executor().work_elsewhere().wait_until_none(timeout);
}

Runtime::Builder& Runtime::Builder::enable_io() noexcept {
  has_io_ = true;
  return *this;
}

Runtime::Builder& Runtime::Builder::enable_time() noexcept {
  has_time_ = true;
  return *this;
}

Runtime::Builder& Runtime::Builder::start_paused(bool is_paused) noexcept {
  is_paused_ = is_paused;
  return *this;
}

Runtime::Builder& Runtime::Builder::event_interval(int turns) {
  if (turns < 1) throw Misuse("event_interval(): it takes at least one turn to look once");
  options_.event_interval = turns;
  return *this;
}

Runtime::Builder& Runtime::Builder::rng_seed(std::uint64_t seed) noexcept {
  seed_ = seed;
  return *this;
}

Runtime::Builder& Runtime::Builder::on_thread_park(std::function<void()> hook) {
  options_.on_park = std::move(hook);
  return *this;
}

Runtime::Builder& Runtime::Builder::on_thread_unpark(std::function<void()> hook) {
  options_.on_unpark = std::move(hook);
  return *this;
}

io::Result<Runtime> Runtime::Builder::build() const {
  if (is_paused_ && !has_time_) {
    throw Misuse("start_paused() needs a clock to stop: call enable_time(), too");
  }
  std::unique_ptr<Park> park;
  if (has_io_) {
    io::Result<std::unique_ptr<EpollDriver>> driver = EpollDriver::open();
    if (!driver) return std::unexpected(driver.error());
    park = *std::move(driver);
  } else {
    park = std::make_unique<ThreadParker>();
  }
  if (has_time_) {
    park = std::make_unique<time::TimeDriver>(std::move(park), is_paused_);
  }
  const std::uint64_t seed = seed_ ? *seed_ : std::random_device()();
  return Runtime(std::make_shared<detail::RuntimeCore>(std::move(park), options_, seed));
}

}  // namespace nara::inline NARA_BUILD
