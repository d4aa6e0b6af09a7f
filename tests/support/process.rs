//! What the system knows of a process, from `/proc`.

use std::{fs, ops::RangeInclusive, thread, time::Duration};

use super::run::{Ended, Running};

/// Fields of [`ticks`]: what a process used itself.
pub const OWN: RangeInclusive<usize> = 11..=12;
/// The same, and what those of its children used that it has waited for.
pub const WITH_CHILDREN: RangeInclusive<usize> = 11..=14;

/// The ids of all processes.
pub fn all() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

/// The process that started it.
pub fn parent(id: u32) -> Option<u32> {
    field(id, 1)?.try_into().ok()
}

/// The descendants of a process.
pub fn family(root: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = all().into_iter().filter_map(|id| Some((id, parent(id)?))).collect();
    let mut family = vec![root];
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(id, _)| *id));
        at += 1;
    }
    family.remove(0);
    family
}

/// The command line, its words joined by zero bytes; empty when the process is gone.
pub fn command_line(id: u32) -> String {
    String::from_utf8_lossy(&fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default()).into_owned()
}

/// User and system time in hundredths of a second: the sum of these fields, see [`OWN`] and [`WITH_CHILDREN`].
pub fn ticks(id: u32, fields: RangeInclusive<usize>) -> u64 {
    fields.filter_map(|place| field(id, place)).sum()
}

/// A line of the status in bytes (`VmHWM:`, `RssAnon:`); 0 where there is none.
pub fn memory(id: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or_default() * 1024
}

/// Sends a signal, by its name without `SIG`.
#[track_caller]
pub fn signal(id: u32, name: &str) {
    let sent = std::process::Command::new("kill").args([format!("-{name}"), id.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{name} was not sent to {id}");
}

/// Whether it takes SIGTERM itself: from then on a stop can be asked for.
pub fn can_be_asked_to_stop(id: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let taken = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    taken.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & (1 << 14) != 0)
}

/// A number of `/proc/ID/stat`, counted from the state, which follows the name in parentheses.
fn field(id: u32, place: usize) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(place)?.parse().ok()
}

/// What a command used up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Most memory, bytes.
    pub peak: u64,
    /// Processor time, hundredths of a second.
    pub ticks: u64,
}

impl Used {
    /// Waits for a command, and watches what it uses.
    pub fn by(mut running: Running, patience: Duration) -> (Ended, Self) {
        let mut used = Self::default();
        while !running.has_ended() {
            used.peak = used.peak.max(memory(running.id(), "VmHWM:"));
            used.ticks = used.ticks.max(ticks(running.id(), OWN));
            thread::sleep(Duration::from_millis(5));
        }
        (running.wait(patience), used)
    }
}
