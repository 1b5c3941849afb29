//! The servers, as Tokio's own examples have them. Each reads into room for 16 KiB.

use std::future::Future;
use std::io;
use std::{process, thread};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::runtime::Builder;
use tokio::task::spawn;

const ROOM: usize = 16 * 1024;
const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!";

pub const SERVERS: &[(&str, fn())] = &[
    ("echo", || run(accept(echo))),
    ("udp", || run(return_packets())),
    ("http", || run(accept(say_hello))),
];

fn run(server: impl Future<Output = io::Result<()>>) {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(server).unwrap();
}

/// Tells where this program serves, and ends it when its standard input ends: it never outlives who
/// has started it.
fn announce(port: u16) {
    println!("{port}");
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        process::exit(0);
    });
}

/// Accepts inside a task, as servers do; see README.md.
async fn accept<F>(talk: fn(TcpStream) -> F) -> io::Result<()>
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    announce(listener.local_addr()?.port());
    let accepting = spawn(async move {
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            spawn(talk(socket));
        }
    });
    accepting.await?
}

async fn echo(mut socket: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; ROOM];
    loop {
        let size = socket.read(&mut buffer).await?;
        if size == 0 {
            return Ok(());
        }
        socket.write_all(&buffer[..size]).await?;
    }
}

async fn say_hello(mut socket: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; ROOM];
    let mut requests = Requests::default();
    loop {
        let size = socket.read(&mut buffer).await?;
        if size == 0 {
            return Ok(());
        }
        for _ in 0..requests.count(&buffer[..size]) {
            socket.write_all(HELLO).await?;
        }
    }
}

/// Finds the requests of a connection. They have no body, so each ends with its header, which is an
/// empty line. Several may come at once, and one in pieces.
#[derive(Default)]
struct Requests {
    seen: usize, // So much of the end has come.
}

impl Requests {
    /// How many end in these bytes, which follow those of the last call.
    fn count(&mut self, bytes: &[u8]) -> usize {
        const END: &[u8; 4] = b"\r\n\r\n";
        let mut found = 0;
        for byte in bytes {
            self.seen =
                if *byte == END[self.seen] { self.seen + 1 } else { usize::from(*byte == END[0]) };
            if self.seen == END.len() {
                self.seen = 0;
                found += 1;
            }
        }
        found
    }
}

async fn return_packets() -> io::Result<()> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    announce(socket.local_addr()?.port());
    let returning = spawn(async move {
        let mut buffer = vec![0; ROOM];
        loop {
            let (size, from) = socket.recv_from(&mut buffer).await?;
            socket.send_to(&buffer[..size], from).await?;
        }
    });
    returning.await?
}
