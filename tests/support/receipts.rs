//! Receipts of certified mail, made up after the rules, and the letters that they speak of.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use riscontro::{
    clock::SystemClock,
    mail::receipt::{self, Read},
    store::{NewDispatch, Store},
};

/// Message-ID of the letter.
pub const ID: &str = "<0011223344556677@ente.example>";
/// Whom it went to.
pub const TO: &str = "protocollo@pec.comune.example";

/// A receipt as providers write them: signed, with a text for people, the data, and the letter or part of it.
pub struct Sample {
    /// `X-Ricevuta` and `tipo`.
    pub kind: &'static str,
    pub error: &'static str,
    pub reason: &'static str,
    /// `X-TipoRicevuta`.
    pub form: Option<&'static str>,
    /// Whose delivery it tells.
    pub delivered_to: Option<&'static str>,
    pub id: &'static str,
    pub id_inside: &'static str,
    pub recipient: &'static str,
    /// What is attached as `postacert.eml`.
    pub letter: Option<String>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            kind: "accettazione",
            error: "nessuno",
            reason: "",
            form: None,
            delivered_to: None,
            id: ID,
            id_inside: ID,
            recipient: TO,
            letter: None,
        }
    }
}

impl Sample {
    /// `daticert.xml`.
    pub fn data(&self) -> String {
        let id = self.id_inside.replace('<', "&lt;").replace('>', "&gt;");
        let form = self.form.map(|form| format!("<ricevuta tipo=\"{form}\" />")).unwrap_or_default();
        let to = self.delivered_to.map(|to| format!("<consegna>{to}</consegna>")).unwrap_or_default();
        let reason = match self.reason {
            "" => String::new(),
            reason => format!("<errore-esteso>{reason}</errore-esteso>"),
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<postacert tipo=\"{}\" errore=\"{}\">\n <intestazione>\n  \
             <mittente>verifiche@pec.ente.example</mittente>\n  <destinatari tipo=\"certificato\">{}</destinatari>\n  \
             <risposte>verifiche@pec.ente.example</risposte>\n  <oggetto>Verifica dei siti &amp; altro</oggetto>\n \
             </intestazione>\n <dati>\n  <gestore-emittente>Gestore di Prova S.p.A.</gestore-emittente>\n  \
             <data zona=\"+0100\"><giorno>23/11/2026</giorno><ora>10:20:30</ora></data>\n  \
             <identificativo>opec1.20261123102030.1.1.1@pec.example</identificativo>\n  <msgid>{id}</msgid>{form}{to}{reason}\n \
             </dati>\n</postacert>\n",
            self.kind, self.error, self.recipient
        )
    }

    /// The message.
    pub fn message(&self) -> String {
        let data = STANDARD.encode(self.data());
        let form = self.form.map(|form| format!("X-TipoRicevuta: {form}\r\n")).unwrap_or_default();
        let letter = self.letter.as_ref().map_or_else(String::new, |letter| {
            format!(
                "--parte\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\
                 Content-Disposition: attachment; filename=\"postacert.eml\"\r\n\r\n{letter}\r\n"
            )
        });
        format!(
            "Return-Path: <>\r\nFrom: posta-certificata@pec.example\r\nTo: verifiche@pec.ente.example\r\n\
             Subject: {}: Verifica dei siti\r\nDate: Mon, 23 Nov 2026 10:20:30 +0100\r\n\
             Message-ID: <opec1.20261123102030.1.1.1@pec.example>\r\nX-Ricevuta: {}\r\n{form}\
             X-Riferimento-Message-ID: {}\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/signed; protocol=\"application/x-pkcs7-signature\"; micalg=sha-256; boundary=\"firma\"\r\n\r\n\
             --firma\r\nContent-Type: multipart/mixed; boundary=\"parte\"\r\n\r\n\
             --parte\r\nContent-Type: multipart/alternative; boundary=\"testo\"\r\n\r\n\
             --testo\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nRicevuta\r\n\
             --testo\r\nContent-Type: text/html\r\n\r\n<p>Ricevuta</p>\r\n--testo--\r\n\
             --parte\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\nContent-Transfer-Encoding: base64\r\n\
             Content-Disposition: inline; filename=\"daticert.xml\"\r\n\r\n{data}\r\n{letter}--parte--\r\n\
             --firma\r\nContent-Type: application/x-pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
             TUlNRQ==\r\n--firma--\r\n",
            self.kind.to_uppercase(),
            self.kind,
            self.id
        )
    }

    /// What is read of it.
    pub fn read(&self) -> Read {
        receipt::read(self.message().as_bytes())
    }
}

/// Message-ID of another letter of [`queue`].
pub const DUE: &str = "<due@ente.example>";

/// A receipt of delivery.
pub fn delivered() -> Sample {
    Sample { kind: "avvenuta-consegna", delivered_to: Some(TO), form: Some("breve"), ..Sample::default() }
}

/// A letter that is no receipt.
pub const LETTER: &str =
    "From: verifiche@pec.ente.example\r\nTo: protocollo@pec.comune.example\r\nSubject: x\r\n\r\nIl testo\r\n";

/// A message of the open mail that came into a certified mailbox: here a server's report on the letter.
pub fn anomaly(inside: &str) -> String {
    format!(
        "From: \"Per conto di: mailer-daemon@altrove.example\" <posta-certificata@pec.example>\r\n\
         Subject: ANOMALIA MESSAGGIO: Undelivered mail\r\nX-Trasporto: errore\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"parte\"\r\n\r\n--parte\r\nContent-Type: text/plain\r\n\r\nAnomalia\r\n\
         --parte\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\r\n{inside}\r\n--parte--\r\n"
    )
}

/// Queues the letters that receipts speak of: [`ID`] and [`DUE`].
pub fn queue(address: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(address, Arc::new(SystemClock)).await.unwrap();
        for (number, id) in [ID, DUE].into_iter().enumerate() {
            let new = NewDispatch {
                key: number.to_string(),
                kind: "test".to_owned(),
                recipient: TO.to_owned(),
                subject: "Verifica".to_owned(),
                message_id: id.to_owned(),
                bytes: b"Subject: x\r\n\r\n".to_vec(),
                held_by: None,
            };
            store.queue_dispatch(&new).await.unwrap();
        }
        store.close().await;
    });
}
