// A word for functions that give back what they were given, whatever it is.
#pragma once

/// Stands before a function that returns a `T`. Why: clang takes whatever returns an `Async` for a
/// coroutine, and a `T` may be one.
#ifdef __clang__
#define NARA_GIVES_ANY [[clang::coro_wrapper]]
#else
#define NARA_GIVES_ANY
#endif
