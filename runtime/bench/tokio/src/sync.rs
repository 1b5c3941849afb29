//! Tasks that share a lock, or send each other numbers.

use crate::measure::keep;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::task::{spawn, yield_now};

/// Divides 1,000.
const CONTENDERS: u64 = 8;

// --- Mutex

pub async fn mutex_free(ops: u64) {
    let counter = Arc::new(Mutex::new(0u64));
    for _ in 0..ops {
        *counter.lock().await += 1;
    }
    keep(*counter.lock().await);
}

/// Counts, and lets the others see that it is locked.
async fn contend(counter: Arc<Mutex<u64>>, times: u64) {
    for _ in 0..times {
        let mut count = counter.lock().await;
        *count += 1;
        yield_now().await;
    }
}

pub async fn mutex_contended(ops: u64) {
    let counter = Arc::new(Mutex::new(0u64));
    let mut tasks = Vec::new();
    for _ in 0..CONTENDERS {
        tasks.push(spawn(contend(counter.clone(), ops / CONTENDERS)));
    }
    for task in tasks {
        task.await.unwrap();
    }
    keep(*counter.lock().await);
}
