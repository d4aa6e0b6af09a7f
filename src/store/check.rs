//! A database looked over: by its engine, and by what must hold of it.

use serde::Serialize;

use super::{
    Store, StoreError,
    sql::{Pool, query_scalar},
};

/// Faults that are told one by one; the rest is counted.
const SHOWN: usize = 10;

/// What was looked at, and what was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What was looked at, a stable code.
    pub what: &'static str,
    /// How many faults there are; at most 100 are counted of what the engine tells.
    pub faults: u64,
    /// The first ten: what the engine says, or the ids of rows.
    pub first: Vec<String>,
}

/// What must hold: a code, and the rows of which it does not.
const RULES: &[(&str, &str)] = &[
    (
        "done-is-stored",
        "SELECT 'run ' || t.run || ', place ' || t.position FROM run_target t
         WHERE (t.state = 'done') <> EXISTS (SELECT 1 FROM visit v WHERE v.run = t.run AND v.position = t.position)",
    ),
    (
        "found-has-signals",
        "SELECT 'visit ' || f.visit || ', ' || f.platform FROM finding f JOIN visit v ON v.id = f.visit
         WHERE f.outcome = 'found' AND v.pared IS NULL
           AND NOT EXISTS (SELECT 1 FROM signal s WHERE s.finding = f.id)",
    ),
    (
        "same-is-held",
        "SELECT 'visit ' || v.id FROM visit v JOIN visit h ON h.id = v.same_as
         WHERE h.same_as IS NOT NULL OR h.id >= v.id OR h.site <> v.site OR h.catalogue <> v.catalogue
            OR h.subject IS DISTINCT FROM v.subject OR h.comune IS DISTINCT FROM v.comune
            OR (h.pared IS NULL AND (SELECT count(*) FROM json_each(v.times))
                                    <> 1 + (SELECT count(*) FROM page p WHERE p.visit = h.id))",
    ),
    (
        "signals-have-bytes",
        "SELECT 'visit ' || v.id || ', rule ' || s.rule FROM visit v JOIN visit h ON h.id = coalesce(v.same_as, v.id)
         JOIN finding f ON f.visit = h.id JOIN signal s ON s.finding = f.id
         WHERE EXISTS (SELECT 1 FROM evidence_record m WHERE m.visit = v.id AND m.kind = 'metadata' AND m.gone IS NULL)
           AND h.remarks NOT LIKE '%\"evidence-cut\"%'
           AND NOT EXISTS (SELECT 1 FROM evidence_record r WHERE r.visit = v.id AND r.body = s.sha256)",
    ),
    (
        "chains-are-whole",
        "SELECT 'chain ' || c.id FROM evidence_chain c
         WHERE c.records <> (SELECT count(*) FROM evidence_record r WHERE r.chain = c.id)
            OR (c.records > 0 AND c.root <> (SELECT r.link FROM evidence_record r WHERE r.chain = c.id
                                             ORDER BY r.position DESC LIMIT 1))",
    ),
    (
        "answers-hold-in-order",
        "SELECT 'observation ' || o.id FROM observation o
         WHERE o.first_seen > o.last_confirmed OR (o.until IS NOT NULL AND o.until < o.last_confirmed)",
    ),
    ("visits-are-about-somebody", "SELECT 'visit ' || v.id FROM visit v WHERE v.subject IS NULL"),
];

impl Store {
    /// Looks the whole database over; reads all of it. What lies in files of evidence is `evidence verify`'s to read.
    pub async fn check(&self) -> Result<Vec<Checked>, StoreError> {
        let doing = "checking the database";
        let fail = |error| self.error(doing, error);
        let mut all = Vec::new();
        // A server looks after its own files and references.
        if matches!(self.readers, Pool::Sqlite(_)) {
            let told: Vec<String> = query_scalar("SELECT integrity_check FROM pragma_integrity_check")
                .fetch_all(&self.readers)
                .await
                .map_err(fail)?;
            all.push(checked("engine", told.into_iter().filter(|line| line != "ok").collect()));
            let told: Vec<String> =
                query_scalar("SELECT \"table\" || coalesce(', row ' || rowid, '') FROM pragma_foreign_key_check")
                    .fetch_all(&self.readers)
                    .await
                    .map_err(fail)?;
            all.push(checked("references", told));
        }
        for (what, statement) in RULES {
            let told: Vec<String> = query_scalar(*statement).fetch_all(&self.readers).await.map_err(fail)?;
            all.push(checked(what, told));
        }
        Ok(all)
    }
}

fn checked(what: &'static str, mut told: Vec<String>) -> Checked {
    let faults = told.len() as u64;
    told.truncate(SHOWN);
    Checked { what, faults, first: told }
}
