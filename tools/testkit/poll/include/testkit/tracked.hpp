// Objects that can be counted: does everything that is born also die, and when?
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace nara::test {

/// An object with a name. `alive()` tells how many exist, `deaths()` in which order they went.
/// It can be moved but not copied; an object that was moved from no longer counts. One thread only.
class Tracked {
 public:
  explicit Tracked(std::string name = "tracked") : name_(std::move(name)) { ++alive_; }
  Tracked(Tracked&& other) noexcept
      : name_(std::move(other.name_)), counts_(std::exchange(other.counts_, false)) {}
  Tracked& operator=(Tracked&&) = delete;
  ~Tracked() {
    if (!counts_) return;
    --alive_;
    deaths_.push_back(name_);
  }

  const std::string& name() const noexcept { return name_; }

  static int alive() noexcept { return alive_; }

  /// The names of those that died since this was last asked, the first to die first.
  static std::vector<std::string> deaths() { return std::exchange(deaths_, {}); }

 private:
  std::string name_;
  bool counts_ = true;

  static inline int alive_ = 0;
  static inline std::vector<std::string> deaths_;
};

}  // namespace nara::test
