//! One debugging connection: commands out, answers and events in.
//!
//! Only the connection and the protocol's types are the crate's. Its own page objects switch on the domains `Runtime`,
//! `Log` and `Network`, through which a page can send us as much as it likes; here a page speaks only through requests
//! that it wants answered.

use std::time::Duration;

use chromiumoxide::{
    Connection,
    error::CdpError,
    types::{CallId, CdpJsonEventMessage, Command, Message, MethodId},
};
use futures_util::StreamExt as _;
use serde_json::Value;
use tokio::time::timeout;

use super::Fault;

/// A browser that is well answers a command at once; one that does not is broken.
pub(super) const ANSWER: Duration = Duration::from_secs(5);

/// What came in.
pub(super) enum Incoming {
    /// The answer to a command: its result, or what went wrong.
    Answer(CallId, Result<Value, String>),
    /// Something happened: the event's name and what it says. Few of the protocol's four hundred events concern us, and
    /// the code that reads them all is larger than the rest of this program.
    Event(MethodId, Value),
}

/// A connection to the browser, or to one page in it.
pub(super) struct Link {
    connection: Connection<CdpJsonEventMessage>,
}

impl Link {
    /// Connects to a socket of the browser.
    pub(super) async fn open(socket: &str) -> Result<Self, Fault> {
        match timeout(ANSWER, Connection::connect(socket)).await {
            Ok(Ok(connection)) => Ok(Self { connection }),
            Ok(Err(error)) => Err(Fault::Start(error.to_string())),
            Err(_) => Err(Fault::Start("no connection within its time".to_owned())),
        }
    }

    /// Puts a command into the queue; it leaves with the next [`Link::next`].
    pub(super) fn send<C: Command>(&mut self, command: &C) -> Result<CallId, Fault> {
        let broken = |error: serde_json::Error| Fault::Crash(error.to_string());
        let parameters = serde_json::to_value(command).map_err(broken)?;
        self.connection.submit_command(command.identifier(), None, parameters).map_err(broken)
    }

    /// The next answer or event. May be dropped in the middle without loss.
    pub(super) async fn next(&mut self) -> Result<Incoming, Fault> {
        loop {
            match self.connection.next().await {
                Some(Ok(Message::Response(response))) => {
                    let result = match (response.result, response.error) {
                        (_, Some(error)) => Err(error.message),
                        (result, None) => Ok(result.unwrap_or_default()),
                    };
                    return Ok(Incoming::Answer(response.id, result));
                }
                // Workers and windows of a page are held at their start, with no domain switched on: they are silent.
                Some(Ok(Message::Event(event))) => return Ok(Incoming::Event(event.method, event.params)),
                // A message of a newer browser than the crate knows.
                Some(Err(CdpError::InvalidMessage(..) | CdpError::Serde(_))) => {}
                Some(Err(error)) => return Err(Fault::Crash(error.to_string())),
                None => return Err(Fault::Crash("the browser closed the connection".to_owned())),
            }
        }
    }

    /// Sends a command and waits for its answer; events that come meanwhile are dropped.
    pub(super) async fn call<C: Command>(&mut self, command: &C) -> Result<C::Response, Fault> {
        self.call_within(ANSWER, command).await
    }

    /// The same for a command that takes its time.
    pub(super) async fn call_within<C: Command>(&mut self, time: Duration, command: &C) -> Result<C::Response, Fault> {
        let id = self.send(command)?;
        let answered = async {
            loop {
                if let Incoming::Answer(answered, result) = self.next().await?
                    && answered == id
                {
                    return result.map_err(Fault::Crash);
                }
            }
        };
        let value = timeout(time, answered).await.map_err(|_| Fault::Time)??;
        C::response_from_value(value).map_err(|error| Fault::Crash(error.to_string()))
    }
}
