// A front desk with several clerks: each of them accepts at the same listener.
#pragma once

#include <expected>
#include <nara/async.hpp>
#include <nara/io/result.hpp>
#include <nara/join_set.hpp>
#include <nara/net/tcp_listener.hpp>
#include <nara/net/tcp_stream.hpp>
#include <nara/time/clock.hpp>
#include <nara/time/pause.hpp>
#include <nara/time/timeout.hpp>
#include <nara/todo.hpp>
#include <system_error>
#include <utility>

/// Given. What is done with a guest.
class Service {
 public:
  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  virtual ~Service() = default;

  /// The clerk with that number serves the guest. It may take long.
  virtual nara::Async<> serve(int clerk, nara::net::TcpStream guest) = 0;
};

/// Waits for the next guest, but not for longer than until `closing`: then it gives
/// `std::errc::timed_out`. A guest who is there already is let in, however late it is. Gives other
/// errors as they are.
///
/// Cancel safe: who was not let in stays in the kernel's queue, and is the next.
inline nara::Async<nara::io::Result<nara::net::Accepted>> accept_until(
    nara::time::Instant closing, const nara::net::TcpListener& listener) {
  co_return nara::todo("05-3: accept_until() gives accept() time until the desk closes");
}

/// A desk to which guests come. It closes when nobody has come for a while. One thread only.
class FrontDesk {
 public:
  /// The desk closes when nobody has come for so long as `patience`. The service has to outlive it.
  FrontDesk(nara::net::TcpListener listener, Service& service, nara::time::Duration patience)
      : listener_(std::move(listener)), service_(service), patience_(patience) {}

  /// Lets so many clerks work, each in a task of its own, with the numbers from 1. Returns when all
  /// have gone home, and gives how many guests there were. The desk has to live until then.
  nara::Async<int> open(int clerks) {
    co_return nara::todo("05-3: open() spawns the clerks, in a set, and waits for all");
  }

 private:
  /// One clerk: lets a guest in and serves them, and then the next. Goes home when nobody has come
  /// *to the desk*, to whichever clerk, for so long as `patience_`; or when the listener is broken.
  nara::Async<> work(int clerk) {
    nara::todo("05-3: work() serves one guest after the other, until nobody comes");
    co_return;
  }

  nara::net::TcpListener listener_;
  Service& service_;
  nara::time::Duration patience_;
  nara::time::Instant last_came_;  ///< When somebody was let in last, or when the desk opened.
  int guests_ = 0;                 ///< Who have been let in.
};
