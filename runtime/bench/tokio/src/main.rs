//! What Tokio costs: `bench-tokio ROW OPS` measures a row and prints a line of JSON,
//! `bench-tokio list` prints the names of its rows.

mod measure;
mod pipes;
mod servers;
mod sync;
mod timers;

use measure::{bytes, keep, time, BATCH};
use std::cell::UnsafeCell;
use std::future::Future;
use std::mem::replace;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use tokio::runtime::Builder;
use tokio::task::{spawn, yield_now};

/// An `async fn` that calls itself has to be boxed. One that does not is inlined by the compiler.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Each runs in a runtime of its own: `bare`, or with the drivers that it needs.
const ROWS: &[(&str, fn(u64) -> f64)] = &[
    ("spawn-batch", |ops| bare(time(ops, spawn_batch))),
    ("spawn-each", |ops| bare(time(ops, spawn_each))),
    ("yield", |ops| bare(time(ops, yields))),
    ("wake", |ops| bare(time(ops, wake))),
    ("depth-100", |ops| bare(time(ops, |ops| nest(100, ops)))),
    ("depth-1000", |ops| bare(time(ops, |ops| nest(1000, ops)))),
    ("nested", |ops| bare(time(ops, nested))),
    ("bytes-task", |ops| bare(bytes(ops, || drop(spawn(async { Wait::default().await }))))),
    ("bytes-future", |ops| bare(bytes(ops, || drop(spawn(Wait::default()))))),
    ("mutex-free", |ops| bare(time(ops, sync::mutex_free))),
    ("mutex-8", |ops| bare(time(ops, sync::mutex_contended))),
    ("mpsc-1", |ops| bare(time(ops, |ops| sync::mpsc_from(1, ops)))),
    ("mpsc-4", |ops| bare(time(ops, |ops| sync::mpsc_from(4, ops)))),
    ("mpsc-unbounded", |ops| bare(time(ops, sync::mpsc_unbounded))),
    ("ping-pong", |ops| bare(time(ops, sync::mpsc_ping_pong))),
    ("sleep-cancel", |ops| with_drivers(time(ops, timers::cancel_sleeps))),
    ("timer-cancel", |ops| with_drivers(time(ops, timers::cancel_timeouts))),
    ("timer-fire", |ops| with_drivers(time(ops, timers::fires))),
    ("timer-late", |ops| with_drivers(timers::lateness(ops, 50))),
    ("timer-late-99", |ops| with_drivers(timers::lateness(ops, 99))),
    ("timer-late-max", |ops| with_drivers(timers::lateness(ops, 100))),
    ("bytes-sleep", |ops| with_drivers(bytes(ops, timers::spawn_sleeper))),
    ("pipe-ping-pong", |ops| with_drivers(time(ops, |ops| pipes::ping_pongs(ops, None)))),
    ("pipe-timeout", |ops| with_drivers(time(ops, |ops| pipes::ping_pongs(ops, pipes::LIMIT)))),
    ("idle-fds", |ops| with_drivers(pipes::beside_idle(ops))),
    ("idle-cpu", |ops| with_drivers(pipes::idle(ops))),
];

fn main() {
    let (row, ops) = measure::arguments(ROWS, servers::SERVERS);
    println!(r#"{{"row": "{}", "ops": {ops}, "value": {:.3}}}"#, row.0, row.1(ops));
}

fn bare(work: impl Future<Output = f64> + Send + 'static) -> f64 {
    run(&mut Builder::new_current_thread(), work)
}

fn with_drivers(work: impl Future<Output = f64> + Send + 'static) -> f64 {
    run(Builder::new_current_thread().enable_all(), work)
}

fn run(builder: &mut Builder, work: impl Future<Output = f64> + Send + 'static) -> f64 {
    builder.build().unwrap().block_on(async { spawn(work).await.unwrap() })
}

// --- Tasks

async fn spawn_batch(ops: u64) {
    let mut handles = Vec::with_capacity(BATCH as usize);
    for _ in 0..ops / BATCH {
        for number in 0..BATCH {
            handles.push(spawn(async move { number }));
        }
        for handle in handles.drain(..) {
            keep(handle.await.unwrap());
        }
    }
}

async fn spawn_each(ops: u64) {
    for number in 0..ops {
        keep(spawn(async move { number }).await.unwrap());
    }
}

async fn yields(ops: u64) {
    for _ in 0..ops {
        yield_now().await;
    }
}

// --- Wakers

/// Whose turn it is, and who waits for it. Two tasks share it that may be on two threads, so it has
/// a lock: a flag, since the rest is over in a moment, and mutexes are not what is measured.
#[derive(Default)]
struct Cell {
    is_locked: AtomicBool,
    turn: UnsafeCell<u32>,
    waiting: UnsafeCell<Option<Waker>>,
}

/// Safe because what is not atomic is touched under the lock alone.
unsafe impl Sync for Cell {}

impl Cell {
    fn lock(&self) {
        while self.is_locked.swap(true, Ordering::Acquire) {}
    }

    fn unlock(&self) {
        self.is_locked.store(false, Ordering::Release);
    }
}

/// Gives the turn to the other, if it is mine, and waits until I have it again.
struct HandOver<'a> {
    cell: &'a Cell,
    me: u32,
    is_begun: bool,
}

impl Future for HandOver<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let is_begun = replace(&mut self.is_begun, true);
        self.cell.lock();
        let (turn, waiting) = unsafe { (&mut *self.cell.turn.get(), &mut *self.cell.waiting.get()) };
        let is_mine = *turn == self.me;
        if is_mine && is_begun {
            self.cell.unlock();
            return Poll::Ready(());
        }
        let before = waiting.replace(context.waker().clone());
        if is_mine {
            *turn = 1 - self.me;
        }
        self.cell.unlock();
        match before {
            Some(other) if is_mine => other.wake(),
            _ => {}
        }
        Poll::Pending
    }
}

async fn hand_over(cell: &Cell, me: u32) {
    HandOver { cell, me, is_begun: false }.await;
}

async fn wake(ops: u64) {
    let cell = Arc::new(Cell::default());
    let theirs = cell.clone();
    let other = spawn(async move {
        loop {
            hand_over(&theirs, 1).await;
        }
    });
    for _ in 0..ops / 2 {
        hand_over(&cell, 0).await; // and back
    }
    other.abort();
}

// --- Calls

/// `depth` futures that await each other. The innermost yields.
fn nest(depth: u32, ops: u64) -> Boxed<()> {
    Box::pin(async move {
        if depth > 0 {
            nest(depth - 1, ops).await;
        } else {
            yields(ops).await;
        }
    })
}

/// Not inlined, or else the compiler would see through the box and leave it out.
#[inline(never)]
fn ready(number: u64) -> Boxed<u64> {
    Box::pin(async move { number })
}

async fn nested(ops: u64) {
    for number in 0..ops {
        keep(ready(number).await);
    }
}

// --- Memory

/// Waits for ever, and keeps its waker meanwhile.
#[derive(Default)]
struct Wait {
    waker: Option<Waker>,
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.waker = Some(context.waker().clone());
        Poll::Pending
    }
}
