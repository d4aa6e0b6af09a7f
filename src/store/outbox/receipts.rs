//! What receipts of certified mail say of the letters that they refer to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DOING, DispatchId, DispatchState, answer, move_to};
use crate::store::{
    Store, StoreError,
    codes::{Columns as _, time_text},
    sql::{query, query_as},
};

/// What a receipt says. The names are those of the rules for certified mail (decree of 2 November 2005, annex).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReceiptKind {
    /// `accettazione`: the sender's provider took the letter.
    Accepted,
    /// `non-accettazione`: it did not.
    NotAccepted,
    /// `avvenuta-consegna`: the letter lies in the recipient's mailbox.
    Delivered,
    /// `errore-consegna`, `mancata-consegna`: it does not, for good.
    NotDelivered,
    /// `preavviso-errore-consegna`: not after half the time that a provider has.
    NotDeliveredYet,
    /// `X-Trasporto: errore`: what came is no certified mail.
    Anomaly,
    /// `rilevazione-virus`: something harmful was found in it.
    Virus,
}

impl ReceiptKind {
    /// The stable code, which is also what the event is called.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotAccepted => "not-accepted",
            Self::Delivered => "delivered",
            Self::NotDelivered => "not-delivered",
            Self::NotDeliveredYet => "not-delivered-yet",
            Self::Anomaly => "anomaly",
            Self::Virus => "virus",
        }
    }
}

/// One receipt, tied to nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptFact {
    /// What it says.
    pub kind: ReceiptKind,
    /// The Message-ID of the letter, with the angle brackets.
    pub message_id: String,
    /// The address that it speaks of, where it names one.
    pub recipient: Option<String>,
    /// When that happened; now when the receipt does not say.
    pub at: Option<Timestamp>,
    /// The reason it gives, cleaned.
    pub detail: Option<String>,
    /// SHA-256 of the receipt, its lines ended by LF: a second reading of it changes nothing.
    pub sha256: String,
}

/// What came of noting a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Noted {
    /// It is noted on this letter.
    New(DispatchId),
    /// It had been noted before.
    Known(DispatchId),
    /// No letter has this Message-ID.
    NoSuchLetter,
    /// The letter went to another address than the receipt speaks of.
    OtherRecipient(DispatchId),
}

/// How far a mailbox was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadUpTo {
    /// What the server calls the numbering of its messages (UIDVALIDITY, RFC 3501, 2.3.1.1).
    pub uid_validity: u32,
    /// The last message that was looked at (UID); 0 for none.
    pub last_uid: u32,
}

impl Store {
    /// How far a mailbox was read; `None` when it never was.
    pub async fn receipts_read(&self, mailbox: &str) -> Result<Option<ReadUpTo>, StoreError> {
        let row = query("SELECT uid_validity, last_uid FROM receipts_read WHERE mailbox = $1")
            .bind(mailbox)
            .fetch_optional(&self.readers)
            .await
            .map_err(|error| self.error(DOING, error))?;
        let Some(row) = row else { return Ok(None) };
        let read = || -> Result<_, sqlx::Error> {
            Ok(ReadUpTo { uid_validity: row.number("uid_validity")?, last_uid: row.number("last_uid")? })
        };
        read().map(Some).map_err(|error| self.error(DOING, error))
    }

    /// Notes how far a mailbox was read. Within one numbering it never goes back: two that read at once do no harm.
    pub async fn note_receipts_read(&self, mailbox: &str, read: ReadUpTo) -> Result<(), StoreError> {
        query(
            "INSERT INTO receipts_read (mailbox, uid_validity, last_uid, read) VALUES ($1, $2, $3, $4)
             ON CONFLICT (mailbox) DO UPDATE SET uid_validity = $2, read = $4,
                 last_uid = CASE WHEN receipts_read.uid_validity = $2 AND receipts_read.last_uid > $3
                                 THEN receipts_read.last_uid ELSE $3 END",
        )
        .bind(mailbox)
        .bind(i64::from(read.uid_validity))
        .bind(i64::from(read.last_uid))
        .bind(time_text(self.clock.now()))
        .execute(&self.writer)
        .await
        .map(drop)
        .map_err(|error| self.error(DOING, error))
    }

    /// Notes a receipt on the letter that it refers to.
    ///
    /// "Taken" and "delivered" are facts beside the state, and the first receipt of each counts. A letter of which nobody knew
    /// whether the server had taken it is sent once its provider or its recipient's says so, and given up once the provider
    /// says that it did not take it.
    pub async fn note_receipt(&self, fact: &ReceiptFact) -> Result<Noted, StoreError> {
        self.try_note(fact).await.map_err(|error| self.error(DOING, error))
    }

    async fn try_note(&self, fact: &ReceiptFact) -> Result<Noted, sqlx::Error> {
        let now = time_text(self.clock.now());
        let at = fact.at.map_or_else(|| now.clone(), time_text);
        let mut transaction = self.writer.begin().await?;
        let letter: Option<(i64, String, String)> =
            query_as("SELECT id, recipient, state FROM dispatch WHERE message_id = $1")
                .bind(&fact.message_id)
                .fetch_optional(&mut transaction)
                .await?;
        let Some((id, recipient, state)) = letter else { return Ok(Noted::NoSuchLetter) };
        if fact.recipient.as_ref().is_some_and(|named| !named.eq_ignore_ascii_case(&recipient)) {
            return Ok(Noted::OtherRecipient(DispatchId(id)));
        }
        let new = query(
            "INSERT INTO dispatch_event (dispatch, at, what, detail, receipt) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (dispatch, receipt) WHERE receipt IS NOT NULL DO NOTHING",
        )
        .bind(id)
        .bind(&at)
        .bind(fact.kind.code())
        .bind(&fact.detail)
        .bind(&fact.sha256)
        .execute(&mut transaction)
        .await?;
        if new == 0 {
            return Ok(Noted::Known(DispatchId(id)));
        }
        let column = match fact.kind {
            ReceiptKind::Accepted => Some("UPDATE dispatch SET accepted = coalesce(accepted, $2) WHERE id = $1"),
            ReceiptKind::Delivered => Some("UPDATE dispatch SET delivered = coalesce(delivered, $2) WHERE id = $1"),
            ReceiptKind::NotDelivered => {
                Some("UPDATE dispatch SET undelivered = coalesce(undelivered, $2) WHERE id = $1")
            }
            _ => None,
        };
        if let Some(column) = column {
            query(column).bind(id).bind(&at).execute(&mut transaction).await?;
        }
        let unsure = state == DispatchState::Unsure.code();
        let told = match fact.kind {
            ReceiptKind::Accepted | ReceiptKind::Delivered if unsure => Some(DispatchState::Sent),
            ReceiptKind::NotAccepted if unsure || state == DispatchState::Sent.code() => Some(DispatchState::Failed),
            _ => None,
        };
        if let Some(told) = told {
            move_to(&mut transaction, id, told, &at).await?;
        }
        if let (ReceiptKind::NotAccepted | ReceiptKind::NotDelivered | ReceiptKind::Virus, Some(said)) =
            (fact.kind, &fact.detail)
        {
            answer(&mut transaction, id, said).await?;
        }
        transaction.commit().await?;
        Ok(Noted::New(DispatchId(id)))
    }
}
