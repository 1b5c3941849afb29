// A word for functions that return an Async, or whatever they were given, and are no coroutines.
#pragma once

/// Stands before a function that returns a `T`, or the `Async` of another function. Why: clang
/// takes whatever returns an `Async` for a coroutine, and a `T` may be one.
#ifdef __clang__
#define NARA_GIVES_ANY [[clang::coro_wrapper]]
#else
#define NARA_GIVES_ANY
#endif
