//! Tasks that wait for descriptors.

use crate::measure::{cpu_nanoseconds, keep, time};
use libc::{c_int, rlimit, O_CLOEXEC, O_NONBLOCK, RLIMIT_NOFILE};
use std::io::{self, Error};
use std::os::unix::io::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::io::Interest;
use tokio::task::{spawn, yield_now};
use tokio::time::{sleep, timeout};

/// How many descriptors are idle in a row about these, where the machine allows so many.
const IDLE: u64 = 10_000;

/// What a read may take. It is more than what is ever there, so that a read which takes less knows
/// that nothing is left.
const BUFFER: usize = 64;

/// What a read may take in `pipe-timeout`.
pub const LIMIT: Option<Duration> = Some(Duration::from_secs(10));

// --- Ping-pong

struct Pipe {
    from: AsyncFd<OwnedFd>,
    to: AsyncFd<OwnedFd>,
}

impl Pipe {
    fn open() -> Pipe {
        let mut ends: [c_int; 2] = [0; 2];
        // Safe because: there is room for two, and nobody else knows of them.
        let ends = unsafe {
            checked(libc::pipe2(ends.as_mut_ptr(), O_CLOEXEC | O_NONBLOCK) as isize).unwrap();
            ends.map(|end| OwnedFd::from_raw_fd(end))
        };
        let [from, to] = ends;
        Pipe {
            from: AsyncFd::with_interest(from, Interest::READABLE).unwrap(),
            to: AsyncFd::with_interest(to, Interest::WRITABLE).unwrap(),
        }
    }

    async fn write(&self) {
        loop {
            let mut guard = self.to.writable().await.unwrap();
            if let Ok(done) = guard.try_io(|end| write(end.get_ref(), &[0])) {
                done.unwrap();
                return;
            }
        }
    }

    async fn read(&self) -> usize {
        let mut buffer = [0; BUFFER];
        loop {
            let mut guard = self.from.readable().await.unwrap();
            if let Ok(size) = guard.try_io(|end| read(end.get_ref(), &mut buffer)) {
                let size = size.unwrap();
                // As Tokio's own streams do it: the next read need not be tried to know that it
                // has to wait.
                if 0 < size && size < buffer.len() {
                    guard.clear_ready();
                }
                return size;
            }
        }
    }

    async fn read_within(&self, limit: Option<Duration>) -> usize {
        match limit {
            None => self.read().await,
            Some(limit) => timeout(limit, self.read()).await.unwrap(),
        }
    }
}

fn read(end: &OwnedFd, into: &mut [u8]) -> io::Result<usize> {
    // Safe because: so much is there to be written.
    checked(unsafe { libc::read(end.as_raw_fd(), into.as_mut_ptr().cast(), into.len()) })
}

fn write(end: &OwnedFd, bytes: &[u8]) -> io::Result<usize> {
    // Safe because: so much is there to be read.
    checked(unsafe { libc::write(end.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) })
}

fn checked(answer: isize) -> io::Result<usize> {
    usize::try_from(answer).map_err(|_| Error::last_os_error())
}

/// A byte goes there and back, `ops` times. Each read may take as long as `limit`, if there is one.
pub async fn ping_pongs(ops: u64, limit: Option<Duration>) {
    let (there, back) = (Arc::new(Pipe::open()), Arc::new(Pipe::open()));
    let (from, to) = (there.clone(), back.clone());
    let other = spawn(async move {
        loop {
            from.read_within(limit).await;
            to.write().await;
        }
    });
    for _ in 0..ops {
        there.write().await;
        keep(back.read_within(limit).await);
    }
    other.abort();
}

// --- Idle

/// Tasks that wait for descriptors on which nothing happens. They end with their runtime.
async fn add_idle() {
    for _ in 0..idle_count() / 2 {
        let (one, other) = UnixStream::pair().unwrap();
        for socket in [one, other] {
            socket.set_nonblocking(true).unwrap();
            let socket = AsyncFd::with_interest(socket, Interest::READABLE).unwrap();
            spawn(async move { drop(socket.readable().await) });
        }
    }
    yield_now().await;
}

/// `IDLE`, or as many as this process may have; then it says so.
fn idle_count() -> u64 {
    const OTHERS: u64 = 50; // What else is open, rather too much.
    let mut limit = rlimit { rlim_cur: 0, rlim_max: 0 };
    // Safe because: `limit` is there to be written.
    unsafe {
        assert_eq!(libc::getrlimit(RLIMIT_NOFILE, &mut limit), 0);
        limit.rlim_cur = limit.rlim_max;
        assert_eq!(libc::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    let count = IDLE.min(limit.rlim_max - OTHERS);
    if count < IDLE {
        eprintln!("Only {} descriptors are idle: see ulimit -Hn.", count / 2 * 2);
    }
    count
}

pub async fn beside_idle(ops: u64) -> f64 {
    add_idle().await;
    time(ops, |ops| ping_pongs(ops, None)).await
}

/// Microseconds of CPU for each second of doing nothing.
pub async fn idle(milliseconds: u64) -> f64 {
    add_idle().await;
    let start = cpu_nanoseconds();
    sleep(Duration::from_millis(milliseconds)).await;
    (cpu_nanoseconds() - start) / milliseconds as f64
}
