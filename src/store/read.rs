//! Reading visits back.

use std::collections::BTreeMap;

use url::Url;

use crate::model::{Comune, Finding, PageRecord, Signal, Target, Visit};

use super::{
    RunId, Store, StoreError, VisitId,
    codes::Columns,
    same::retime,
    sql::{Connection, Row, query, query_scalar},
    write::direct_hop,
};

impl Store {
    /// A stored visit, as it was given to the store. Only its [`Comune`] is what is known of it now: facts that came
    /// later are in it, facts that were not given again stay.
    pub async fn visit(&self, id: VisitId) -> Result<Visit, StoreError> {
        self.try_visit(id)
            .await
            .map_err(|error| self.error("reading a visit", error))?
            .ok_or(StoreError::NoSuchVisit { visit: id })
    }

    async fn try_visit(&self, id: VisitId) -> Result<Option<Visit>, sqlx::Error> {
        let mut transaction = self.readers.begin_reading().await?;
        // What was seen is in the rows of the visit that holds it.
        let row = query(
            "SELECT coalesce(v.url, s.url) AS url, v.started, v.finished, v.requests, v.ended, v.times, h.id AS holder,
                    h.coverage, h.vendors, h.remarks, h.path, h.left_unread, k.version, k.sha256, c.id AS comune,
                    c.codice_ipa, c.codice_istat, c.codice_catastale, c.codice_fiscale, c.name, c.region, c.population
             FROM visit v JOIN visit h ON h.id = coalesce(v.same_as, v.id) JOIN site s ON s.id = v.site
             JOIN catalogue k ON k.id = v.catalogue LEFT JOIN comune c ON c.id = v.comune
             WHERE v.id = $1",
        )
        .bind(id.0)
        .fetch_optional(&mut transaction)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let started = row.time("started")?;
        let holder: i64 = row.try_get("holder")?;
        let mut findings = findings(&mut transaction, holder).await?;
        let mut pages = pages(&mut transaction, holder).await?;
        let finished = if holder == id.0 {
            row.time("finished")?
        } else {
            retime(started, &row.json::<Vec<i64>>("times")?, &mut pages, &mut findings)?
        };
        let visit = Visit {
            url: row.url("url")?,
            comune: comune(&row)?,
            started,
            finished,
            requests: row.number("requests")?,
            end: row.code("ended")?,
            catalogue: row.try_get("version")?,
            catalogue_sha256: row.try_get("sha256")?,
            coverage: row.json("coverage")?,
            findings,
            vendors: row.json("vendors")?,
            remarks: row.json("remarks")?,
            pages,
            path: row.json("path")?,
            left_unread: row.json("left_unread")?,
        };
        Ok(Some(visit))
    }

    /// The sites of the comuni that have this IPA, ISTAT, cadastral or fiscal code, or this name (with or without
    /// `Comune di`, without regard to case). Most often one; homonyms are two.
    pub async fn targets_named(&self, subject: &str) -> Result<Vec<Target>, StoreError> {
        let subject = subject.trim();
        let rows = query(
            "SELECT s.url AS site, s.scheme_guessed, c.* FROM comune c JOIN site s ON s.comune = c.id
             WHERE lower(c.codice_ipa) = $2 OR c.codice_istat = $1 OR lower(c.codice_catastale) = $2
                OR c.codice_fiscale = $1 OR lower(c.name) IN ($2, 'comune di ' || $2)
             ORDER BY s.id LIMIT 20",
        )
        .bind(subject)
        .bind(subject.to_ascii_lowercase())
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error("looking for a comune", error))?;
        let target = |row: &Row| {
            let url = row.url("site")?;
            Ok(Target { url, scheme_guessed: row.try_get("scheme_guessed")?, comune: comune(row)? })
        };
        rows.iter()
            .map(target)
            .collect::<Result<_, sqlx::Error>>()
            .map_err(|error| self.error("looking for a comune", error))
    }

    /// The comune that a site was last said to belong to.
    pub async fn comune_of(&self, site: &Url) -> Result<Option<Comune>, StoreError> {
        let row = query("SELECT c.* FROM site s JOIN comune c ON c.id = s.comune WHERE s.url = $1")
            .bind(site.as_str())
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| self.error("looking for a comune", error))?;
        row.as_ref().map(comune).transpose().map_err(|error| self.error("looking for a comune", error))
    }

    /// The visits of a run, in the order of its list. One number for each: the whole country is 63 KiB.
    pub async fn visits_of_run(&self, run: RunId) -> Result<Vec<VisitId>, StoreError> {
        let ids: Vec<i64> = query_scalar("SELECT id FROM visit WHERE run = $1 ORDER BY position")
            .bind(run.0)
            .fetch_all(&self.readers)
            .await
            .map_err(|error| self.error("listing the visits of a run", error))?;
        Ok(ids.into_iter().map(VisitId).collect())
    }
}

