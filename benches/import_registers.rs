//! Every register imported from empty into SQLite by the built binary, one after the other: processor and wall seconds,
//! peak memory. The real registers where they lie beside the project, else made-up ones of national size.
//!
//! `cargo bench --bench import_registers`, with `-- --made-up` for the latter in any case. What is promised: under 60 s and 300 MiB on two cores.

#![allow(clippy::print_stdout, reason = "a bench speaks to a person")]

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{Riscontro, office, process::Used};

/// What is promised: seconds, MiB.
const PROMISE: (f64, f64) = (60.0, 300.0);

fn main() -> ExitCode {
    let riscontro = Riscontro::bare(env!("CARGO_BIN_EXE_riscontro"));
    let made_up_only = std::env::args().any(|argument| argument == "--made-up");
    let Ok((inputs, found)) = office::national(riscontro.home(), made_up_only) else { return ExitCode::FAILURE };
    println!("{} files, {}", inputs.len(), if found { "the real registers" } else { "made up" });
    let database = riscontro.database("bench.db");
    let (mut peak, mut ticks, mut sound) = (0, 0, true);
    let started = Instant::now();
    for (register, path, date) in inputs {
        let file = path.display().to_string();
        let arguments = ["import", register, &file, "--date", date, "--db", &database, "--format", "json"];
        let (ended, used) = Used::by(riscontro.spawn(&arguments), Duration::from_mins(5));
        sound &= ended.code() == Some(0);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        println!("{:>7.2} s {:>5} MiB  {name}", ended.took.as_secs_f64(), used.peak >> 20);
        peak = peak.max(used.peak);
        ticks += used.ticks;
    }
    let wall = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let (processor, memory) = (ticks as f64 / 100.0, peak as f64 / f64::from(1 << 20));
    println!(
        "processor {processor:.1} s, wall {wall:.1} s, peak {memory:.0} MiB; promised: {} s, {} MiB",
        PROMISE.0, PROMISE.1
    );
    if sound && processor < PROMISE.0 && memory < PROMISE.1 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
