//! A graceful stop: the first SIGINT or SIGTERM asks for it, the second ends the process.

use tokio::sync::watch;

use super::Exit;

/// Whether the user asked to stop. Clones share one answer.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Nobody will ever ask.
    pub fn never() -> Self {
        Self(watch::channel(false).1)
    }

    /// Listens for signals from now on; inside a tokio runtime.
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            let Ok(mut signals) = Signals::new() else { return };
            signals.next().await;
            tracing::warn!("stopping; a second signal stops at once");
            let _ = sender.send(true);
            signals.next().await;
            std::process::exit(i32::from(Exit::Interrupted.code()));
        });
        Self(receiver)
    }

    /// True once a stop was asked for.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until a stop is asked for; for ever when nobody can ask any more.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Does it unless a stop is asked for: then what was done of it is dropped, and there is nothing.
    pub async fn unless<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.requested() => None,
            done = work => Some(done),
        }
    }

    /// The same as a channel, for whoever watches it beside other things.
    pub fn receiver(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }
}

/// SIGINT and SIGTERM, taken from the moment this is made.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C, where there are no signals.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
