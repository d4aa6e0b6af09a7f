//! Nights of visits over a country, written straight into the tables of a database, as the store would write them without pages: a
//! year of them in minutes.

use std::collections::HashMap;

use riscontro::model::Outcome;
use sqlx::{Connection as _, SqliteConnection};

use super::year::{self, Country};

/// Pages of a visit.
pub const PAGES: usize = 10;

/// A comune: its number from 1 on, IPA code, cadastral code, name, address.
pub type Row = (usize, String, String, String, String);

/// Of each comune, the visit that holds what was seen, by what it was.
pub type Holders = Vec<HashMap<String, usize>>;

/// The night's visits in a few statements, from one JSON text: number, start, a letter for each platform, id, the id of the
/// visit that saw the same before, and how long each of ten pages and the end took.
pub async fn write(
    connection: &mut SqliteConnection,
    country: &Country,
    truth: &[Vec<[bool; 4]>],
    night: usize,
    holders: &mut Holders,
) {
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Found => 'f',
        Outcome::Undetermined => 'u',
        Outcome::Mentioned | Outcome::NotFound => 'n',
    };
    let rows: Vec<(usize, String, String, usize, Option<usize>, String)> = (0..country.comuni)
        .map(|comune| {
            let seen = country.seen(comune, night, truth[comune][night]);
            let at = year::starts(comune, night).strftime("%Y-%m-%dT%H:%M:%S%.9fZ").to_string();
            let letters: String = seen.iter().map(letter).collect();
            let id = night * country.comuni + comune + 1;
            let same = holders[comune].get(&letters).copied();
            if same.is_none() {
                holders[comune].insert(letters.clone(), id);
            }
            let times: Vec<usize> = (0..=PAGES).map(|page| 1_000 + (id * 131 + page * 7_919) % 997).collect();
            (comune + 1, at, letters, id, same, serde_json::to_string(&times).unwrap())
        })
        .collect();
    let rows = serde_json::to_string(&rows).unwrap();
    let run = i64::try_from(night + 1).unwrap();
    let mut transaction = connection.begin().await.unwrap();
    for statement in [
        "INSERT INTO run (id, started, finished, state, catalogue, agent, settings, targets, targets_sha256, had, worse)
         SELECT ?1, min(value ->> 1), max(value ->> 1), 'finished', 1, '0.1.0', '{}', count(*), '', 0, 0 FROM json_each(?2)",
        "INSERT INTO run_target (run, position, site, state)
         SELECT ?1, (value ->> 0) - 1, value ->> 0, 'done' FROM json_each(?2)",
        "INSERT INTO visit (id, site, comune, run, position, started, finished, requests, ended, catalogue, coverage,
                            vendors, remarks, path, left_unread, subject, same_as, times)
         SELECT value ->> 3, value ->> 0, value ->> 0, ?1, (value ->> 0) - 1, value ->> 1,
                iif(value ->> 4 IS NULL, value ->> 1, NULL), 14, 'exhausted', 1, iif(value ->> 4 IS NULL, '{}', NULL),
                iif(value ->> 4 IS NULL, '[]', NULL), iif(value ->> 4 IS NULL, '[]', NULL),
                iif(value ->> 4 IS NULL, '[]', NULL), iif(value ->> 4 IS NULL, '[]', NULL), value ->> 0, value ->> 4,
                iif(value ->> 4 IS NULL, NULL, value ->> 5)
         FROM json_each(?2)",
        "INSERT INTO finding (visit, platform, outcome, strength, reason)
         SELECT j.value ->> 3, p.value,
                CASE substr(j.value ->> 2, p.key + 1, 1)
                     WHEN 'f' THEN 'found' WHEN 'u' THEN 'undetermined' ELSE 'not-found' END,
                iif(substr(j.value ->> 2, p.key + 1, 1) = 'f', 'proof', NULL),
                CASE substr(j.value ->> 2, p.key + 1, 1)
                     WHEN 'f' THEN 'proof' WHEN 'u' THEN 'connect-timeout' ELSE 'coverage-complete' END
         FROM json_each(?2) j CROSS JOIN json_each('[\"spid\",\"cie\",\"pagopa\",\"appio\"]') p
         WHERE j.value ->> 4 IS NULL AND ?1 > 0",
        "INSERT INTO signal (finding, position, rule, catalogue, platform, proves, strength, kind, url, chain, selector, excerpt,
                             tied, sha256, fetched)
         SELECT f.id, 0, 'prova.' || f.platform, '2026.1', f.platform, 'login', 'proof', 'login',
                s.url || 'it/servizi-e-accesso/area-personale?ritorno=%2Fservizi', '[]', 'a[href]', '', 1,
                '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', v.started
         FROM visit v JOIN site s ON s.id = v.site JOIN finding f ON f.visit = v.id
         WHERE v.run = ?1 AND v.same_as IS NULL AND f.outcome = 'found' AND ?2 <> ''",
    ] {
        sqlx::query(statement).bind(run).bind(&rows).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Comuni, sites and subjects of the same numbers; in the register, too, when they are not there yet.
pub async fn populate(connection: &mut SqliteConnection, rows: &[Row], register: bool) {
    let rows = serde_json::to_string(rows).unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let mut statements = vec![
        "INSERT INTO catalogue (id, version, sha256) SELECT 1, '2026.1', '' WHERE ?1 <> ''",
        "INSERT INTO comune (id, codice_ipa, codice_catastale, name, region)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, 'Lazio' FROM json_each(?1)",
        "INSERT INTO site (id, url, scheme_guessed, comune) SELECT value ->> 0, value ->> 4, 0, value ->> 0 FROM json_each(?1)",
        "INSERT INTO subject (id, comune) SELECT value ->> 0, value ->> 0 FROM json_each(?1)",
        // Another measure than the one that is set afterwards, which makes every history.
        "UPDATE history_rule SET looks = 4 WHERE ?1 <> ''",
    ];
    if register {
        statements.push(
            "INSERT INTO known_comune (catastale, name, region, is_current, codice_ipa, url)
             SELECT value ->> 2, value ->> 3, 'Lazio', 1, value ->> 1, value ->> 4 FROM json_each(?1)",
        );
    }
    for statement in statements {
        sqlx::query(statement).bind(&rows).execute(&mut *transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
}
