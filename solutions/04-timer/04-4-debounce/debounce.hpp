// Of many values that come in a burst, only the last: once nothing more has come for a while.
#pragma once

#include <deque>
#include <nara/async.hpp>
#include <nara/future.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <optional>
#include <string_view>
#include <utility>

/// Given. Values, one after the other. One thread only; one task waits at a time.
template <class T>
class Source {
 public:
  /// Ready with the next value, or with nothing when there will be no more. Destroying it loses
  /// nothing.
  class [[nodiscard]] Next {
   public:
    using Output = std::optional<T>;
    static constexpr std::string_view kWaitsFor = "Source::next()";

    explicit Next(Source& source) : source_(source) {}

    nara::Poll<Output> poll(nara::Context& context) {
      if (!source_.values_.empty()) {
        Output value(std::move(source_.values_.front()));
        source_.values_.pop_front();
        return value;
      }
      if (source_.is_closed_) return Output();
      source_.waiting_.clone_from(context.waker());
      return nara::kPending;
    }

   private:
    Source& source_;
  };

  Next next() { return Next(*this); }

  void push(T value) {
    values_.push_back(std::move(value));
    wake();
  }

  /// There will be no more values than those that have been pushed.
  void close() {
    is_closed_ = true;
    wake();
  }

 private:
  void wake() { std::exchange(waiting_, nara::Waker::noop()).wake(); }

  std::deque<T> values_;
  bool is_closed_ = false;
  nara::Waker waiting_ = nara::Waker::noop();
};

/// Takes all values from a source, and gives on the last one of each burst: one after which nothing
/// came for `quiet`.
template <class T>
class Debounce {
 public:
  Debounce(Source<T>& source, nara::time::Duration quiet) : source_(source), quiet_(quiet) {}

  /// Waits for a burst, and for its end, and gives its last value. When the source has no more,
  /// that is the end of a burst, too; and once there is no value left, gives nothing.
  ///
  /// Cancel safety: destroying it loses nothing that has come from the source. The next call goes
  /// on with that, and the time that was quiet already counts.
  nara::Async<std::optional<T>> next() {
    // BEGIN SOLUTION
    // STARTER: co_return nara::todo("04-4: next() waits for values until it is quiet, and gives the last");
    while (!is_over_) {
      if (last_) {
        auto news = co_await nara::time::timeout_at(quiet_from_, source_.next());
        if (!news) break;
        take(*std::move(news));
      } else {
        auto news = co_await source_.next();
        take(std::move(news));
      }
    }
    co_return std::exchange(last_, std::nullopt);
    // END SOLUTION
  }

 private:
  // BEGIN SOLUTION
  // STARTER: // What has to be remembered here, and not in a variable of next()?
  void take(std::optional<T> news) {
    is_over_ = !news;
    if (is_over_) return;
    last_ = std::move(news);
    quiet_from_ = nara::time::now() + quiet_;
  }

  std::optional<T> last_;           ///< Came from the source, and was not given on yet.
  nara::time::Instant quiet_from_;  ///< It was the last of its burst, if nothing comes until then.
  bool is_over_ = false;            ///< The source has no more.
  // END SOLUTION
  Source<T>& source_;
  nara::time::Duration quiet_;
};
