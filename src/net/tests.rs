//! The transport against real sockets on loopback.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

use super::*;
use crate::clock::SystemClock;

mod dns;
mod encrypted;
mod proxy;
mod wire;

/// A name that needs no resolver when everything is connected to one local server.
const SITE: &str = "http://www.comune.test/";

/// Limits short enough for tests, long enough for a busy machine.
fn short() -> Limits {
    Limits {
        resolve: Duration::from_millis(600),
        connect: Duration::from_millis(700),
        first_byte: Duration::from_millis(500),
        whole: Duration::from_millis(1200),
        ..Limits::default()
    }
}

fn settings() -> ClientSettings {
    ClientSettings {
        agent: "riscontro/test (+mailto:prova@example.it)".to_owned(),
        limits: short(),
        ..Default::default()
    }
}

fn build(settings: ClientSettings) -> Client {
    Client::new(settings, Arc::new(SystemClock)).unwrap()
}

/// A client that reaches `server` under every name.
fn client_to(server: SocketAddr) -> Client {
    build(ClientSettings { connect_to: vec![ConnectTo::new(None, None, server).unwrap()], ..settings() })
}

fn get(url: &str) -> Request {
    Request { url: Url::parse(url).unwrap(), method: Method::Get, max_body: 8 << 20, headers: Vec::new() }
}

/// Routes and sends, as the rooms above do.
async fn fetch(client: &Client, request: &Request) -> Exchange {
    let route = client.route(&request.url).await.unwrap();
    client.exchange(request, &route).await
}

async fn fetch_site(client: &Client) -> Exchange {
    fetch(client, &get(SITE)).await
}

/// A server's own log: the heads it received, and how many connections it accepted.
#[derive(Debug, Clone, Default)]
struct Log {
    heads: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Log {
    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Reads one request head and notes it; `None` when the client has gone.
    async fn head(&self, stream: &mut TcpStream) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        self.heads.lock().unwrap().push(head.clone());
        Some(head)
    }
}

/// Runs `behaviour` for each connection.
async fn serve<F, R>(behaviour: F) -> (SocketAddr, Log)
where
    F: Fn(TcpStream, Log) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let log = Log::default();
    let noted = log.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            *noted.connections.lock().unwrap() += 1;
            tokio::spawn(behaviour(stream, noted.clone()));
        }
    });
    (address, log)
}

/// A server that reads a head, writes these bytes and closes.
async fn answers_with(bytes: impl Into<Vec<u8>>) -> (SocketAddr, Log) {
    let bytes = Arc::new(bytes.into());
    serve(move |mut stream, log| {
        let bytes = Arc::clone(&bytes);
        async move {
            if log.head(&mut stream).await.is_some() {
                let _ = stream.write_all(&bytes).await;
            }
        }
    })
    .await
}

/// A complete answer with a body.
fn response(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Exchanges with a server that answers with these bytes.
async fn exchange_with(bytes: impl Into<Vec<u8>>) -> Exchange {
    let (server, _) = answers_with(bytes).await;
    fetch_site(&client_to(server)).await
}
