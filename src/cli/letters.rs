//! Letters that hold reports: which subscriptions are due, what each is told, one letter for each person; and the letter to
//! the operator about runs that wait.

mod part;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::{Context, Exit, Failure, comune, run::of_run, send, workshop};
use crate::{
    config::{Lang, Settings},
    history::day,
    mail::{self, Attachment, Letter, QueueError, compose},
    model::MailAddress,
    notices::Notices,
    report::letter::{self, Frame, Part, Written},
    rules::Catalogue,
    run::RunLock,
    store::{
        About, NewDispatch, Queued, RunId, RunLine, Store, StoreError, Subscription, SubscriptionId, Telling, Trust,
    },
};

use part::Prepared;

/// What letters are made of.
pub(super) struct Desk<'a> {
    pub(super) store: &'a Store,
    pub(super) notices: &'a Notices,
    pub(super) catalogue: &'a Catalogue,
    /// The run that the findings rest on, if this command visited.
    pub(super) run: Option<RunId>,
    /// Nothing is queued.
    pub(super) dry: bool,
    pub(super) context: &'a Context,
}

/// A subscription that could not be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Untold {
    /// Which one.
    pub(super) subscription: SubscriptionId,
    /// Why, for people.
    pub(super) why: String,
}

/// What became of the subscriptions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(super) struct Told {
    /// Subscriptions that were due.
    pub(super) due: usize,
    /// Letters queued; of a dry run, those that would be.
    pub(super) letters: usize,
    /// Their subjects, with the address.
    pub(super) subjects: Vec<(String, String)>,
    /// Subscriptions with nothing to tell.
    pub(super) nothing: usize,
    /// Those that could not be told; they stay due.
    pub(super) untold: Vec<Untold>,
    /// Runs that wait for a person: until then nobody is told anything.
    pub(super) held: Vec<RunId>,
    /// Letters to the operator about them.
    pub(super) operator: usize,
}

