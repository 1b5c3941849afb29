//! What Tokio costs: `bench-tokio ROW OPS` measures a row and prints a line of JSON,
//! `bench-tokio list` prints the names of its rows.

mod measure;

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

const ROWS: &[(&str, fn(u64) -> Boxed<f64>)] = &[
    ("spawn-batch", |ops| Box::pin(time(ops, spawn_batch))),
    ("spawn-each", |ops| Box::pin(time(ops, spawn_each))),
    ("yield", |ops| Box::pin(time(ops, yields))),
    ("wake", |ops| Box::pin(time(ops, wake))),
    ("depth-100", |ops| Box::pin(time(ops, |ops| nest(100, ops)))),
    ("depth-1000", |ops| Box::pin(time(ops, |ops| nest(1000, ops)))),
    ("nested", |ops| Box::pin(time(ops, nested))),
    ("bytes-task", |ops| Box::pin(bytes(ops, || drop(spawn(async { Wait::default().await }))))),
    ("bytes-future", |ops| Box::pin(bytes(ops, || drop(spawn(Wait::default()))))),
];

fn main() {
    let (row, ops) = measure::arguments(ROWS);
    let runtime = Builder::new_current_thread().build().unwrap();
    let value = runtime.block_on(async move { spawn(row.1(ops)).await.unwrap() });
    println!(r#"{{"row": "{}", "ops": {ops}, "value": {value:.3}}}"#, row.0);
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
