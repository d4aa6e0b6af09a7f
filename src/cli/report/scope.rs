//! What a report on notices is about, and where its changes and cases come from.

use std::{collections::BTreeSet, io, ops::ControlFlow};

use jiff::civil::Date;

use crate::{
    cli::{Context, Failure, notices, workshop},
    model::{ApplicationState, Platform},
    notices::{Notice, Notices},
    registry::names::fold,
    report::{notice::Builder, observations::ChangeRow, verdicts::Told},
    store::{CaseFacts, HistoryOf, Period, Store, Wanted},
};

/// Notices, regions, and the day whose knowledge counts.
pub(in crate::cli) struct Scope<'a> {
    notices: &'a Notices,
    /// The notices that are meant.
    pub(in crate::cli) chosen: Vec<&'a Notice>,
    /// Regions, folded; none for all.
    regions: BTreeSet<String>,
    as_of: Date,
}

impl<'a> Scope<'a> {
    /// The notices of some ids; without any, those whose applications a register lists. Regions as registers write them.
    pub(in crate::cli) fn new(
        ids: &[String],
        regions: &[String],
        as_of: Date,
        notices: &'a Notices,
        context: &Context,
    ) -> Result<Self, Failure> {
        let mut chosen: Vec<&Notice> = Vec::new();
        for id in ids {
            let notice = notices::find(notices, id, context.lang())?;
            if !chosen.iter().any(|known| known.id == notice.id) {
                chosen.push(notice);
            }
        }
        if ids.is_empty() {
            chosen.extend(notices.all().iter().filter(|notice| !notice.titles.is_empty()));
        }
        Ok(Self { notices, chosen, regions: regions.iter().map(|region| fold(region)).collect(), as_of })
    }

    fn holds(&self, region: Option<&String>) -> bool {
        self.regions.is_empty() || region.is_some_and(|region| self.regions.contains(&fold(region)))
    }

    /// Hands the report what `change` says of the histories that concern it, which are known back to a day. Comes before
    /// [`Self::cases`].
    pub(in crate::cli) async fn changes(
        &self,
        since: Date,
        report: &mut Builder<'a>,
        store: &Store,
        mut change: impl FnMut(&HistoryOf) -> Option<ChangeRow> + Send,
        context: &Context,
    ) -> Result<(), Failure> {
        let criteria = self.chosen.iter().flat_map(|notice| &notice.criteria);
        let platforms: BTreeSet<Platform> = criteria.filter_map(|criterion| criterion.reads.site).collect();
        let each = |told: HistoryOf| {
            if platforms.contains(&told.platform)
                && self.holds(told.whose.region.as_ref())
                && let Some(row) = change(&told)
            {
                report.change(row);
            }
            ControlFlow::Continue(())
        };
        let read = store.for_each_history(None, Period::between(since, self.as_of), each).await;
        read.map_err(|error| workshop::of_store(&error, context.lang()))
    }

    /// Hands out every case, judged. The report counts those that it is given.
    pub(in crate::cli) async fn cases(
        &self,
        report: &mut Builder<'a>,
        store: &Store,
        mut each: impl FnMut(&Told<'_>, &mut Builder<'a>) -> io::Result<()> + Send,
        context: &Context,
    ) -> Result<(), Failure> {
        let of_store = |error| workshop::of_store(&error, context.lang());
        let ids: BTreeSet<&str> = self.chosen.iter().map(|notice| notice.id.as_str()).collect();
        let titles = notices::titles(self.notices, store, |one| ids.contains(one.id.as_str()));
        let titles = titles.await.map_err(of_store)?;
        let states = ApplicationState::ALL.into_iter().filter(|state| state.is_live()).collect();
        // Notices whose applications no register lists concern every comune.
        let open: Vec<&Notice> = self.chosen.iter().copied().filter(|notice| notice.titles.is_empty()).collect();
        let mut wanted = vec![Wanted::Applications { titles, states }];
        wanted.extend((!open.is_empty()).then(|| Wanted::Comuni { without: Vec::new() }));
        let dues: Vec<Date> = self.chosen.iter().flat_map(|notice| &notice.phases).map(|phase| phase.due).collect();
        let ages = context.settings.register_max_age;
        let mut broken: Option<io::Error> = None;
        for wanted in &wanted {
            let case = |facts: CaseFacts| {
                if !self.holds(facts.comune.region.as_ref()) {
                    return ControlFlow::Continue(());
                }
                let of: Vec<&'a Notice> = match &facts.application {
                    Some(application) => self.notices.of_title(&application.avviso).into_iter().collect(),
                    None => open.iter().copied().filter(|notice| allowed(notice, &facts)).collect(),
                };
                for notice in of {
                    let told = Told::new(facts.clone(), notice, self.as_of, ages);
                    if let Err(error) = each(&told, report) {
                        broken = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            };
            store.for_each_case(wanted, self.as_of, &dues, case).await.map_err(of_store)?;
        }
        broken.map_or(Ok(()), |error| Err(Failure::unwritable("report", &error, context.lang())))
    }
}

/// Whether a comune without an application could have had one.
fn allowed(notice: &Notice, facts: &CaseFacts) -> bool {
    !notice.excludes(facts.comune.region.as_deref(), facts.comune.sigla.as_deref())
}
