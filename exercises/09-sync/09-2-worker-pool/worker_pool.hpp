// A few tasks that do what many ask for, and a queue of which the end can be seen.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <nara/async.hpp>
#include <nara/join_set.hpp>
#include <nara/sync/mpsc.hpp>
#include <nara/sync/mutex.hpp>
#include <nara/todo.hpp>
#include <optional>
#include <utility>

/// Given. A coroutine that has not begun.
struct Job {
  explicit Job(nara::Async<> run) noexcept : run(std::move(run)) {}
  nara::Async<> run;
};

/// Does jobs, so many at a time. So many more wait in a queue; and who brings another one waits
/// until there is room for it. Destroying it cancels all jobs. One thread only.
class WorkerPool {
 public:
  /// `workers` tasks of the current runtime, and a queue with room for `room` jobs.
  WorkerPool(std::size_t workers, std::size_t room) {
    auto [sender, receiver] = nara::sync::mpsc::channel<Job>(room);
    sender_.emplace(std::move(sender));
    const auto jobs = std::make_shared<Jobs>(std::move(receiver));
    for (std::size_t worker = 0; worker < workers; ++worker) workers_.spawn(work(jobs));
  }

  /// Waits until there is room in the queue, and puts the job there. True if the job will be done;
  /// false after `shutdown()`. Who has called it before that may still be waiting then: their jobs
  /// will be done, too.
  ///
  /// Cancel safety: given up while it waits, the job is never done.
  nara::Async<bool> submit(Job job) {
    co_return nara::todo("09-2: submit() sends the job, unless there is no sender any more");
  }

  /// Takes no more jobs, and waits until all that it has taken are done. Called once.
  nara::Async<> shutdown() {
    nara::todo("09-2: shutdown() lets the workers see an end, and waits for them");
    co_return;
  }

 private:
  /// There is one receiver, and the workers share it.
  using Jobs = nara::sync::Mutex<nara::sync::mpsc::Receiver<Job>>;

  /// One worker: takes a job and does it, until there is an end. What a job throws is dropped.
  static nara::Async<> work(std::shared_ptr<Jobs> jobs) {
    nara::todo("09-2: work() takes jobs, and does them");
    co_return;
  }

  std::optional<nara::sync::mpsc::Sender<Job>> sender_;  ///< Nothing after `shutdown()`.
  nara::JoinSet<void> workers_;
};
