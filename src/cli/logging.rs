//! Log lines on standard error. What pages say is part of them, so each line is made safe before it is written.

use std::io::{self, Write};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer as _, filter::Targets, fmt, layer::SubscriberExt as _};

use super::Terminal;
use crate::{
    config::{LogFormat, Settings},
    report::clean,
};

/// Starts logging for the rest of the process. A second start changes nothing.
pub(super) fn start(settings: &Settings, terminal: &Terminal) {
    let (own, others) = match settings.verbosity {
        ..=-1 => (LevelFilter::ERROR, LevelFilter::OFF),
        0 => (LevelFilter::WARN, LevelFilter::OFF),
        1 => (LevelFilter::INFO, LevelFilter::ERROR),
        2 => (LevelFilter::DEBUG, LevelFilter::WARN),
        3.. => (LevelFilter::TRACE, LevelFilter::DEBUG),
    };
    let filter = Targets::new().with_target("riscontro", own).with_default(others);
    let terminal = terminal.clone();
    let writer = move || OneLine { terminal: terminal.clone() };
    let layer = fmt::layer().with_writer(writer).with_ansi(false);
    let layer = match settings.log_format {
        LogFormat::Text => layer.with_filter(filter).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_filter(filter).boxed(),
    };
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer));
}

/// Writes each event as exactly one line: a break or a terminal escape inside of it came from a page.
struct OneLine {
    terminal: Terminal,
}

impl Write for OneLine {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = one_line(event);
        self.terminal.progress().suspend(|| io::stderr().lock().write_all(line.as_bytes()))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One event as one safe line.
fn one_line(event: &[u8]) -> String {
    let text = String::from_utf8_lossy(event);
    let mut line = clean(text.trim_end_matches('\n')).into_owned();
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_cannot_forge_another() {
        let event = "WARN page title=\"x\n2026 ERROR riscontro: forged\u{1b}[2J\u{202e}\"\n";
        assert_eq!(one_line(event.as_bytes()), "WARN page title=\"x 2026 ERROR riscontro: forged\u{fffd}[2J\"\n");
        assert_eq!(one_line(b"\xff\n"), "\u{fffd}\n");
    }
}
