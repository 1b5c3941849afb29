// The one exception that the library throws when it is used in a way that cannot work.
#pragma once

#include <stdexcept>

namespace nara::inline NARA_BUILD {

/// Thrown when the library is misused: a future polled after it was ready, an `Async` awaited
/// twice.
///
/// It reports a mistake in the calling code, never the state of the outside world (a connection
/// that is refused comes back as a value). `what()` says what was wrong and what to do instead.
/// Tokio panics in the same places.
class Misuse : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace nara::inline NARA_BUILD
