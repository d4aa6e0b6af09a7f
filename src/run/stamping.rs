//! Roots to the authority that stamps them. An authority that is away stops nothing: what has no stamp is asked for again
//! the next time.

use jiff::Timestamp;
use serde::Serialize;
use url::Url;

use crate::{
    evidence::{MAX_ANSWER, QUERY_TYPE, Query},
    model::FetchOutcome,
    net::Client,
    store::{RunId, StampRow, Store, StoreError},
};

/// Roots that are asked for at one time: as many as a month of nights, should the authority have been away.
const AT_ONCE: usize = 40;

/// What came of asking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stamping {
    /// The stamps that were given.
    pub given: Vec<StampRow>,
    /// Why no more were: after the first failure nothing more is asked.
    pub failed: Option<String>,
    /// Roots that still have none.
    pub unstamped: usize,
}

/// Has the roots that have no stamp stamped, those of finished chains or the one of a run. Asks for one after the other,
/// and stops at the first answer that is none.
pub async fn stamp_roots(
    store: &Store,
    client: &Client,
    authority: &Url,
    run: Option<RunId>,
) -> Result<Stamping, StoreError> {
    let mut done = Stamping { given: Vec::new(), failed: None, unstamped: 0 };
    let wanted = store.unstamped(run, AT_ONCE).await?;
    for one in wanted {
        match ask(client, authority, &one.root, store.clock().now()).await {
            Ok((stamp, answer)) => {
                // Without what a password in it would say.
                let mut shown = authority.clone();
                let _ = shown.set_password(None);
                let row = StampRow {
                    chain: one.chain,
                    records: one.records,
                    root: one.root,
                    authority: shown.into(),
                    stamped: stamp.time,
                    policy: stamp.policy,
                    serial: stamp.serial,
                    answer,
                };
                store.add_stamp(&row).await?;
                done.given.push(row);
            }
            Err(why) => {
                done.failed = Some(why);
                break;
            }
        }
    }
    done.unstamped = store.unstamped(run, usize::MAX).await?.len();
    Ok(done)
}

async fn ask(
    client: &Client,
    authority: &Url,
    root: &str,
    now: Timestamp,
) -> Result<(crate::evidence::Stamp, Vec<u8>), String> {
    let query = Query::new(root, now).map_err(|error| error.to_string())?;
    let came = client.post(authority, QUERY_TYPE, &query.der(), MAX_ANSWER).await;
    if came.outcome != FetchOutcome::Ok || came.status != Some(200) {
        let status = came.status.map_or_else(String::new, |status| format!(", HTTP {status}"));
        let detail = came.detail.map_or_else(String::new, |detail| format!(": {detail}"));
        return Err(format!("{}{status}{detail}", came.outcome));
    }
    let stamp = query.answered(&came.body).map_err(|error| error.to_string())?;
    Ok((stamp, came.body))
}
