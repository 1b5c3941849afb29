//! Tasks that sleep, and those that are cancelled before they would have woken up.

use crate::measure::{keep, BATCH};
use std::future::{pending, Future};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::{spawn, yield_now, JoinHandle};
use tokio::time::{sleep, sleep_until, timeout, Instant, Sleep, Timeout};

const HOUR: Duration = Duration::from_secs(3600);

// --- Cancelled

/// Makes a future, polls it once, and drops it.
struct Cancel<Make>(Make);

impl<F: Future, Make: Fn() -> F> Future for Cancel<Make> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let future = (self.0)();
        tokio::pin!(future);
        keep(future.poll(context).is_ready());
        Poll::Ready(())
    }
}

fn sleep_an_hour() -> Sleep {
    sleep(HOUR)
}

fn timeout_of_an_hour() -> Timeout<impl Future<Output = ()>> {
    timeout(HOUR, pending())
}

pub async fn cancel_sleeps(ops: u64) {
    for _ in 0..ops {
        Cancel(sleep_an_hour).await;
    }
}

pub async fn cancel_timeouts(ops: u64) {
    for _ in 0..ops {
        Cancel(timeout_of_an_hour).await;
    }
}

// --- Fired

async fn sleeper(deadline: Instant) {
    sleep_until(deadline).await;
}

/// The same, and says how late it was.
async fn late_sleeper(deadline: Instant) -> Duration {
    sleep_until(deadline).await;
    deadline.elapsed()
}

/// Spawns sleepers whose deadlines are `apart`, in no order. The first deadline comes when all of
/// them have had the time to begin.
async fn spawn_sleepers<F>(
    ops: u64,
    apart: Duration,
    sleeper: fn(Instant) -> F,
) -> Vec<JoinHandle<F::Output>>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    const STEP: u64 = 7919; // A prime, so each deadline comes once.
    let begin = Instant::now() + Duration::from_micros(2 * ops);
    let mut tasks = Vec::with_capacity(ops as usize);
    for number in 0..ops {
        let deadline = begin + apart * (number * STEP % ops) as u32;
        tasks.push(spawn(sleeper(deadline)));
        if number % BATCH == BATCH - 1 {
            yield_now().await;
        }
    }
    tasks
}

pub async fn fires(ops: u64) {
    for task in spawn_sleepers(ops, Duration::from_micros(1), sleeper).await {
        task.await.unwrap();
    }
}

/// In milliseconds: so many of a hundred are not later than that.
pub async fn lateness(ops: u64, percent: usize) -> f64 {
    let mut late = Vec::new();
    for task in spawn_sleepers(ops, Duration::from_micros(10), late_sleeper).await {
        late.push(task.await.unwrap());
    }
    late.sort();
    late[(late.len() - 1) * percent / 100].as_secs_f64() * 1e3
}

pub fn spawn_sleeper() {
    drop(spawn(async { sleep(HOUR).await }));
}
