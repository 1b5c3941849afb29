//! Clocks, counters and arguments: what all rows have in common.

use std::arch::asm;
use std::future::Future;
use std::{env, process, thread};
use tokio::task::yield_now;

/// Tasks that are spawned together. `OPS` is a multiple of it.
pub const BATCH: u64 = 1000;

/// CPU nanoseconds for each of `ops` operations that `work` does, after a warm-up.
pub async fn time<F: Future<Output = ()>>(ops: u64, work: impl Fn(u64) -> F) -> f64 {
    work(BATCH.max(ops / 10 / BATCH * BATCH)).await;
    let start = cpu_nanoseconds();
    work(ops).await;
    (cpu_nanoseconds() - start) / ops as f64
}

/// Bytes on the heap for each of `tasks` tasks that `spawn` makes, and that wait.
pub async fn bytes(tasks: u64, spawn: impl Fn()) -> f64 {
    let before = heap_bytes();
    for _ in 0..tasks / BATCH {
        for _ in 0..BATCH {
            spawn();
        }
        yield_now().await; // all of them run, until they wait
    }
    (heap_bytes() - before) / tasks as f64
}

/// Makes the compiler believe that somebody looks at `value`.
pub fn keep<T>(value: T) {
    // Safe because: there is no instruction in it.
    unsafe { asm!("/* {} */", in(reg) &value, options(nostack, preserves_flags)) }
}

pub fn cpu_nanoseconds() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // Safe because: `now` is there to be written.
    unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut now) };
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

/// What has been allocated and not freed.
fn heap_bytes() -> f64 {
    // Safe because: it only reads.
    let info = unsafe { libc::mallinfo2() };
    info.uordblks as f64 + info.hblkhd as f64
}

/// The row and the number of operations that the command line asks for. If it asks for a server,
/// that serves.
pub fn arguments<T>(
    rows: &'static [(&'static str, T)],
    servers: &[(&str, fn())],
) -> (&'static (&'static str, T), u64) {
    // Up to the first thread, glibc locks without atomics. Runtimes are seldom that alone.
    thread::spawn(|| ()).join().unwrap();
    let arguments: Vec<String> = env::args().skip(1).collect();
    if arguments == ["list"] {
        let rows = rows.iter().map(|row| format!("{:?}", row.0));
        let servers = servers.iter().map(|server| format!("\"serve {}\"", server.0));
        let names: Vec<String> = rows.chain(servers).collect();
        println!("[{}]", names.join(", "));
        process::exit(0);
    }
    if let [name, ops] = &arguments[..] {
        let server = servers.iter().find(|server| name == "serve" && ops == server.0);
        if let Some(server) = server {
            server.1();
            process::exit(0);
        }
        let row = rows.iter().find(|row| row.0 == name);
        let ops = ops.parse().ok().filter(|ops| *ops > 0 && ops % BATCH == 0);
        if let (Some(row), Some(ops)) = (row, ops) {
            return (row, ops);
        }
    }
    eprintln!("usage: bench-tokio list | serve SERVER | ROW OPS, a multiple of {BATCH}");
    process::exit(2)
}