impl Desk<'_> {
    /// Queues the letters that are due. While a run waits for a person none is, and the operator is told once of each such run.
    pub(super) async fn tell(&self) -> Result<Told, Failure> {
        let of_store = |error| self.of_store(&error);
        // Looks of a run that is under way count until it is weighed: nobody is told of what may turn out to be a mass failure.
        let _lock = if self.dry {
            None
        } else {
            let lock = RunLock::acquire(self.store).await;
            let lock = lock.map_err(|error| of_run(&error.into(), self.context.lang()))?;
            self.store.weigh_left_runs(None, self.context.settings.suspect_share).await.map_err(of_store)?;
            Some(lock)
        };
        let runs = self.store.runs().await.map_err(of_store)?;
        let held: Vec<&RunLine> = runs.iter().filter(|run| run.trust == Trust::Suspect).collect();
        let at = workshop::now();
        let today = day(at);
        let mut due = self.store.subscriptions().await.map_err(of_store)?;
        due.retain(|one| one.is_due(today));
        let mut told = Told { due: due.len(), held: held.iter().map(|run| run.run).collect(), ..Told::default() };
        if !held.is_empty() {
            for run in held {
                told.operator += usize::from(self.tell_operator(run).await?);
            }
            return Ok(told);
        }
        for ((to, lang), group) in self.by_person(due, &mut told).await? {
            if self.context.stop.is_requested() {
                break;
            }
            self.write_to(&to, lang, group, at, &mut told).await?;
        }
        Ok(told)
    }

    /// Who gets what; a comune without a mailbox in the register is told nothing.
    async fn by_person(
        &self,
        due: Vec<Subscription>,
        told: &mut Told,
    ) -> Result<BTreeMap<(MailAddress, Lang), Vec<Subscription>>, Failure> {
        let mut groups: BTreeMap<(MailAddress, Lang), Vec<Subscription>> = BTreeMap::new();
        for one in due {
            let address = match (&one.wanted.recipient, &one.wanted.about) {
                (Some(address), _) => Ok(address.clone()),
                (None, About::Comune { catastale }) => self.certified_mailbox(catastale).await,
                (None, _) => continue,
            };
            match address {
                Ok(address) => groups.entry((address, one.wanted.lang)).or_default().push(one),
                Err(failure) => told.untold.push(untold(one.id, &failure)),
            }
        }
        Ok(groups)
    }

    async fn certified_mailbox(&self, catastale: &str) -> Result<MailAddress, Failure> {
        let lang = self.context.lang();
        let file = comune::meant(catastale, self.store, lang).await?;
        let why = lang.pick("nei registri non ha un indirizzo PEC", "has no certified mailbox in the registers");
        let missing = || Failure::new(Exit::NoInput, file.name.clone()).because(why);
        file.pec.as_deref().and_then(|pec| pec.parse().ok()).ok_or_else(missing)
    }

    /// One letter to one person, of what there is to tell them; of what there is not, only that is noted.
    async fn write_to(
        &self,
        to: &MailAddress,
        lang: Lang,
        group: Vec<Subscription>,
        at: Timestamp,
        told: &mut Told,
    ) -> Result<(), Failure> {
        let context = in_language(lang, self.context);
        let (mut parts, mut files, mut tellings): (Vec<Part>, Vec<File>, Vec<Telling>) = Default::default();
        let mut left_out = Vec::new();
        let mut ids = Vec::new();
        for one in &group {
            // Who is told nothing for a stop is told tomorrow.
            let prepared = self.context.stop.unless(Box::pin(part::prepared(one, day(at), self, &context))).await;
            let Some(prepared) = prepared else { return Ok(()) };
            let Prepared { part, known, files: own, left_out: own_left_out } = match prepared {
                Ok(prepared) => prepared,
                // What one report lacks keeps no other from leaving; a database that fails does.
                Err(failure) if matches!(failure.exit, Exit::Usage | Exit::NoInput | Exit::Data) => {
                    told.untold.push(untold(one.id, &failure));
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let state = known.bytes().map_err(|error| Failure::unwritable("state", &error, lang))?;
            tellings.push(Telling { subscription: one.id, before: one.told, at, state });
            if part.first || part.tally.all() > 0 || one.wanted.always {
                ids.push(one.id.to_string());
                parts.push(part);
                files.extend(own);
                left_out.extend(own_left_out);
            } else {
                told.nothing += 1;
            }
        }
        if tellings.is_empty() {
            return Ok(());
        }
        let letter = if parts.is_empty() {
            None
        } else {
            let key = format!("report {to} {} {} {at}", lang.code(), ids.join(","));
            let envelope = send::envelope(&key, to, at, &context)?;
            let letter = framed(&parts, files, left_out, &context);
            let bytes = compose(&letter, &envelope).map_err(|error| self.of_queue(&error.into()))?;
            told.letters += 1;
            told.subjects.push((to.to_string(), letter.subject.clone()));
            Some(NewDispatch {
                key,
                kind: "report".to_owned(),
                recipient: to.to_string(),
                subject: letter.subject,
                message_id: envelope.message_id,
                bytes,
                held_by: self.run,
            })
        };
        if !self.dry {
            self.store.tell(letter.as_ref(), &tellings).await.map_err(|error| self.of_store(&error))?;
        }
        Ok(())
    }

    /// True when the letter is new: each run is told of once.
    async fn tell_operator(&self, run: &RunLine) -> Result<bool, Failure> {
        let context = self.context;
        let Some(to) = operator(&context.settings) else { return Ok(false) };
        if self.dry {
            return Ok(false);
        }
        let Written { subject, text, html } = letter::held(run, self.store.name(), context.lang());
        let letter = Letter { subject, text, html: Some(html), ..Letter::default() };
        let key = format!("held-run {} {}", run.run, run.started);
        let envelope = send::envelope(&key, &to, workshop::now(), context)?;
        let queued = mail::queue(self.store, &letter, &envelope, (&key, "held-run"), None).await;
        Ok(matches!(queued.map_err(|error| self.of_queue(&error))?, Queued::Queued(_)))
    }

    fn of_store(&self, error: &StoreError) -> Failure {
        workshop::of_store(error, self.context.lang())
    }

    fn of_queue(&self, error: &QueueError) -> Failure {
        match error {
            QueueError::Store(error) => self.of_store(error),
            other => {
                Failure::new(Exit::Internal, self.context.lang().pick("lettera", "letter")).because(other.to_string())
            }
        }
    }
}

/// A file that goes along, and the command that makes it.
struct File {
    attachment: Attachment,
    command: String,
}

fn untold(subscription: SubscriptionId, failure: &Failure) -> Untold {
    let line = failure.lines.first();
    let parts = line.map(|line| [Some(line.what.clone()), line.place.clone(), line.why.clone()]).unwrap_or_default();
    Untold { subscription, why: parts.into_iter().flatten().collect::<Vec<_>>().join(": ") }
}

/// The letter, with as many of its files as the limit lets through.
fn framed(parts: &[Part], mut files: Vec<File>, left_out: Vec<(String, String)>, context: &Context) -> Letter {
    let lang = context.lang();
    let contact = context.settings.contact.clone();
    let limit = u64::from(context.settings.mail.max_mib) << 20;
    let mut frame = Frame { contact: contact.clone(), left_out, ..Frame::default() };
    let written = loop {
        frame.attached = files.iter().map(|file| file.attachment.name.clone()).collect();
        let written = letter::written(parts.to_vec(), &frame, lang);
        // Quoted-printable takes three characters for each that is not ASCII; base64 four for three, and its line breaks.
        let words = 2 * (written.text.len() + written.html.len()) as u64;
        let size = |file: &File| file.attachment.bytes.len() as u64 * 137 / 100;
        if words + files.iter().map(size).sum::<u64>() <= limit {
            break written;
        }
        let Some(largest) = (0..files.len()).max_by_key(|at| files.get(*at).map(size)) else { break written };
        let left_out = files.remove(largest);
        frame.left_out.push((left_out.attachment.name, left_out.command));
    };
    let Written { subject, text, html } = written;
    // One click less than searching for the address (RFC 2369).
    let address = contact.and_then(|contact| contact.parse::<MailAddress>().ok());
    let headers = address.map(|address| ("List-Unsubscribe".to_owned(), format!("<mailto:{address}>")));
    Letter {
        subject,
        text,
        html: Some(html),
        attachments: files.into_iter().map(|file| file.attachment).collect(),
        headers: headers.into_iter().collect(),
    }
}

/// The same context in another language.
fn in_language(lang: Lang, context: &Context) -> Context {
    Context { settings: Settings { lang, ..context.settings.clone() }, ..context.clone() }
}

/// Whom to tell that something waits for a person.
pub(super) fn operator(settings: &Settings) -> Option<MailAddress> {
    settings.mail.operator.clone().or_else(|| settings.contact.as_ref()?.parse().ok())
}
