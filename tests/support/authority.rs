//! An authority of time stamps (RFC 3161): openssl behind a socket of ours.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Arc, Mutex},
};

const SETTINGS: &str = "\
[ tsa ]
default_tsa = t
[ t ]
dir = .
serial = $dir/serial
crypto_device = builtin
signer_cert = $dir/tsa.crt
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
clock_precision_digits = 3
ess_cert_id_alg = sha256
[ stamps ]
extendedKeyUsage = critical,timeStamping
basicConstraints = critical,CA:false
[ req ]
distinguished_name = name
[ name ]
";

/// What came in: the request line with the head, and the body.
type Received = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// An authority on loopback. Answers as long as it lives.
#[derive(Debug)]
pub struct TimeStamps {
    folder: tempfile::TempDir,
    address: SocketAddr,
    received: Received,
}

impl TimeStamps {
    /// Makes its keys and listens.
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_owned();
        fs::write(place.join("tsa.cnf"), SETTINGS).unwrap();
        fs::write(place.join("serial"), "01\n").unwrap();
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
        let ca = ["req", "-x509", "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=CA", "-days", "2"];
        assert_done(&openssl(&place, &[&ca[..], &key].concat()));
        let request =
            ["req", "-new", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=TSA", "-config", "tsa.cnf"];
        assert_done(&openssl(&place, &[&request[..], &key].concat()));
        let sign = "x509 -req -in tsa.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile tsa.cnf \
                    -extensions stamps -out tsa.crt";
        assert_done(&openssl(&place, &sign.split_whitespace().collect::<Vec<_>>()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let received = Received::default();
        let log = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &place, &log);
            }
        });
        Self { folder, address, received }
    }

    /// Its address, under a name that the flags lead here.
    pub fn url(&self) -> String {
        format!("http://marche.test:{}/tsa", self.address.port())
    }

    /// The flag that leads its name here.
    pub fn flags(&self) -> [String; 2] {
        let port = self.address.port();
        ["--connect-to".to_owned(), format!("marche.test:{port}:127.0.0.1:{port}")]
    }

    /// Everything that was asked.
    pub fn received(&self) -> Vec<(String, Vec<u8>)> {
        self.received.lock().unwrap().clone()
    }

    /// Whether openssl, with the certificate of the authority alone, takes `answer` as a stamp of this digest.
    pub fn vouches(&self, answer: &Path, digest: &str) -> bool {
        let answer = answer.to_str().unwrap();
        let verify = ["ts", "-verify", "-digest", digest, "-in", answer, "-CAfile", "ca.crt"];
        openssl(self.folder.path(), &verify).status.success()
    }
}

fn openssl(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).current_dir(folder).output().unwrap()
}

fn assert_done(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn answer(mut stream: TcpStream, folder: &Path, log: &Received) {
    let Some((head, body)) = request(&mut stream) else { return };
    log.lock().unwrap().push((head, body.clone()));
    let query: PathBuf = folder.join("query.tsq");
    fs::write(&query, body).unwrap();
    let reply = ["ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "reply.tsr"];
    assert_done(&openssl(folder, &reply));
    let reply = fs::read(folder.join("reply.tsr")).unwrap();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        reply.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &reply].concat());
}

fn request(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Some((head, bytes[end + 4..end + 4 + length].to_vec()));
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    }
}
