//! Who gets which report, how often, and what they were told last.
//!
//! What was told is kept beside the subscription and moves on in the transaction that queues the letter: a letter that is cut
//! short is made again whole, one that is queued is not made again, and no change falls between two of them.

use std::fmt;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    DispatchId, NewDispatch, Queued, Store, StoreError,
    codes::{Columns as _, json, time_text},
    error::Overtaken,
    outbox::queue_within,
    sql::{Connection, Row, query, query_scalar},
};
use crate::{config::Lang, model::MailAddress};

const DOING: &str = "the subscriptions";

/// Names one subscription. Never used twice within a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SubscriptionId(pub i64);

impl fmt::Display for SubscriptionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "report", rename_all = "lowercase")]
pub enum About {
    /// The report on notices.
    Notice {
        /// Ids of the notices; none for all whose applications a register lists.
        notices: Vec<String>,
        /// Regions as registers write them; none for all.
        regions: Vec<String>,
    },
    /// The report to one comune.
    Comune {
        /// Its cadastral code.
        catastale: String,
    },
    /// The national picture.
    National,
}

impl About {
    /// The stable code of the report.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Notice { .. } => "notice",
            Self::Comune { .. } => "comune",
            Self::National => "national",
        }
    }
}

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// Once a day.
    Day,
    /// Once a week, from Monday on.
    Week,
    /// Once a month, from the first on.
    Month,
}

impl Every {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Whether two days are of one period. A night that cron missed is made up for by the next one.
    pub fn same_period(self, one: Date, other: Date) -> bool {
        let week = |day: Date| (day.iso_week_date().year(), day.iso_week_date().week());
        match self {
            Self::Day => one == other,
            Self::Week => week(one) == week(other),
            Self::Month => one.first_of_month() == other.first_of_month(),
        }
    }
}

/// A form of the whole report that goes along with the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attach {
    /// A page.
    Html,
    /// A workbook.
    Xlsx,
    /// The page on paper.
    Pdf,
    /// A table of every application.
    Csv,
    /// Everything, for programs.
    Json,
}

impl Attach {
    /// The stable code, which is also the ending of the file.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// A subscription that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewSubscription {
    /// To whom; without an address to the certified mailbox that the register gives the comune on the day of the letter.
    pub recipient: Option<MailAddress>,
    /// Which report.
    #[serde(flatten)]
    pub about: About,
    /// How often.
    pub every: Every,
    /// Language of the letter.
    #[serde(serialize_with = "as_code")]
    pub lang: Lang,
    /// What goes along with it.
    pub attach: Vec<Attach>,
    /// Also when nothing changed.
    pub always: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
fn as_code<S: serde::Serializer>(lang: &Lang, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(lang.code())
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// What is wanted.
    #[serde(flatten)]
    pub wanted: NewSubscription,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last decided what to tell; none before the first letter.
    pub told: Option<Timestamp>,
    /// The last letter.
    pub last_letter: Option<DispatchId>,
}

impl Subscription {
    /// Whether it is time: nothing was told, nor found to be nothing, in the period of this day (UTC).
    pub fn is_due(&self, today: Date) -> bool {
        self.told.is_none_or(|told| !self.wanted.every.same_period(crate::history::day(told), today))
    }
}

/// What came of subscribing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(SubscriptionId),
    /// The same report goes to the same address already. Nothing was changed.
    AlreadyThere(SubscriptionId),
}

/// What a subscription is told now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telling {
    /// Which one.
    pub subscription: SubscriptionId,
    /// When it had been told before, as it was read: another process may have told it meanwhile.
    pub before: Option<Timestamp>,
    /// When the state was read that is told.
    pub at: Timestamp,
    /// That state; opaque to the database.
    pub state: Vec<u8>,
}

impl Store {
    /// Subscribes. Committed when this returns.
    pub async fn subscribe(&self, wanted: &NewSubscription) -> Result<Added, StoreError> {
        let work = async {
            let mut transaction = self.writer.begin().await?;
            let (notices, regions, comune) = match &wanted.about {
                About::Notice { notices, regions } => (json(notices)?, json(regions)?, None),
                About::Comune { catastale } => (json(&[(); 0])?, json(&[(); 0])?, Some(catastale.as_str())),
                About::National => (json(&[(); 0])?, json(&[(); 0])?, None),
            };
            let recipient = wanted.recipient.as_ref().map(MailAddress::as_str);
            let there: Option<i64> = query_scalar(
                "SELECT id FROM subscription WHERE recipient IS NOT DISTINCT FROM $1 AND report = $2 AND notices = $3
                 AND regions = $4 AND comune IS NOT DISTINCT FROM $5 AND lang = $6",
            )
            .bind(recipient)
            .bind(wanted.about.code())
            .bind(&notices)
            .bind(&regions)
            .bind(comune)
            .bind(wanted.lang.code())
            .fetch_optional(&mut transaction)
            .await?;
            if let Some(id) = there {
                return Ok(Added::AlreadyThere(SubscriptionId(id)));
            }
            let id: i64 = query_scalar(
                "INSERT INTO subscription
                     (recipient, report, notices, regions, comune, every, lang, attach, always, created)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
            )
            .bind(recipient)
            .bind(wanted.about.code())
            .bind(notices)
            .bind(regions)
            .bind(comune)
            .bind(wanted.every.code())
            .bind(wanted.lang.code())
            .bind(json(&wanted.attach)?)
            .bind(wanted.always)
            .bind(time_text(self.clock.now()))
            .fetch_one(&mut transaction)
            .await?;
            transaction.commit().await?;
            Ok(Added::New(SubscriptionId(id)))
        };
        work.await.map_err(|error| self.error(DOING, error))
    }

