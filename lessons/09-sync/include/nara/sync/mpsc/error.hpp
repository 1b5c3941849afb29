// Why a message could not be sent, or was not received.
#pragma once

#include <cstdint>
#include <string>

namespace nara::inline NARA_BUILD::sync::mpsc {

/// The receiver is closed or destroyed. Mirrors `tokio::sync::mpsc::error::SendError<()>`.
struct Closed {
  bool operator==(const Closed&) const noexcept = default;
  static std::string message() { return "the channel is closed"; }
};

/// The same, with the message that was not sent. Mirrors `tokio::sync::mpsc::error::SendError`.
template <class T>
struct SendError {
  T value;

  static std::string message() { return Closed::message(); }
};

/// Why there was no room at once. Mirrors `tokio::sync::mpsc::error::TrySendError<()>`.
enum class TryReserveError : std::uint8_t {
  kFull,   ///< Not enough room now.
  kClosed  ///< The receiver is closed or destroyed.
};

/// The same, with the message that was not sent. Mirrors `tokio::sync::mpsc::error::TrySendError`.
template <class T>
struct TrySendError {
  TryReserveError reason;
  T value;

  bool is_full() const noexcept { return reason == TryReserveError::kFull; }
  bool is_closed() const noexcept { return reason == TryReserveError::kClosed; }
  std::string message() const { return is_full() ? "the channel is full" : Closed::message(); }
};

/// Why there was no message at once. Mirrors `tokio::sync::mpsc::error::TryRecvError`.
enum class TryRecvError : std::uint8_t {
  kEmpty,        ///< None now.
  kDisconnected  ///< None any more: all senders are gone or it was closed, and all was received.
};

}  // namespace nara::inline NARA_BUILD::sync::mpsc
