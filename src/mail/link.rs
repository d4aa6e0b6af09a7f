//! Bytes to and from a mail server, whatever is spoken over them: limits, time, TLS.

use std::{
    fmt, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{ClientConfig, crypto::CryptoProvider, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::net::{self, NetError};

/// Bytes that are made room for before each reading.
const ROOM: usize = 16 << 10;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The settings of a mail server cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A file of authorities cannot be read.
    #[error("{}: {source}", path.display())]
    CaFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of authorities holds none.
    #[error("{name}: {reason}")]
    CaCertificate {
        /// The file.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The name of the server is none.
    #[error("`{0}` is no name of a server")]
    Host(String),
    /// TLS could not be set up.
    #[error("TLS: {0}")]
    Tls(String),
}

/// Why a conversation cannot go on.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The connection was not made, broke, or was closed.
    Broken(String),
    /// No answer in time.
    Silent(&'static str),
    /// What came is no answer, or none that was asked for.
    Odd(String),
    /// TLS failed: the certificate, or no TLS at all.
    Tls(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "the connection broke: {why}"),
            Self::Silent(what) => write!(f, "no answer in time ({what})"),
            Self::Odd(what) => write!(f, "not an answer to what was asked: {what}"),
            Self::Tls(why) => write!(f, "TLS: {why}"),
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        // rustls hands its own errors out as those of the stream.
        let is_tls = error.get_ref().is_some_and(|inner| inner.downcast_ref::<rustls::Error>().is_some());
        if is_tls { Self::Tls(error.to_string()) } else { Self::Broken(error.to_string()) }
    }
}

/// Whom a server's certificate has to convince: Mozilla's roots, as compiled in, and those of the files.
pub(super) fn trust(files: &[PathBuf], host: &str) -> Result<Arc<ClientConfig>, ServerError> {
    let read = |path: &Path| -> Result<_, ServerError> {
        let pem = std::fs::read(path).map_err(|source| ServerError::CaFile { path: path.to_owned(), source })?;
        Ok((path.display().to_string(), pem))
    };
    let extra = files.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
    let roots = net::roots(&extra).map_err(|error| match error {
        NetError::CaCertificate { name, reason } => ServerError::CaCertificate { name, reason },
        other => ServerError::Tls(other.to_string()),
    })?;
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ServerError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    if ServerName::try_from(host.to_owned()).is_err() {
        return Err(ServerError::Host(host.to_owned()));
    }
    Ok(Arc::new(tls))
}

enum Stream {
    Clear(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
    /// Between the two.
    None,
}

/// A connection to a mail server.
pub(super) struct Link {
    stream: Stream,
    /// What was received and not looked at yet.
    pending: Vec<u8>,
}

impl Link {
    /// Connects, in clear. The server is named by the operator, so addresses inside are no offence: the guard is about what
    /// pages name. Each address of the server has this time.
    pub(super) async fn open(host: &str, port: u16, limit: Duration) -> Result<Self, Fault> {
        let lookup = tokio::net::lookup_host((host, port));
        let addresses = timeout(limit, lookup).await.map_err(|_| Fault::Silent("name"))??;
        let mut last = Fault::Broken("the name of the server has no address".to_owned());
        for address in addresses.take(8) {
            match timeout(limit, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    let _ = stream.set_nodelay(true);
                    return Ok(Self { stream: Stream::Clear(stream), pending: Vec::new() });
                }
                Ok(Err(error)) => last = error.into(),
                Err(_) => last = Fault::Silent("connection"),
            }
        }
        Err(last)
    }

    /// Goes on under TLS. Whatever was received before is not believed (RFC 3207, 5: it may have been put in by others).
    pub(super) async fn start_tls(
        &mut self,
        tls: &Arc<ClientConfig>,
        host: &str,
        limit: Duration,
    ) -> Result<(), Fault> {
        if !self.pending.is_empty() {
            return Err(Fault::Odd("more than the answer came before TLS".to_owned()));
        }
        let Stream::Clear(stream) = std::mem::replace(&mut self.stream, Stream::None) else {
            return Err(Fault::Tls("it is on already".to_owned()));
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| Fault::Tls(error.to_string()))?;
        match timeout(limit, TlsConnector::from(Arc::clone(tls)).connect(name, stream)).await {
            Ok(Ok(stream)) => {
                self.stream = Stream::Tls(Box::new(stream));
                Ok(())
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(Fault::Silent("TLS")),
        }
    }

    /// Our own address on this connection.
    pub(super) fn local(&self) -> Option<IpAddr> {
        let stream = match &self.stream {
            Stream::Clear(stream) => Some(stream),
            Stream::Tls(stream) => Some(stream.get_ref().0),
            Stream::None => None,
        };
        stream.and_then(|stream| stream.local_addr().ok()).map(|address| address.ip())
    }

    /// Sends bytes; each 64 KiB in a time of their own.
    pub(super) async fn send(&mut self, bytes: &[u8], limit: Duration) -> Result<(), Fault> {
        for block in bytes.chunks(64 << 10) {
            let work = async {
                match &mut self.stream {
                    Stream::Clear(stream) => stream.write_all(block).await,
                    Stream::Tls(stream) => stream.write_all(block).await,
                    Stream::None => Err(io::ErrorKind::NotConnected.into()),
                }
            };
            timeout(limit, work).await.map_err(|_| Fault::Silent("sending"))??;
        }
        let flush = async {
            match &mut self.stream {
                Stream::Clear(stream) => stream.flush().await,
                Stream::Tls(stream) => stream.flush().await,
                Stream::None => Err(io::ErrorKind::NotConnected.into()),
            }
        };
        timeout(limit, flush).await.map_err(|_| Fault::Silent("sending"))??;
        Ok(())
    }

    async fn receive(&mut self) -> Result<usize, io::Error> {
        self.pending.reserve(ROOM);
        match &mut self.stream {
            Stream::Clear(stream) => stream.read_buf(&mut self.pending).await,
            Stream::Tls(stream) => stream.read_buf(&mut self.pending).await,
            Stream::None => Ok(0),
        }
    }

    async fn more(&mut self, deadline: Instant, what: &'static str) -> Result<(), Fault> {
        match timeout_at(deadline, self.receive()).await {
            Err(_) => Err(Fault::Silent(what)),
            Ok(Ok(0)) => Err(Fault::Broken("the server closed it".to_owned())),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
        }
    }

    /// One line without its break, of at most so many bytes, until a time.
    pub(super) async fn line(
        &mut self,
        longest: usize,
        deadline: Instant,
        what: &'static str,
    ) -> Result<Vec<u8>, Fault> {
        let mut looked = 0;
        loop {
            if let Some(end) = self.pending[looked..].iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.pending.drain(..=looked + end).collect();
                while line.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
                    line.pop();
                }
                if line.len() > longest {
                    return Err(Fault::Odd("a line without an end".to_owned()));
                }
                return Ok(line);
            }
            looked = self.pending.len();
            if looked > longest {
                return Err(Fault::Odd("a line without an end".to_owned()));
            }
            self.more(deadline, what).await?;
        }
    }

    /// Exactly so many bytes, until a time. What may be asked for is the caller's to limit.
    pub(super) async fn exactly(
        &mut self,
        size: usize,
        deadline: Instant,
        what: &'static str,
    ) -> Result<Vec<u8>, Fault> {
        while self.pending.len() < size {
            self.more(deadline, what).await?;
        }
        let rest = self.pending.split_off(size);
        Ok(std::mem::replace(&mut self.pending, rest))
    }

    /// What arrives within a time though nobody asked for it.
    pub(super) async fn unasked(&mut self, within: Duration) -> Unasked {
        if self.pending.is_empty() {
            match timeout(within, self.receive()).await {
                Err(_) => return Unasked::Nothing,
                Ok(Ok(0) | Err(_)) => return Unasked::Closed,
                Ok(Ok(_)) => {}
            }
        }
        Unasked::Words
    }
}

/// What a server did unasked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unasked {
    /// Nothing, as it should be.
    Nothing,
    /// It said something.
    Words,
    /// It closed the connection.
    Closed,
}
