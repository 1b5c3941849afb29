// What has happened, and when, in the time of the runtime. With a paused clock it can be compared
// to the millisecond, and a check that fails shows the whole story.
#pragma once

#include <chrono>
#include <nara/time/pause.hpp>
#include <string>
#include <string_view>

namespace nara::test {

/// Begins when it is made: `diary.note("alarm")`, and later
/// `CHECK(diary.text() == "alarm 100, back 250")`. One thread only.
class Diary {
 public:
  /// Something has happened now.
  void note(std::string_view what) {
    if (!text_.empty()) text_ += ", ";
    text_ += what;
    text_ += " " + std::to_string(ms());
  }

  /// All that was noted, with the milliseconds from the beginning.
  const std::string& text() const noexcept { return text_; }

  /// The whole milliseconds that have passed since the beginning.
  long ms() const {
    using std::chrono::milliseconds;
    return static_cast<long>(
        std::chrono::duration_cast<milliseconds>(time::now() - start_).count());
  }

 private:
  time::Instant start_ = time::now();
  std::string text_;
};

}  // namespace nara::test
