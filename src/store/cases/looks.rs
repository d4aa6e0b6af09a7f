//! Of the visits of a comune, the few that a verdict can rest on.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::{
    codes::{Columns as _, json},
    comuni::day,
    sql::{Connection, Row, query},
};
use crate::{model::Platform, notices::Sighting};

/// A finding of a visit, with where it can be looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Found {
    /// The finding.
    #[serde(flatten)]
    pub sighting: Sighting,
    /// Number of the visit in this database.
    pub visit: i64,
    /// Where the visit began.
    pub url: String,
    /// The page that carries the strongest match.
    pub page: Option<String>,
    /// Rule of the strongest match.
    pub rule: Option<String>,
    /// SHA-256 of that page's bytes.
    pub sha256: Option<String>,
    /// Version of the catalogue.
    pub catalogue: String,
    /// Root of the chain of evidence that the visit's bytes are in; none where none are kept.
    pub evidence_root: Option<String>,
}

/// The looks at comuni (cadastral codes, a JSON list) that a verdict can rest on, by comune: see [`super::CaseFacts::found`]. A
/// visit belongs to a comune by the codes of its target; one that was made of an address alone, by that address, if it is the site
/// of one comune only.
pub(super) async fn found(
    connection: &mut Connection,
    comuni: &str,
    as_of: Date,
    dues: &[Date],
) -> Result<HashMap<String, Vec<Found>>, sqlx::Error> {
    let mut whose: HashMap<(i64, Platform), Vec<String>> = HashMap::new();
    for row in chosen(connection, comuni, as_of, dues).await? {
        let (visit, platform) = (row.try_get("visit")?, row.code("platform")?);
        whose.entry((visit, platform)).or_default().push(row.try_get("catastale")?);
    }
    let mut all: HashMap<String, Vec<Found>> = HashMap::new();
    for found in read(connection, whose.keys(), as_of).await? {
        for catastale in whose.get(&(found.visit, found.sighting.platform)).into_iter().flatten() {
            all.entry(catastale.clone()).or_default().push(found.clone());
        }
    }
    Ok(all)
}

