//! Storing visits.

use url::Url;

use crate::evidence::Batch;
use crate::model::{Comune, Finding, Hop, PageRecord, Platform, Signal, Strength, Target, Visit};

use super::{
    ChainId, RunId, Store, StoreError, VisitId,
    codes::{count, json, time_text},
    evidence::insert_batch,
    observations::{follow, make, rule, subject_of},
    same::Seen,
    sql::{Connection, query, query_scalar},
};

/// Where a visit belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) site: i64,
    run: Option<(i64, i64)>,
    /// Whom it is about.
    pub(super) subject: i64,
    /// Its rules.
    pub(super) catalogue: i64,
}

impl Store {
    /// Stores a visit that is part of no run (`check --save`).
    pub async fn save_visit(&self, visit: &Visit) -> Result<VisitId, StoreError> {
        self.try_save_visit(visit, None).await.map_err(|error| self.error("storing a visit", error))
    }

    pub(super) async fn try_save_visit(
        &self,
        visit: &Visit,
        kept: Option<(ChainId, &Batch)>,
    ) -> Result<VisitId, sqlx::Error> {
        let mut transaction = self.writer.begin().await?;
        let comune = comune_id(&mut transaction, &visit.comune).await?;
        let site: i64 = query_scalar(
            "INSERT INTO site (url, scheme_guessed, comune) VALUES ($1, FALSE, $2)
             ON CONFLICT (url) DO UPDATE SET comune = coalesce(excluded.comune, site.comune) RETURNING id",
        )
        .bind(visit.url.as_str())
        .bind(comune)
        .fetch_one(&mut transaction)
        .await?;
        let id = insert_visit(&mut transaction, (site, None), comune, visit).await?;
        if let Some((chain, batch)) = kept {
            insert_batch(&mut transaction, id, chain, batch).await?;
        }
        transaction.commit().await?;
        Ok(id)
    }

    /// Stores the result for one place of a run, and marks the place as done, in one transaction.
    ///
    /// A place takes one result: a second one, or one for a place that the run does not have, is
    /// [`StoreError::NotPending`] and changes nothing.
    pub async fn record_visit(&self, run: RunId, position: usize, visit: &Visit) -> Result<VisitId, StoreError> {
        self.try_record_visit(run, position, visit, None)
            .await
            .map_err(|error| self.error("storing a visit", error))?
            .ok_or(StoreError::NotPending { run, position })
    }

    pub(super) async fn try_record_visit(
        &self,
        run: RunId,
        position: usize,
        visit: &Visit,
        kept: Option<(ChainId, &Batch)>,
    ) -> Result<Option<VisitId>, sqlx::Error> {
        let place = count(position as u64);
        let mut transaction = self.writer.begin().await?;
        let site: Option<i64> = query_scalar(
            "UPDATE run_target SET state = 'done' WHERE run = $1 AND position = $2 AND state = 'pending' RETURNING site",
        )
        .bind(run.0)
        .bind(place)
        .fetch_optional(&mut transaction)
        .await?;
        let Some(site) = site else {
            transaction.rollback().await?;
            return Ok(None);
        };
        let comune = comune_id(&mut transaction, &visit.comune).await?;
        let id = insert_visit(&mut transaction, (site, Some((run.0, place))), comune, visit).await?;
        if let Some((chain, batch)) = kept {
            insert_batch(&mut transaction, id, chain, batch).await?;
        }
        transaction.commit().await?;
        Ok(Some(id))
    }
}

