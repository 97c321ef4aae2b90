//! Reads how far a PDF has come and where it is.

use serde::Deserialize;
use url::Url;

use super::{PdfStatus, StatementPdf};
use crate::error::Error;
use crate::id::JobId;
use crate::wire::{self, Field, Object, Text};

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Field<Object<Wire>>,
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    path: Text,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    id: Text,
    #[serde(default, rename = "_id")]
    underscore_id: Text,
    #[serde(default)]
    status: Text,
    #[serde(default)]
    path: Text,
}

/// The PDF of an answer. `asked` is the job that was asked about; the start of one names its own.
pub(super) fn read(
    body: &[u8],
    asked: Option<&JobId>,
    origin: &Url,
) -> Result<StatementPdf, Error> {
    const WHAT: &str = "the answer does not say how far the PDF has come";
    let answer: Answer = wire::read(body, WHAT)?;
    let wire = match answer.data {
        Field::Present(Object(wire)) => wire,
        Field::Null => return Err(Error::NoData),
        Field::Absent => Wire {
            id: answer.id,
            underscore_id: answer.underscore_id,
            status: answer.status,
            path: answer.path,
        },
    };
    let named = wire.id.or(wire.underscore_id).into_option();
    let named = named.and_then(|id| JobId::try_from(id).ok());
    if asked.is_some() && named.is_some() && named.as_ref() != asked {
        tracing::warn!("Mono's answer names another PDF than the one asked for");
    }
    let status = wire
        .status
        .into_option()
        .map(|word| PdfStatus::of_word(word.trim()));
    let url = wire.path.into_option().and_then(|path| {
        let url = Url::parse(&path).ok().filter(|url| is_safe(url, origin));
        if url.is_none() {
            tracing::warn!("left out the address of a PDF that is not safe to open");
        }
        url
    });
    Ok(StatementPdf {
        id: asked
            .cloned()
            .or(named)
            .ok_or(Error::Malformed { what: WHAT })?,
        status: status.ok_or(Error::Malformed { what: WHAT })?,
        url,
    })
}

impl PdfStatus {
    fn of_word(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "BUILDING" => Self::Building,
            "BUILT" | "COMPLETE" => Self::Ready,
            _ => Self::Other(word.to_owned()),
        }
    }
}

/// Whether a browser may be sent there: over https, or, as with a Mono on this machine, to the
/// origin that is configured. No script, no file, no name or password.
fn is_safe(url: &Url, origin: &Url) -> bool {
    let is_known = url.scheme() == "https"
        || (matches!(url.scheme(), "http") && url.origin() == origin.origin());
    is_known && url.has_host() && url.username().is_empty() && url.password().is_none()
}