fn comune(row: &Row) -> Result<Comune, sqlx::Error> {
    Ok(Comune {
        name: row.try_get("name")?,
        codice_ipa: row.try_get("codice_ipa")?,
        codice_istat: row.try_get("codice_istat")?,
        codice_catastale: row.try_get("codice_catastale")?,
        codice_fiscale: row.try_get("codice_fiscale")?,
        population: row.number_option("population")?,
        region: row.try_get("region")?,
    })
}

async fn pages(connection: &mut Connection, visit: i64) -> Result<Vec<PageRecord>, sqlx::Error> {
    let rows = query(
        "SELECT requested, url, kind, outcome, detail, status, hops, bytes, sha256, address, certificate, fetched,
                charset, title, rendered
         FROM page WHERE visit = $1 ORDER BY position",
    )
    .bind(visit)
    .fetch_all(&mut *connection)
    .await?;
    rows.iter().map(page).collect()
}

fn page(row: &Row) -> Result<PageRecord, sqlx::Error> {
    let requested = row.url("requested")?;
    let status = row.number_option("status")?;
    let hops: Option<&str> = row.try_get("hops")?;
    Ok(PageRecord {
        hops: if hops.is_some() { row.json("hops")? } else { vec![direct_hop(&requested, status)] },
        requested,
        url: row.url("url")?,
        kind: row.code("kind")?,
        outcome: row.code("outcome")?,
        detail: row.try_get("detail")?,
        status,
        bytes: row.number("bytes")?,
        sha256: row.try_get("sha256")?,
        address: row.try_get("address")?,
        certificate: row.try_get("certificate")?,
        fetched: row.time("fetched")?,
        charset: row.try_get("charset")?,
        title: row.try_get("title")?,
        rendered: row.try_get::<Option<&str>>("rendered")?.is_some().then(|| row.json("rendered")).transpose()?,
    })
}

async fn findings(connection: &mut Connection, visit: i64) -> Result<Vec<Finding>, sqlx::Error> {
    let rows = query(
        "SELECT g.finding, g.rule, g.catalogue, g.platform, g.proves, g.strength, g.kind, g.url, g.chain, g.selector,
                g.excerpt, g.label, g.target, g.tenant, g.tied, g.sha256, g.fetched
         FROM finding f JOIN signal g ON g.finding = f.id WHERE f.visit = $1 ORDER BY f.id, g.position",
    )
    .bind(visit)
    .fetch_all(&mut *connection)
    .await?;
    let mut signals: BTreeMap<i64, Vec<Signal>> = BTreeMap::new();
    for row in &rows {
        signals.entry(row.try_get("finding")?).or_default().push(signal(row)?);
    }
    let rows = query("SELECT id, platform, outcome, strength, reason FROM finding WHERE visit = $1 ORDER BY id")
        .bind(visit)
        .fetch_all(&mut *connection)
        .await?;
    rows.iter()
        .map(|row| {
            let id: i64 = row.try_get("id")?;
            Ok(Finding {
                platform: row.code("platform")?,
                outcome: row.code("outcome")?,
                strength: row.code_option("strength")?,
                reason: row.reason("reason")?,
                signals: signals.remove(&id).unwrap_or_default(),
            })
        })
        .collect()
}

fn signal(row: &Row) -> Result<Signal, sqlx::Error> {
    Ok(Signal {
        rule: row.try_get("rule")?,
        catalogue: row.try_get("catalogue")?,
        platform: row.code_option("platform")?,
        proves: row.code("proves")?,
        strength: row.code("strength")?,
        kind: row.try_get("kind")?,
        url: row.url("url")?,
        chain: row.json("chain")?,
        selector: row.try_get("selector")?,
        excerpt: row.try_get("excerpt")?,
        label: row.try_get("label")?,
        target: row.url_option("target")?,
        tenant: row.try_get("tenant")?,
        tied: row.try_get("tied")?,
        sha256: row.try_get("sha256")?,
        fetched: row.time("fetched")?,
    })
}
