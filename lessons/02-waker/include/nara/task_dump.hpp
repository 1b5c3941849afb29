// What all tasks of the process wait for: the question to ask of a program that hangs.
#pragma once

#include <chrono>
#include <nara/current_thread.hpp>
#include <ostream>

namespace nara::inline NARA_BUILD {

/// Writes every task of every executor of this process to `out`.
///
/// Each executor is asked on its own thread, between two polls. One that does not answer within
/// `patience` is in the middle of a poll; then only that task is named. Any thread. Mirrors
/// `tokio::runtime::Handle::dump`.
void dump_tasks(std::ostream& out, std::chrono::milliseconds patience);

/// Called by an executor that has nothing to do, on its thread, before it sleeps without a time
/// limit. It may call `dump()`, and must not throw.
using ParkHook = void (*)(const CurrentThread& executor);

/// Replaces what is called then; by default nothing. Returns what it was. Any thread. Mirrors
/// `tokio::runtime::Builder::on_thread_park`.
ParkHook set_park_hook(ParkHook hook) noexcept;

/// The same for what is called when that sleep is over. Mirrors
/// `tokio::runtime::Builder::on_thread_unpark`.
ParkHook set_unpark_hook(ParkHook hook) noexcept;

}  // namespace nara::inline NARA_BUILD
