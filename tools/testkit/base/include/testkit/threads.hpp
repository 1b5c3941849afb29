// How many threads a test has started.
#pragma once

#include <optional>

namespace nara::test {

/// Those threads that are there now, except the calling one, belong to the program: the watchdog,
/// and what a sanitizer has brought. From now on they do not count. They must not end.
void ignore_other_threads();

/// How many other threads this process has. One that has just been started counts, and so does one
/// that is about to end. None when the kernel does not tell.
///
/// Thread safety: any thread, after `ignore_other_threads()`.
std::optional<int> threads_of_tests();

}  // namespace nara::test
