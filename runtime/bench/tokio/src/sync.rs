//! Tasks that share a lock, or send each other numbers.

use crate::measure::keep;
use std::sync::Arc;
use tokio::sync::mpsc::{channel, unbounded_channel, Receiver, Sender, UnboundedSender};
use tokio::sync::Mutex;
use tokio::task::{spawn, yield_now};

/// Divides 1,000.
const CONTENDERS: u64 = 8;

/// For how many messages a channel has room, and how many are sent at once where it takes all.
const ROOM: u64 = 100;

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

// --- Messages

async fn send_all(sender: Sender<u64>, count: u64) {
    for number in 0..count {
        keep(sender.send(number).await.is_ok());
    }
}

async fn send_in_bursts(sender: UnboundedSender<u64>, count: u64) {
    for number in 0..count {
        keep(sender.send(number).is_ok());
        if number % ROOM == ROOM - 1 {
            yield_now().await;
        }
    }
}

pub async fn mpsc_from(senders: u64, ops: u64) {
    let (sender, mut receiver) = channel(ROOM as usize);
    for _ in 0..senders {
        spawn(send_all(sender.clone(), ops / senders));
    }
    drop(sender);
    while let Some(message) = receiver.recv().await {
        keep(message);
    }
}

pub async fn mpsc_unbounded(ops: u64) {
    let (sender, mut receiver) = unbounded_channel();
    spawn(send_in_bursts(sender, ops));
    while let Some(message) = receiver.recv().await {
        keep(message);
    }
}

/// Sends back what it receives.
async fn echo(mut from: Receiver<u64>, to: Sender<u64>) {
    while let Some(message) = from.recv().await {
        keep(to.send(message).await.is_ok());
    }
}

pub async fn mpsc_ping_pong(ops: u64) {
    let (there, from_here) = channel(1);
    let (back, mut from_there) = channel(1);
    spawn(echo(from_here, back));
    for number in 0..ops {
        keep(there.send(number).await.is_ok());
        keep(from_there.recv().await);
    }
}
