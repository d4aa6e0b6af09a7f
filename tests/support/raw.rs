//! A server that misbehaves below HTTP: what no HTTP library will send on purpose.

use std::{
    fmt,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// How the server misbehaves, once a connection is accepted.
#[derive(Debug, Clone)]
pub enum Misbehaviour {
    /// Accepts, reads, never says a word.
    Silent,
    /// Closes at once, with a reset: the request stays unread.
    Reset,
    /// Reads the request and closes without an answer.
    CloseAfterRequest,
    /// Sends these bytes, then closes.
    Bytes(Vec<u8>),
    /// Sends these bytes, then stays silent and open.
    BytesThenSilence(Vec<u8>),
    /// Sends these bytes one at a time, with a pause after each.
    Drip(Vec<u8>, Duration),
    /// A proper head, then a body without end.
    EndlessBody,
    /// A status line, then header lines without end.
    EndlessHeaders,
    /// A head with so many bytes of header lines, then a small page.
    HugeHeaders(usize),
    /// So many interim answers (103) before the real one.
    Interim(usize),
}

impl Misbehaviour {
    /// A page whose chunked body has a size that is not a number.
    pub fn bad_chunk() -> Self {
        Self::Bytes(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ntransfer-encoding: chunked\r\n\r\n5\r\n<html\r\nzz\r\n>\r\n".to_vec(),
        )
    }

    /// A page that announces more bytes than it sends.
    pub fn short_body() -> Self {
        Self::Bytes(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 5000\r\n\r\n<html><h1>Comune</h1>".to_vec(),
        )
    }

    /// Two lengths that contradict each other.
    pub fn two_lengths() -> Self {
        Self::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n<html>".to_vec())
    }

    /// A proper answer: there is no robots.txt.
    fn no_robots() -> Self {
        Self::Bytes(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec())
    }

    /// Something that is not HTTP.
    pub fn not_http() -> Self {
        Self::Bytes(b"220 mail.comune.invalid ESMTP pronto\r\n".to_vec())
    }
}

/// A running server; it ends when it is dropped.
pub struct RawServer {
    address: SocketAddr,
    accepted: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for RawServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl RawServer {
    /// Binds a free port on 127.0.0.1; each connection is served on a thread of its own.
    pub fn start(misbehaviour: Misbehaviour) -> Self {
        Self::listen(misbehaviour, false)
    }

    /// The same, but robots.txt is answered as it should be (there is none): only pages meet the misbehaviour.
    pub fn start_behind_robots(misbehaviour: Misbehaviour) -> Self {
        Self::listen(misbehaviour, true)
    }

    fn listen(misbehaviour: Misbehaviour, robots: bool) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let (accepted, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (accepted, stop) = (Arc::clone(&accepted), Arc::clone(&stop));
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let Ok(stream) = stream else { continue };
                    accepted.fetch_add(1, Ordering::SeqCst);
                    let (misbehaviour, stop) = (misbehaviour.clone(), Arc::clone(&stop));
                    // Detached: it ends with its client, or within a moment of the stop.
                    std::thread::spawn(move || {
                        if robots && asks_for_robots(&stream) {
                            let _ = misbehave(stream, &Misbehaviour::no_robots(), &stop);
                        } else {
                            let _ = misbehave(stream, &misbehaviour, &stop);
                        }
                    });
                }
            }
        });
        Self { address, accepted, stop, thread: Some(thread) }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connections accepted so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// The flags that send one host's plain http here.
    pub fn flags(&self, host: &str) -> Vec<String> {
        vec!["--connect-to".to_owned(), format!("{host}:80:127.0.0.1:{}", self.address.port())]
    }
}

impl Drop for RawServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Looks at the request without reading it: a misbehaviour may want it unread.
fn asks_for_robots(stream: &TcpStream) -> bool {
    let wanted = b"GET /robots.txt ";
    let mut seen = [0_u8; 16];
    // The head of a request comes in one piece; a client that says nothing is no business of this look.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    stream.peek(&mut seen).is_ok_and(|size| size == wanted.len()) && seen == *wanted
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n";

fn misbehave(mut stream: TcpStream, how: &Misbehaviour, stop: &AtomicBool) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_millis(100)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    if matches!(how, Misbehaviour::Reset) {
        // Closing while the request lies unread makes the kernel send a reset. Wait for it without reading it.
        let _ = stream.peek(&mut [0]);
        return Ok(());
    }
    read_request(&mut stream, stop);
    match how {
        Misbehaviour::Reset | Misbehaviour::CloseAfterRequest => Ok(()),
        Misbehaviour::Silent => hold(&mut stream, stop),
        Misbehaviour::Bytes(bytes) => stream.write_all(bytes),
        Misbehaviour::BytesThenSilence(bytes) => {
            stream.write_all(bytes)?;
            hold(&mut stream, stop)
        }
        Misbehaviour::Drip(bytes, pause) => {
            for byte in bytes {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                stream.write_all(std::slice::from_ref(byte))?;
                std::thread::sleep(*pause);
            }
            Ok(())
        }
        Misbehaviour::EndlessBody => {
            stream.write_all(HEAD)?;
            stream.write_all(b"connection: close\r\n\r\n<!doctype html><html><body>")?;
            repeat(&mut stream, stop, &b"<p>Comune </p>".repeat(1000))
        }
        Misbehaviour::EndlessHeaders => {
            stream.write_all(HEAD)?;
            repeat(&mut stream, stop, &b"x-riempitivo: 0123456789\r\n".repeat(100))
        }
        Misbehaviour::HugeHeaders(size) => {
            stream.write_all(HEAD)?;
            let line = format!("x-riempitivo: {}\r\n", "a".repeat(1000));
            for _ in 0..size.div_ceil(line.len()) {
                stream.write_all(line.as_bytes())?;
            }
            stream.write_all(b"content-length: 6\r\n\r\n<html>")
        }
        Misbehaviour::Interim(times) => {
            for _ in 0..*times {
                stream.write_all(b"HTTP/1.1 103 Early Hints\r\nlink: </stile.css>; rel=preload\r\n\r\n")?;
            }
            stream.write_all(HEAD)?;
            stream.write_all(b"content-length: 6\r\nconnection: close\r\n\r\n<html>")
        }
    }
}

/// Reads until the empty line that ends a request's head, or until the client says nothing more.
fn read_request(stream: &mut TcpStream, stop: &AtomicBool) {
    let (mut seen, mut buffer) = (Vec::new(), [0_u8; 1024]);
    while !stop.load(Ordering::Relaxed) && !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(size) => seen.extend_from_slice(&buffer[..size]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {}
            Err(_) => return,
        }
    }
}

/// Keeps the connection open, in silence, until the client leaves or the server is dropped.
fn hold(stream: &mut TcpStream, stop: &AtomicBool) -> std::io::Result<()> {
    let mut buffer = [0_u8; 1024];
    while !stop.load(Ordering::Relaxed) {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Err(error) if !matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                return Err(error);
            }
            _ => {}
        }
    }
    Ok(())
}

fn repeat(stream: &mut TcpStream, stop: &AtomicBool, bytes: &[u8]) -> std::io::Result<()> {
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(bytes)?;
    }
    Ok(())
}