/// Which looks: visit and platform, for each comune.
///
/// Each look is gone for on its own, through the index of days, so that the time grows with the number of comuni and not with that
/// of their visits. The histories know about when it was.
async fn chosen(
    connection: &mut Connection,
    comuni: &str,
    as_of: Date,
    dues: &[Date],
) -> Result<Vec<Row>, sqlx::Error> {
    let dues: BTreeSet<String> = dues.iter().filter(|due| **due < as_of).map(Date::to_string).collect();
    // What answers a question. `CROSS JOIN` tells SQLite which table comes first: left to itself it would begin with all findings of
    // all visits. A server is told by the question of a run standing for itself: joined, all runs would be gone through each time.
    macro_rules! answers {
        ($day:literal) => {
            concat!(
                "FROM visit v CROSS JOIN finding f
                 WHERE v.subject = q.subject AND substr(v.started, 1, 10) ", $day, "
                   AND v.comune IS NOT DISTINCT FROM q.comune AND (q.site IS NULL OR v.site = q.site)
                   AND f.visit = coalesce(v.same_as, v.id) AND f.platform = q.platform
                   AND (q.wants = 'any' OR q.wants = 'told' AND f.outcome <> 'undetermined' OR f.outcome = 'found')
                   AND NOT coalesce((SELECT r.trust IN ('suspect', 'discarded') FROM run r WHERE r.id = v.run), FALSE)"
            )
        };
    }
    // The first day in an order that has an answer.
    macro_rules! day {
        ($order:literal) => {
            concat!(
                "(SELECT substr(v.started, 1, 10) ",
                answers!(
                    "BETWEEN CASE WHEN q.since > q.begins THEN q.since ELSE q.begins END
                         AND CASE WHEN q.until < q.ends THEN q.until ELSE q.ends END"
                ),
                " ORDER BY substr(v.started, 1, 10) ",
                $order,
                " LIMIT 1)"
            )
        };
    }
    query(concat!(
        "WITH wanted AS MATERIALIZED (SELECT value AS catastale FROM json_each($1)),
         meant AS MATERIALIZED (
             SELECT w.catastale, c.id AS comune FROM wanted w JOIN comune c ON c.codice_catastale = w.catastale
             UNION
             SELECT w.catastale, c.id FROM wanted w CROSS JOIN known_code k JOIN comune c ON c.codice_ipa = k.code
             WHERE k.catastale = w.catastale AND k.kind = 'ipa'),
         -- Whose visits are meant, and the days that they lie between.
         whose AS MATERIALIZED (
             SELECT m.catastale, u.id AS subject, m.comune, CAST(NULL AS BIGINT) AS site, '' AS begins, $2 AS ends
             FROM meant m JOIN subject u ON u.comune = m.comune
             UNION ALL
             SELECT w.catastale, v.subject, NULL, s.id, min(substr(v.started, 1, 10)), max(substr(v.started, 1, 10))
             FROM wanted w CROSS JOIN known_comune k CROSS JOIN site s CROSS JOIN visit v
             WHERE k.catastale = w.catastale AND s.url = k.url AND v.site = s.id AND v.comune IS NULL
               AND substr(v.started, 1, 10) <= $2
               AND NOT EXISTS (SELECT 1 FROM known_comune o WHERE o.url = k.url AND o.catastale <> k.catastale)
             GROUP BY w.catastale, v.subject, s.id),
         asked AS MATERIALIZED (SELECT w.*, p.value AS platform FROM whose w CROSS JOIN json_each($4) p),
         question AS MATERIALIZED (
             SELECT a.*, 'any' AS wants, '' AS since, $2 AS until FROM asked a
             UNION ALL
             SELECT a.*, 'any', d.value, d.value FROM asked a CROSS JOIN json_each($3) d
             UNION ALL
             SELECT a.*, 'told', '', coalesce(
                 (SELECT min(substr(i.since, 1, 10)) FROM silence i
                  WHERE i.subject = a.subject AND i.platform = a.platform AND i.catalogue IS NULL
                    AND substr(i.since, 1, 10) <= $2 AND (i.ended IS NULL OR substr(i.ended, 1, 10) > $2)), $2)
             FROM asked a
             UNION ALL
             SELECT a.*, 'found', '',
                    (SELECT max(CASE WHEN substr(o.last_confirmed, 1, 10) < d.value
                                     THEN substr(o.last_confirmed, 1, 10) ELSE d.value END)
                     FROM observation o
                     WHERE o.subject = a.subject AND o.platform = a.platform AND o.outcome = 'found'
                       AND o.catalogue IS NULL AND substr(o.first_seen, 1, 10) <= d.value)
             FROM asked a CROSS JOIN (SELECT value FROM json_each($3) UNION SELECT $2) d
             UNION ALL
             SELECT a.*, 'first',
                    (SELECT min(substr(o.first_seen, 1, 10)) FROM observation o
                     WHERE o.subject = a.subject AND o.platform = a.platform AND o.outcome = 'found'
                       AND o.catalogue IS NULL AND substr(o.first_seen, 1, 10) <= $2), $2
             FROM asked a),
         answered AS MATERIALIZED (
             SELECT q.*, ",
        day!("DESC"),
        " AS day FROM question q WHERE q.wants <> 'first' AND q.until IS NOT NULL
             UNION ALL
             SELECT q.*, ",
        day!("ASC"),
        " FROM question q WHERE q.wants = 'first' AND q.since IS NOT NULL)
         SELECT DISTINCT q.catastale, q.platform, (SELECT v.id ",
        answers!("= q.day"),
        " ORDER BY v.started DESC, v.id DESC LIMIT 1) AS visit FROM answered q WHERE q.day IS NOT NULL"
    ))
    .bind(comuni)
    .bind(as_of.to_string())
    .bind(json(&dues)?)
    .bind(json(&Platform::DECIDED.map(Platform::code))?)
    .fetch_all(&mut *connection)
    .await
}

/// The looks themselves, by time.
async fn read(
    connection: &mut Connection,
    looks: impl Iterator<Item = &(i64, Platform)>,
    as_of: Date,
) -> Result<Vec<Found>, sqlx::Error> {
    // The pairs as a list of texts, because a list of numbers and texts is read in two ways by the two engines.
    let wanted: BTreeSet<String> =
        looks.map(|(visit, platform)| format!("{platform:<8}{visit}", platform = platform.code())).collect();
    let rows = query(
        "WITH wanted AS MATERIALIZED (
             SELECT CAST(substr(value, 9) AS BIGINT) AS visit, rtrim(substr(value, 1, 8)) AS platform FROM json_each($1))
         SELECT v.id AS visit, coalesce(v.url, s.url) AS url, substr(v.started, 1, 10) AS day,
                f.platform, f.outcome, f.reason,
                f.outcome IN ('not-found', 'mentioned') AND EXISTS (
                    SELECT 1 FROM observation o
                    WHERE o.subject = v.subject AND o.platform = f.platform AND o.outcome = 'found'
                      AND o.catalogue IS NULL AND o.first_seen <= v.started AND substr(o.known, 1, 10) <= $2
                      AND (o.until_known IS NULL OR substr(o.until_known, 1, 10) > $2
                           -- What the rules lost, the site may not have.
                           OR (o.ended = 'rules-changed' AND NOT EXISTS (
                               SELECT 1 FROM observation l
                               WHERE l.subject = o.subject AND l.platform = o.platform AND l.outcome = 'found'
                                 AND l.catalogue IS NULL AND l.first_seen > o.first_seen
                                 AND substr(l.known, 1, 10) <= $2)))
                ) AS unconfirmed,
                g.url AS page, g.rule, g.sha256, c.version,
                (SELECT e.root FROM evidence_record b JOIN evidence_chain e ON e.id = b.chain
                 WHERE b.visit = v.id LIMIT 1) AS evidence_root
         FROM wanted w CROSS JOIN visit v CROSS JOIN finding f JOIN site s ON s.id = v.site
         JOIN catalogue c ON c.id = v.catalogue
         LEFT JOIN signal g ON g.finding = f.id AND g.position = 0
         WHERE v.id = w.visit AND f.visit = coalesce(v.same_as, v.id) AND f.platform = w.platform
         ORDER BY v.started, v.id, f.id",
    )
    .bind(json(&wanted)?)
    .bind(as_of.to_string())
    .fetch_all(&mut *connection)
    .await?;
    rows.iter()
        .map(|row| {
            let sighting = Sighting {
                platform: row.code("platform")?,
                outcome: row.code("outcome")?,
                reason: row.reason("reason")?,
                on: day(row, "day")?,
                unconfirmed: row.try_get("unconfirmed")?,
            };
            Ok(Found {
                sighting,
                visit: row.try_get("visit")?,
                url: row.try_get("url")?,
                page: row.try_get("page")?,
                rule: row.try_get("rule")?,
                sha256: row.try_get("sha256")?,
                catalogue: row.try_get("version")?,
                evidence_root: row.try_get("evidence_root")?,
            })
        })
        .collect()
}
