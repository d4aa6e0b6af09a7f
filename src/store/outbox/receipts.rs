//! What receipts of certified mail say of the letters that they refer to.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DOING, DispatchId, DispatchState, answer, move_to};
use crate::store::{
    Store, StoreError,
    codes::time_text,
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
    /// SHA-256 of the receipt: a second reading of it changes nothing.
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

impl Store {
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
