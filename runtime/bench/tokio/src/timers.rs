//! Tasks that sleep, and those that are cancelled before they would have woken up.

use crate::measure::{keep, BATCH};
use std::future::{pending, Future};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::{spawn, yield_now};
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

/// In nanoseconds.
type Latest = Arc<AtomicU64>;

/// Sleeps, and sees how late it was, when somebody wants to know.
async fn sleeper(deadline: Instant, latest: Option<Latest>) {
    sleep_until(deadline).await;
    if let Some(latest) = latest {
        latest.fetch_max(deadline.elapsed().as_nanos() as u64, Ordering::Relaxed);
    }
}

/// Tasks that sleep, and whose deadlines are a microsecond apart, in no order. The first deadline
/// comes when all of them have had the time to begin.
async fn fire(ops: u64, latest: Option<Latest>) {
    const STEP: u64 = 7919; // A prime, so each deadline comes once.
    let begin = Instant::now() + Duration::from_micros(2 * ops);
    let mut tasks = Vec::with_capacity(ops as usize);
    for number in 0..ops {
        let deadline = begin + Duration::from_micros(number * STEP % ops);
        tasks.push(spawn(sleeper(deadline, latest.clone())));
        if number % BATCH == BATCH - 1 {
            yield_now().await;
        }
    }
    for task in tasks {
        task.await.unwrap();
    }
}

pub async fn fires(ops: u64) {
    fire(ops, None).await;
}

/// In milliseconds.
pub async fn lateness(ops: u64) -> f64 {
    let latest = Latest::default();
    fire(ops, Some(latest.clone())).await;
    latest.load(Ordering::Relaxed) as f64 / 1e6
}

pub fn spawn_sleeper() {
    drop(spawn(async { sleep(HOUR).await }));
}
