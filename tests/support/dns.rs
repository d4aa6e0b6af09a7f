//! A name server on loopback whose answers are programmed, for `--resolver 127.0.0.1:PORT`.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use hickory_proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{RData, Record, RecordType},
};

/// What the server says of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// These addresses; those of the asked family are sent, so the other family is an empty answer.
    Addresses(Vec<IpAddr>),
    /// There is no such name.
    NoSuchName,
    /// The server itself fails.
    ServerFailure,
    /// The server will not say.
    Refused,
    /// Nothing at all.
    Silence,
}

impl Reply {
    /// One address.
    pub fn address(address: &str) -> Self {
        Self::Addresses(vec![address.parse().unwrap()])
    }
}

#[derive(Debug, Default)]
struct Zone {
    /// One reply for each time an address is asked; the last one stays.
    names: HashMap<String, (Vec<Reply>, HashMap<RecordType, usize>)>,
    otherwise: Option<Reply>,
    asked: Vec<(String, RecordType)>,
}

/// A running name server; it ends when it is dropped. Names it does not know do not exist.
pub struct DnsServer {
    address: SocketAddr,
    zone: Arc<Mutex<Zone>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for DnsServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsServer").field("address", &self.address).finish_non_exhaustive()
    }
}

impl DnsServer {
    /// Binds a free UDP port on 127.0.0.1 and answers.
    pub fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let address = socket.local_addr().unwrap();
        let zone = Arc::new(Mutex::new(Zone::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (zone, stop) = (Arc::clone(&zone), Arc::clone(&stop));
            move || serve(&socket, &zone, &stop)
        });
        Self { address, zone, stop, thread: Some(thread) }
    }

    /// Where it listens: the value of `--resolver`.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What is said of a name, from now on.
    pub fn set(&self, name: &str, reply: Reply) -> &Self {
        self.set_sequence(name, vec![reply])
    }

    /// One reply after the other, each time the name is asked, counted for each record type; the last one stays.
    /// This is how a name is made to point elsewhere between the check and the connection.
    pub fn set_sequence(&self, name: &str, replies: Vec<Reply>) -> &Self {
        assert!(!replies.is_empty(), "{name}: at least one reply");
        self.zone().names.insert(name.to_ascii_lowercase(), (replies, HashMap::new()));
        self
    }

    /// What is said of every name that was not set.
    pub fn otherwise(&self, reply: Reply) -> &Self {
        self.zone().otherwise = Some(reply);
        self
    }

    /// The questions so far: name (lower case, no final dot) and record type.
    pub fn asked(&self) -> Vec<(String, RecordType)> {
        self.zone().asked.clone()
    }

    /// How often the addresses of a name were asked, over all record types.
    pub fn count(&self, name: &str) -> usize {
        self.asked().iter().filter(|(asked, _)| asked == name).count()
    }

    fn zone(&self) -> std::sync::MutexGuard<'_, Zone> {
        self.zone.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(socket: &UdpSocket, zone: &Mutex<Zone>, stop: &AtomicBool) {
    let mut buffer = [0_u8; 4096];
    while !stop.load(Ordering::Relaxed) {
        let Ok((size, client)) = socket.recv_from(&mut buffer) else { continue };
        let Ok(question) = Message::from_vec(&buffer[..size]) else { continue };
        let reply = answer(&question, &mut zone.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(bytes) = reply.and_then(|message| message.to_vec().ok()) {
            let _ = socket.send_to(&bytes, client);
        }
    }
}

fn answer(question: &Message, zone: &mut Zone) -> Option<Message> {
    let query = question.queries.first()?;
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let kind = query.query_type();
    zone.asked.push((name.clone(), kind));
    let reply = match zone.names.get_mut(&name) {
        Some((replies, turns)) => {
            let turn = turns.entry(kind).or_default();
            let reply = replies[(*turn).min(replies.len() - 1)].clone();
            *turn += 1;
            reply
        }
        None => zone.otherwise.clone().unwrap_or(Reply::NoSuchName),
    };
    let mut message = Message::response(question.metadata.id, OpCode::Query);
    message.metadata.recursion_desired = question.metadata.recursion_desired;
    message.metadata.recursion_available = true;
    message.add_query(query.clone());
    match reply {
        Reply::Silence => return None,
        Reply::NoSuchName => message.metadata.response_code = ResponseCode::NXDomain,
        Reply::ServerFailure => message.metadata.response_code = ResponseCode::ServFail,
        Reply::Refused => message.metadata.response_code = ResponseCode::Refused,
        Reply::Addresses(addresses) => {
            for address in addresses {
                let data = match (address, kind) {
                    (IpAddr::V4(address), RecordType::A) => RData::A(address.into()),
                    (IpAddr::V6(address), RecordType::AAAA) => RData::AAAA(address.into()),
                    _ => continue,
                };
                // A time to live of zero: nothing between the test and the product may remember the answer.
                message.add_answer(Record::from_rdata(query.name().clone(), 0, data));
            }
        }
    }
    Some(message)
}
