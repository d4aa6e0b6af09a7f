//! Every register imported from empty into SQLite by the built binary, one after the other: processor and wall seconds,
//! peak memory. The real registers where they lie beside the project, else made-up ones of national size.
//!
//! `cargo bench --bench import_registers`, with `-- --made-up` for the latter in any case. What is promised: under 60 s and 300 MiB on two cores.

#![allow(clippy::print_stdout, reason = "a bench speaks to a person")]

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

#[path = "../tests/support/mod.rs"]
mod support;

use support::{Riscontro, office, process, shared};

/// Comuni and applications of the made-up country.
const COMUNI: usize = 8_000;
const APPLICATIONS: usize = 40_000;
/// What is promised: seconds, MiB.
const PROMISE: (f64, f64) = (60.0, 300.0);

/// One file: register, path, date.
type Input = (&'static str, PathBuf, &'static str);

fn real(folder: &Path) -> Vec<Input> {
    office::REAL.iter().map(|(register, file, date)| (*register, folder.join(file), *date)).collect()
}

/// A country of that size: every comune in ISTAT, ANPR and IPA, five applications and some services for each.
fn made_up(folder: &Path) -> std::io::Result<Vec<Input>> {
    let catastale = |n: usize| format!("{}{:03}", char::from(b'A' + u8::try_from(n / 1_000).unwrap_or(0)), n % 1_000);
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map(|()| path)
    };
    let comuni = |head: &str, row: &dyn Fn(usize) -> String| {
        let mut text = format!("{head}\n");
        (0..COMUNI).for_each(|n| text.push_str(&row(n)));
        text
    };
    let istat = comuni("codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione", &|n| {
        format!("{:06},Comune Numero {n},{},BG,Lombardia,{}\n", n + 1_000, catastale(n), 500 + n * 7)
    });
    let anpr = comuni(
        "ID,DATAISTITUZIONE,DATACESSAZIONE,CODISTAT,CODCATASTALE,DENOMINAZIONE_IT,SIGLAPROVINCIA",
        &|n| {
            let (code, istat) = (catastale(n), n + 1_000);
            format!(
                "{n},1866-11-19,1950-01-01,{istat:06},{code},NUMERO {n},BG\n{n},1950-01-02,9999-12-31,{istat:06},{code},COMUNE NUMERO {n},BG\n"
            )
        },
    );
    let ipa = comuni(
        "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Sito_istituzionale,Mail1",
        &|n| {
            let code = catastale(n).to_lowercase();
            format!(
                "c_{code},Comune di Comune Numero {n},{n:011},L6,{:06},www.comune.numero{n}.bg.example,a@pec.example\n",
                n + 1_000
            )
        },
    );
    let mut applications = "codice_ipa,ente,tipologia_ente,comune,cod_comune,provincia,importo_finanziamento,avviso,data_finanziamento,codice_cup,stato_candidatura,misura\n".to_owned();
    for n in 0..APPLICATIONS {
        let number = n % COMUNI;
        applications.push_str(&format!(
            "c_{},Comune,Comuni,Comune Numero {number},{:06},BG,14000.0,1.4.4 Adozione SPID CIE - Comuni - Aprile 2022,2022-08-02,J{n:014},A,1.4.4 x\n",
            catastale(number).to_lowercase(),
            number + 1_000
        ));
    }
    let bodies: Vec<String> = (0..COMUNI)
        .map(|n| {
            let services: Vec<String> =
                (0..4).map(|s| format!(r#"{{"i":"S{n}-{s}","n":"Servizio {s}","q":1}}"#)).collect();
            format!(r#"{{"fc":"{:011}","o":"Comune {n}","s":[{}]}}"#, n + 10, services.join(","))
        })
        .collect();
    Ok(vec![
        ("istat", write("istat.csv", istat)?, "2024-01-01"),
        ("anpr", write("anpr.csv", anpr)?, "2024-01-01"),
        ("ipa", write("ipa.csv", ipa)?, "2024-01-01"),
        ("candidature", write("candidature.csv", applications)?, "2024-01-01"),
        ("appio", write("appio.json", format!("[{}]", bodies.join(",")))?, "2024-01-01"),
    ])
}

fn main() -> ExitCode {
    let riscontro = Riscontro::bare(env!("CARGO_BIN_EXE_riscontro"));
    let made_up_only = std::env::args().any(|argument| argument == "--made-up");
    let found = if made_up_only { None } else { shared::folder("data", "padigitale2026-avvisi.csv") };
    let inputs = match &found {
        Some(folder) => real(folder),
        None => match made_up(riscontro.home()) {
            Ok(inputs) => inputs,
            Err(_) => return ExitCode::FAILURE,
        },
    };
    println!("{} files, {}", inputs.len(), if found.is_some() { "the real registers" } else { "made up" });
    let database = riscontro.database("bench.db");
    let (mut peak, mut ticks, mut sound) = (0, 0, true);
    let started = Instant::now();
    for (register, path, date) in inputs {
        let file = path.display().to_string();
        let mut running =
            riscontro.spawn(&["import", register, &file, "--date", date, "--db", &database, "--format", "json"]);
        let (mut own_peak, mut own_ticks) = (0, 0);
        while !running.has_ended() {
            own_peak = own_peak.max(process::memory(running.id(), "VmHWM:"));
            own_ticks = own_ticks.max(process::ticks(running.id(), process::OWN));
            thread::sleep(Duration::from_millis(5));
        }
        let ended = running.wait(Duration::from_mins(5));
        sound &= ended.code() == Some(0);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        println!("{:>7.2} s {:>5} MiB  {name}", ended.took.as_secs_f64(), own_peak / 1024);
        peak = peak.max(own_peak);
        ticks += own_ticks;
    }
    let wall = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let (processor, memory) = (ticks as f64 / 100.0, peak as f64 / 1024.0);
    println!(
        "processor {processor:.1} s, wall {wall:.1} s, peak {memory:.0} MiB; promised: {} s, {} MiB",
        PROMISE.0, PROMISE.1
    );
    if sound && processor < PROMISE.0 && memory < PROMISE.1 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
