//! A copy of a letter for somebody who wants to see what would leave.

use mail_parser::{MessageParser, MimeHeaders as _};

use super::{Attachment, ComposeError, Envelope, Letter, compose, message_id};
use crate::{
    config::Lang,
    model::{MailAddress, Mailbox},
};

/// The same letter to another address: whom it was for stands in the header `X-Riscontro-Original-To` and on the first line.
/// Its Message-ID is its own, so that the letter and its copy are never taken for one; it comes back with the bytes.
///
/// `bytes` are those of a letter that [`compose`] made.
pub fn redirected(
    bytes: &[u8],
    from: &Mailbox,
    original: &str,
    to: &MailAddress,
    lang: Lang,
) -> Result<(String, Vec<u8>), ComposeError> {
    let message =
        MessageParser::default().parse(bytes).ok_or_else(|| ComposeError::Library("not a message".to_owned()))?;
    let note = lang.pick(format!("Questo messaggio era per: {original}"), format!("This message was for: {original}"));
    let text = message.body_text(0).unwrap_or_default();
    let html = message.html_bodies().next().filter(|part| part.is_text_html()).and_then(|part| part.text_contents());
    let attachments = message.attachments().map(|part| {
        let kind = part.content_type().map(|kind| match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()),
            None => kind.ctype().to_owned(),
        });
        Attachment {
            name: part.attachment_name().unwrap_or_default().to_owned(),
            mime: kind.unwrap_or_default(),
            bytes: part.contents().to_vec(),
        }
    });
    let letter = Letter {
        subject: format!("[{original}] {}", message.subject().unwrap_or_default()),
        text: format!("{note}\n\n{text}"),
        html: html.map(|html| noted(html, &note)),
        attachments: attachments.collect(),
        headers: vec![("X-Riscontro-Original-To".to_owned(), original.to_owned())],
    };
    let date = message.date().map(mail_parser::DateTime::to_timestamp).unwrap_or_default();
    let envelope = Envelope {
        from: from.clone(),
        reply_to: None,
        to: to.clone(),
        message_id: message_id(&format!("{} {to}", message.message_id().unwrap_or_default()), &from.address),
        date: jiff::Timestamp::from_second(date).unwrap_or_default(),
    };
    let copy = compose(&letter, &envelope)?;
    Ok((envelope.message_id, copy))
}

/// The note as the first thing in the body. An address holds nothing that HTML would take for its own but `&` and `'`.
fn noted(html: &str, note: &str) -> String {
    let note = note.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&#39;");
    let note = format!("<p><strong>{note}</strong></p>");
    let lower = html.to_ascii_lowercase();
    match lower.find("<body").and_then(|start| Some(start + lower[start..].find('>')? + 1)) {
        Some(at) => format!("{}{note}{}", &html[..at], &html[at..]),
        None => format!("{note}{html}"),
    }
}
