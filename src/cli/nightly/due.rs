//! Which sites a night visits.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};

use crate::{
    cli::{Context, Exit, Failure, notices, run, workshop},
    config::NightSites,
    history::day,
    model::{ApplicationState, Target},
    notices::Notices,
    run::TargetList,
    store::{Store, Wanted, targets_sha256},
};

/// Sites that are due.
pub(super) struct Due {
    /// Sites that the registers give.
    pub(super) known: usize,
    /// Those that are due, those not seen for longest first.
    pub(super) list: TargetList,
}

/// The sites that are due now. A night that was cut short is gone on with: what was due when it began is due still, so that it
/// is the same work.
pub(super) async fn sites(limit: u32, notices: &Notices, store: &Store, context: &Context) -> Result<Due, Failure> {
    let of_store = |error| workshop::of_store(&error, context.lang());
    let now = workshop::now();
    let today = day(now);
    let wanted = match context.settings.night.sites {
        NightSites::All | NightSites::None => Wanted::Comuni { without: Vec::new() },
        NightSites::Applications => {
            let titles = notices::titles(notices, store, |_| true).await.map_err(of_store)?;
            let states = ApplicationState::ALL.into_iter().filter(|state| state.is_live()).collect();
            Wanted::Applications { titles, states }
        }
    };
    let mut list = run::sites(&wanted, today, store, context).await?;
    let known = list.targets.len();
    if known == 0 {
        let lang = context.lang();
        let what = lang.pick("nessun sito da visitare", "no sites to visit");
        let why = lang.pick(
            "i registri importati non ne danno nessuno per `night_sites`",
            "the imported registers give none for `night_sites`",
        );
        let hint = lang.pick(
            "`riscontro import istat|ipa|candidature FILE`; `night_sites = \"none\"` se non si vuole visitare",
            "`riscontro import istat|ipa|candidature FILE`; `night_sites = \"none\"` when nothing is to be visited",
        );
        return Err(Failure::new(Exit::NoInput, what).because(why).hint(hint));
    }
    let at = |time: Timestamp| async move { store.last_looks(time).await.map_err(of_store) };
    let pick = |looks: &HashMap<String, Timestamp>, on: Date| {
        chosen(&list.targets, looks, (on, context.settings.night.days), limit)
    };
    let mut due = None;
    if let Some((started, digest)) = store.left_run().await.map_err(of_store)?
        && day(started) == today
    {
        let same = pick(&at(started).await?, today);
        due = (targets_sha256(&same) == digest).then_some(same);
    }
    let due = match due {
        Some(due) => due,
        None => pick(&at(now).await?, today),
    };
    list.targets = due;
    Ok(Due { known, list })
}

/// What was not looked at for so many days (UTC), oldest look first, at most `limit` (0: all).
fn chosen(
    targets: &[Target],
    looks: &HashMap<String, Timestamp>,
    (today, days): (Date, u32),
    limit: u32,
) -> Vec<Target> {
    let seen = |target: &Target| looks.get(target.url.as_str()).copied();
    let again = |look: Timestamp| day(look).checked_add(i64::from(days).days()).is_ok_and(|again| again <= today);
    let mut due: Vec<&Target> = targets.iter().filter(|target| seen(target).is_none_or(again)).collect();
    due.sort_by_key(|target| seen(target));
    if limit > 0 {
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    due.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::model::Comune;

    #[test]
    fn a_site_is_due_after_days_and_the_one_not_seen_for_longest_comes_first() {
        let target = |url: &str| Target { url: url.parse().unwrap(), scheme_guessed: false, comune: Comune::default() };
        let all = ["https://a.it/", "https://b.it/", "https://c.it/", "https://d.it/"].map(target);
        let looks: HashMap<String, Timestamp> = [
            ("https://a.it/", "2026-11-23T00:10:00Z"),
            ("https://b.it/", "2026-11-22T23:50:00Z"),
            ("https://c.it/", "2026-11-20T02:00:00Z"),
        ]
        .map(|(url, at)| (url.to_owned(), at.parse().unwrap()))
        .into();
        let today = jiff::civil::date(2026, 11, 23);
        let due = |days, limit| -> Vec<String> {
            chosen(&all, &looks, (today, days), limit)
                .iter()
                .map(|one| one.url.host_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(due(1, 0), ["d.it", "c.it", "b.it"], "a was seen today");
        assert_eq!(due(3, 0), ["d.it", "c.it"]);
        assert_eq!(due(1, 2), ["d.it", "c.it"]);
    }
}