/// Finds a comune's row, or makes it; facts that are given replace what was known, missing ones leave it.
///
/// A comune with an IPA code is that code. Without one, only a row with exactly the same facts is the same comune: to
/// guess more is the registers' work, not the store's. A comune without any fact has no row.
pub(super) async fn comune_id(connection: &mut Connection, comune: &Comune) -> Result<Option<i64>, sqlx::Error> {
    if *comune == Comune::default() {
        return Ok(None);
    }
    let ipa = comune.codice_ipa.as_ref().map(|code| code.to_lowercase());
    if ipa.is_none() {
        let known: Option<i64> = query_scalar(
            "SELECT id FROM comune WHERE codice_ipa IS NULL AND name IS NOT DISTINCT FROM $1
             AND codice_istat IS NOT DISTINCT FROM $2 AND codice_catastale IS NOT DISTINCT FROM $3
             AND codice_fiscale IS NOT DISTINCT FROM $4 AND population IS NOT DISTINCT FROM $5
             AND region IS NOT DISTINCT FROM $6",
        )
        .bind(&comune.name)
        .bind(&comune.codice_istat)
        .bind(&comune.codice_catastale)
        .bind(&comune.codice_fiscale)
        .bind(comune.population.map(i64::from))
        .bind(&comune.region)
        .fetch_optional(&mut *connection)
        .await?;
        if known.is_some() {
            return Ok(known);
        }
    }
    query_scalar(
        "INSERT INTO comune (codice_ipa, name, codice_istat, codice_catastale, codice_fiscale, population, region)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (codice_ipa) DO UPDATE SET
             name = coalesce(excluded.name, comune.name),
             codice_istat = coalesce(excluded.codice_istat, comune.codice_istat),
             codice_catastale = coalesce(excluded.codice_catastale, comune.codice_catastale),
             codice_fiscale = coalesce(excluded.codice_fiscale, comune.codice_fiscale),
             population = coalesce(excluded.population, comune.population),
             region = coalesce(excluded.region, comune.region)
         RETURNING id",
    )
    .bind(ipa)
    .bind(&comune.name)
    .bind(&comune.codice_istat)
    .bind(&comune.codice_catastale)
    .bind(&comune.codice_fiscale)
    .bind(comune.population.map(i64::from))
    .bind(&comune.region)
    .fetch_one(&mut *connection)
    .await
    .map(Some)
}

/// Finds a site's row, or makes it.
pub(super) async fn site_id(connection: &mut Connection, target: &Target) -> Result<i64, sqlx::Error> {
    let comune = comune_id(connection, &target.comune).await?;
    query_scalar(
        "INSERT INTO site (url, scheme_guessed, comune) VALUES ($1, $2, $3)
         ON CONFLICT (url) DO UPDATE SET scheme_guessed = excluded.scheme_guessed,
                                         comune = coalesce(excluded.comune, site.comune)
         RETURNING id",
    )
    .bind(target.url.as_str())
    .bind(target.scheme_guessed)
    .bind(comune)
    .fetch_one(&mut *connection)
    .await
}

/// Finds a catalogue's row, or makes it.
pub(super) async fn catalogue_id(connection: &mut Connection, version: &str, sha256: &str) -> Result<i64, sqlx::Error> {
    // The update changes nothing; it makes the row of the conflict come back.
    query_scalar(
        "INSERT INTO catalogue (version, sha256) VALUES ($1, $2)
         ON CONFLICT (version, sha256) DO UPDATE SET version = excluded.version RETURNING id",
    )
    .bind(version)
    .bind(sha256)
    .fetch_one(&mut *connection)
    .await
}

/// Stores a visit, and what it changes in the history of whom it is about.
async fn insert_visit(
    connection: &mut Connection,
    (site, run): (i64, Option<(i64, i64)>),
    comune: Option<i64>,
    visit: &Visit,
) -> Result<VisitId, sqlx::Error> {
    let (subject, adopted) = subject_of(connection, comune, site).await?;
    let catalogue = catalogue_id(connection, &visit.catalogue, &visit.catalogue_sha256).await?;
    let id = insert_rows(connection, Place { site, run, subject, catalogue }, comune, visit).await?;
    if adopted {
        let confirm = rule(connection).await?;
        make(connection, subject, confirm).await?;
    } else if counts(connection, run.map(|(run, _)| run)).await? {
        follow(connection, subject, visit, catalogue).await?;
    }
    Ok(id)
}

/// Whether the looks of a run count; those of a visit by itself do.
async fn counts(connection: &mut Connection, run: Option<i64>) -> Result<bool, sqlx::Error> {
    let Some(run) = run else { return Ok(true) };
    query_scalar("SELECT trust IN ('clear', 'released') FROM run WHERE id = $1")
        .bind(run)
        .fetch_one(&mut *connection)
        .await
}