    /// Every subscription, in the order in which they were made.
    pub async fn subscriptions(&self) -> Result<Vec<Subscription>, StoreError> {
        let rows = query(
            "SELECT id, recipient, report, notices, regions, comune, every, lang, attach, always, created, told, last_letter
             FROM subscription ORDER BY id",
        )
        .fetch_all(&self.readers)
        .await
        .map_err(|error| self.error(DOING, error))?;
        rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| self.error(DOING, error))
    }

    /// Ends a subscription; letters that are queued leave. False when there is none.
    pub async fn unsubscribe(&self, id: SubscriptionId) -> Result<bool, StoreError> {
        query("DELETE FROM subscription WHERE id = $1")
            .bind(id.0)
            .execute(&self.writer)
            .await
            .map(|rows| rows == 1)
            .map_err(|error| self.error(DOING, error))
    }

    /// The state that a subscription was told last.
    pub async fn told_state(&self, id: SubscriptionId) -> Result<Option<Vec<u8>>, StoreError> {
        let state: Result<Option<Option<Vec<u8>>>, _> =
            query_scalar("SELECT state FROM subscription WHERE id = $1").bind(id.0).fetch_optional(&self.readers).await;
        Ok(state.map_err(|error| self.error(DOING, error))?.flatten())
    }

    /// Queues a letter and moves on what its subscriptions were told, both or neither; without a letter only the latter: there
    /// was nothing to tell. Fails as [`StoreError::Overtaken`] when another process told one of them meanwhile, or ended it.
    pub async fn tell(&self, letter: Option<&NewDispatch>, tellings: &[Telling]) -> Result<Option<Queued>, StoreError> {
        let work = async {
            let now = time_text(self.clock.now());
            let mut transaction = self.writer.begin().await?;
            let queued = match letter {
                Some(letter) => Some(queue_within(&mut transaction, letter, &now).await?),
                None => None,
            };
            let id = queued.map(|(Queued::Queued(id) | Queued::AlreadyThere(id))| id);
            for telling in tellings {
                move_on(&mut transaction, telling, id).await?;
            }
            transaction.commit().await?;
            Ok(queued)
        };
        work.await.map_err(|error: sqlx::Error| self.error(DOING, error))
    }
}

async fn move_on(
    transaction: &mut Connection,
    telling: &Telling,
    letter: Option<DispatchId>,
) -> Result<(), sqlx::Error> {
    let rows = query(
        "UPDATE subscription SET told = $3, state = $4, last_letter = coalesce($5, last_letter)
         WHERE id = $1 AND told IS NOT DISTINCT FROM $2",
    )
    .bind(telling.subscription.0)
    .bind(telling.before.map(time_text))
    .bind(time_text(telling.at))
    .bind(telling.state.as_slice())
    .bind(letter.map(|id| id.0))
    .execute(transaction)
    .await?;
    if rows == 1 { Ok(()) } else { Err(Overtaken.into()) }
}

fn read(row: &Row) -> Result<Subscription, sqlx::Error> {
    let wrong = |column: &str, value: &str| sqlx::Error::Decode(format!("column {column}: `{value}`").into());
    let report: String = row.try_get("report")?;
    let about = match report.as_str() {
        "notice" => About::Notice { notices: row.json("notices")?, regions: row.json("regions")? },
        "comune" => About::Comune { catastale: row.try_get::<Option<String>>("comune")?.unwrap_or_default() },
        "national" => About::National,
        other => return Err(wrong("report", other)),
    };
    let recipient: Option<String> = row.try_get("recipient")?;
    let recipient = recipient.map(|text| text.parse().map_err(|_| wrong("recipient", &text))).transpose()?;
    let lang: String = row.try_get("lang")?;
    let told: Option<&str> = row.try_get("told")?;
    Ok(Subscription {
        id: SubscriptionId(row.try_get("id")?),
        wanted: NewSubscription {
            recipient,
            about,
            every: row.code("every")?,
            lang: lang.parse().map_err(|()| wrong("lang", &lang))?,
            attach: row.json("attach")?,
            always: row.try_get("always")?,
        },
        created: row.time("created")?,
        told: told.map(|_| row.time("told")).transpose()?,
        last_letter: row.try_get::<Option<i64>>("last_letter")?.map(DispatchId),
    })
}
