//! The same work on a file and on a server, through the built binary: what is printed must be the same.

#![expect(clippy::unwrap_used, reason = "a test may stop where its world is not as it should be")]

mod support;

use regex::Regex;
use riscontro::{
    clock::{Clock as _, SystemClock},
    config::Environment,
};
use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use support::{Comune, Riscontro, Web, comuni, world::country};
use url::Url;

const BINARY: &str = env!("CARGO_BIN_EXE_riscontro");

/// An empty database on the server that `RISCONTRO_POSTGRES` names. It stays there: the server is one for tests.
fn empty_database() -> String {
    let environment = Environment::of_process();
    let server = environment.get("RISCONTRO_POSTGRES").expect("RISCONTRO_POSTGRES names a server for tests");
    let name = format!("built_{}_{}", std::process::id(), SystemClock.now().as_nanosecond());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = server.parse::<PgConnectOptions>().unwrap().connect().await.unwrap();
        let make = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut connection).await.unwrap();
    });
    let mut url = Url::parse(server).unwrap();
    url.set_path(&name);
    // A password that the server does not ask for, and that nothing may repeat. The address of a socket has no place for one.
    if url.has_host() {
        url.set_password(Some("gattopardo")).unwrap();
    }
    url.into()
}

/// Times, durations and what they make of digests and sizes, which differ from one run to the next on one engine too.
fn steady(text: &str, home: &str, database: &str) -> String {
    let mut text = text.replace(home, "HOME").replace(database, "DB");
    for (pattern, instead) in [
        (r"postgres://[^\s\x22,:]+(:\d+)?/[^\s\x22,]+|HOME/a\.db|HOME/[^\s\x22]*\.evidence", "DB"),
        (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(\.\d+)?Z?", "TIME"),
        (r"[0-9a-f]{64}", "DIGEST"),
        // Compressed with the times in them.
        (r"\b\d+ +DIGEST", "SIZE DIGEST"),
        (r"urn:uuid:[0-9a-f-]{36}", "UUID"),
        (r"\x22(bytes|offset|elapsed_seconds|secs|nanos|start)\x22: ?[\d.]+", "SIZE"),
        (r"\b\d+([.,]\d+)? ?(s|ms|min|KiB|MiB|bytes?|byte)\b", "SIZE"),
        (r"127\.0\.0\.1:\d+", "ADDRESS"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, instead).into_owned();
    }
    text
}

/// Everything that the commands say of one database, in order.
fn story(web: &Web, comuni: &[Comune], db: impl FnOnce(&Riscontro) -> String) -> Vec<(String, String)> {
    let riscontro = Riscontro::new(BINARY, web);
    let db = db(&riscontro);
    let write = |name: &str, text: &str| {
        std::fs::write(riscontro.path(name), text).unwrap();
        riscontro.path(name).to_str().unwrap().to_owned()
    };
    let each = |head: &str, row: &dyn Fn(&Comune) -> String| -> String {
        comuni.iter().fold(head.to_owned(), |all, comune| all + &row(comune) + "\n")
    };
    let istat = write(
        "istat.csv",
        &each("codice_istat,denominazione,codice_catastale,sigla_provincia,regione,popolazione\n", &|one| {
            format!("{},{},{},TO,Piemonte,{}", one.istat(), one.name, one.catastale(), one.population)
        }),
    );
    let ipa = write(
        "ipa.csv",
        &each(
            "Codice_IPA,Denominazione_ente,Codice_fiscale_ente,Codice_Categoria,Codice_comune_ISTAT,Sito_istituzionale\n",
            &|one| format!("{},Comune di {},{},L6,{},{}", one.ipa(), one.name, one.fiscale(), one.istat(), one.host()),
        ),
    );
    let head = "codice_ipa,tipologia_ente,comune,cod_comune,importo_finanziamento,avviso,data_finanziamento,codice_cup,\
                stato_candidatura,data_stato_candidatura,misura\n";
    let candidature = write(
        "144.csv",
        &each(head, &|one| {
            format!(
                "{},Comuni,{},{},14000.0,1.4.4 Adozione SPID CIE  - Comuni - Aprile 2022,2022-08-02,SPID{},A,2022-08-02,\
                 1.4.4 Adozione",
                one.ipa(),
                one.name,
                one.istat(),
                one.number
            )
        }),
    );
    let services: Vec<_> = (0..3).map(|at| serde_json::json!({"i": format!("s{at}"), "n": "Servizio è"})).collect();
    let appio = serde_json::json!([{"o": "Ala", "fc": comuni[0].fiscale(), "s": services}]).to_string();
    let appio = write("appio.json", &appio);
    let targets = write("comuni.csv", &comuni::targets_csv(comuni));

    let mut said = Vec::new();
    let mut tell = |networked: bool, arguments: &[&str]| {
        let all = [arguments, &["--db", &db, "--lang", "it"]].concat();
        let ended = if networked { riscontro.run(&all) } else { riscontro.local(&all) };
        assert!(!ended.stdout.contains("gattopardo") && !ended.stderr.contains("gattopardo"), "{arguments:?}");
        let text = format!("{:?}\n{}", ended.status.code(), ended.stdout);
        let label = steady(&arguments.join(" "), riscontro.home().to_str().unwrap(), &db);
        said.push((label, steady(&text, riscontro.home().to_str().unwrap(), &db)));
        ended
    };
    for (register, file) in [("istat", &istat), ("ipa", &ipa), ("candidature", &candidature), ("appio", &appio)] {
        tell(false, &["import", register, file, "--date", "2025-01-01"]).assert_code(0);
        tell(false, &["import", register, file, "--date", "2025-01-01", "--format", "json"]).assert_code(0);
    }
    tell(true, &["run", "--targets", &targets, "--concurrency", "1", "--format", "json"]).assert_code(0);
    tell(true, &["run", "--targets", &targets, "--concurrency", "1", "--fresh"]).assert_code(0);
    for arguments in [
        &["run", "list"][..],
        &["run", "list", "--format", "json"],
        &["run", "discard", "2"],
        &["run", "release", "2"],
        &["export", "findings", "--format", "jsonl"],
        &["export", "findings", "--run", "1"],
        &["export", "observations", "--all", "--format", "jsonl"],
        &["export", "observations", "--as-of", "2025-01-01"],
        &["diff", "--from", "2025-01-01"],
        &["comune", "Ala"],
        &["comune", "COMUNE DI BELA", "--format", "json"],
        &["comune", "Alla"],
        &["verdicts", "--notice", "pad2026-144-spid-cie-2022-04", "--format", "jsonl"],
        &["verdicts", "--notice", "pad2026-144-spid-cie-2022-04"],
        &["evidence", "list"],
        &["evidence", "verify"],
        &["evidence", "replay", "--format", "json"],
    ] {
        tell(false, arguments);
    }
    // Where they are kept differs, and how large they are; the rest of both is the same.
    let status = riscontro.local(&["db", "status", "--format", "json", "--db", &db]);
    status.assert_code(0);
    assert!(!status.stdout.contains("gattopardo"), "{}", status.stdout);
    let mut status = status.json_lines().remove(0);
    assert!(status["bytes"].as_u64().unwrap() > 100_000, "{status}");
    status["bytes"].take();
    status["path"].take();
    said.push(("db status".to_owned(), status.to_string()));
    let config = riscontro.local(&["config", "--db", &db]);
    assert!(!config.stdout.contains("gattopardo") && !config.stderr.contains("gattopardo"), "{}", config.stdout);
    said
}

#[test]
#[ignore = "needs PostgreSQL"]
fn a_file_and_a_server_say_the_same() {
    let (comuni, web) = country(&["Ala", "Bela", "Cela"]);
    let file = story(&web, &comuni, |riscontro| riscontro.database("a.db"));
    let server = story(&web, &comuni, |_| empty_database());
    assert_eq!(file.len(), server.len());
    for (one, other) in file.iter().zip(&server) {
        assert_eq!(one, other);
    }
    assert!(file.iter().any(|(command, said)| command.starts_with("export findings") && said.contains("\"found\"")));
}