/// Stores the rows of a visit: its own alone where another holds what it saw.
async fn insert_rows(
    connection: &mut Connection,
    place: Place,
    comune: Option<i64>,
    visit: &Visit,
) -> Result<VisitId, sqlx::Error> {
    let seen = Seen::of(visit)?;
    let same = match &seen {
        Some(seen) => seen.holder(connection, place, comune).await?.map(|holder| (holder, &seen.times)),
        None => None,
    };
    let own = same.is_none();
    let id: i64 = query_scalar(
        "INSERT INTO visit (site, comune, run, position, url, started, finished, requests, ended, catalogue,
                            coverage, vendors, remarks, path, left_unread, subject, same_as, times, digest)
         VALUES ($1, $2, $3, $4, nullif($5, (SELECT s.url FROM site s WHERE s.id = $1)), $6, $7, $8, $9, $10, $11, $12,
                 $13, $14, $15, $16, $17, $18, $19) RETURNING id",
    )
    .bind(place.site)
    .bind(comune)
    .bind(place.run.map(|(run, _)| run))
    .bind(place.run.map(|(_, position)| position))
    .bind(visit.url.as_str())
    .bind(time_text(visit.started))
    .bind(own.then(|| time_text(visit.finished)))
    .bind(i64::from(visit.requests))
    .bind(visit.end.code())
    .bind(place.catalogue)
    .bind(own.then(|| json(&visit.coverage)).transpose()?)
    .bind(own.then(|| json(&visit.vendors)).transpose()?)
    .bind(own.then(|| json(&visit.remarks)).transpose()?)
    .bind(own.then(|| json(&visit.path)).transpose()?)
    .bind(own.then(|| json(&visit.left_unread)).transpose()?)
    .bind(place.subject)
    .bind(same.map(|(holder, _)| holder))
    .bind(same.map(|(_, times)| times.as_str()))
    .bind(seen.as_ref().filter(|_| own).map(|seen| seen.digest.as_str()))
    .fetch_one(&mut *connection)
    .await?;
    if !own {
        return Ok(VisitId(id));
    }
    for (page, position) in visit.pages.iter().zip(0_i64..) {
        insert_page(connection, id, position, page).await?;
    }
    for finding in &visit.findings {
        insert_finding(connection, id, finding).await?;
    }
    Ok(VisitId(id))
}

/// The one hop of a page that answered without a redirect. Most pages do, and the column is left empty for them: it
/// would double the size of a row to say the same address and status twice.
pub(super) fn direct_hop(requested: &Url, status: Option<u16>) -> Hop {
    Hop { url: requested.clone(), status, location: None }
}

async fn insert_page(
    connection: &mut Connection,
    visit: i64,
    position: i64,
    page: &PageRecord,
) -> Result<(), sqlx::Error> {
    let hops = if page.hops == [direct_hop(&page.requested, page.status)] && page.url == page.requested {
        None
    } else {
        Some(json(&page.hops)?)
    };
    query(
        "INSERT INTO page (visit, position, requested, url, kind, outcome, detail, status, hops, bytes, sha256,
                           address, certificate, fetched, charset, title, rendered)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(visit)
    .bind(position)
    .bind(page.requested.as_str())
    .bind(page.url.as_str())
    .bind(page.kind.code())
    .bind(page.outcome.code())
    .bind(&page.detail)
    .bind(page.status.map(i64::from))
    .bind(hops)
    .bind(count(page.bytes))
    .bind(&page.sha256)
    .bind(&page.address)
    .bind(&page.certificate)
    .bind(time_text(page.fetched))
    .bind(&page.charset)
    .bind(&page.title)
    .bind(page.rendered.as_ref().map(json).transpose()?)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

async fn insert_finding(connection: &mut Connection, visit: i64, finding: &Finding) -> Result<(), sqlx::Error> {
    let id: i64 = query_scalar(
        "INSERT INTO finding (visit, platform, outcome, strength, reason) VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(visit)
    .bind(finding.platform.code())
    .bind(finding.outcome.code())
    .bind(finding.strength.map(Strength::code))
    .bind(finding.reason.code())
    .fetch_one(&mut *connection)
    .await?;
    for (signal, position) in finding.signals.iter().zip(0_i64..) {
        insert_signal(connection, id, position, signal).await?;
    }
    Ok(())
}

async fn insert_signal(
    connection: &mut Connection,
    finding: i64,
    position: i64,
    signal: &Signal,
) -> Result<(), sqlx::Error> {
    query(
        "INSERT INTO signal (finding, position, rule, catalogue, platform, proves, strength, kind, url, chain,
                             selector, excerpt, label, target, tenant, tied, sha256, fetched)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(finding)
    .bind(position)
    .bind(&signal.rule)
    .bind(&signal.catalogue)
    .bind(signal.platform.map(Platform::code))
    .bind(signal.proves.code())
    .bind(signal.strength.code())
    .bind(&signal.kind)
    .bind(signal.url.as_str())
    .bind(json(&signal.chain)?)
    .bind(&signal.selector)
    .bind(&signal.excerpt)
    .bind(&signal.label)
    .bind(signal.target.as_ref().map(Url::as_str))
    .bind(&signal.tenant)
    .bind(signal.tied)
    .bind(&signal.sha256)
    .bind(time_text(signal.fetched))
    .execute(&mut *connection)
    .await?;
    Ok(())
}
