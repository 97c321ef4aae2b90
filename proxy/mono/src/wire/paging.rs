//! Where a page stands among the others.
//!
//! Addresses of other pages are never followed: Mono prints broken ones.

use serde::Deserialize;

use super::{Field, Lenient, Object, Text};

/// The fields of a page, wherever they stand. `pages`, the number of pages elsewhere in the API,
/// is another thing than `page`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Paging {
    #[serde(default)]
    total: Text,
    #[serde(default)]
    page: Text,
    #[serde(default)]
    next: Field<Text>,
}

/// The `meta` of a list, which either is the paging or holds it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Meta {
    #[serde(default)]
    total: Text,
    #[serde(default)]
    page: Text,
    #[serde(default)]
    next: Field<Text>,
    #[serde(default)]
    paging: Lenient<Object<Paging>>,
}

impl Meta {
    pub(crate) fn into_paging(self) -> Paging {
        let own = Paging {
            total: self.total,
            page: self.page,
            next: self.next,
        };
        let Object(inner) = self.paging.into_option().unwrap_or_default();
        own.or(inner)
    }
}

impl Paging {
    /// These fields, with those of another place where they are missing.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            total: self.total.or(other.total),
            page: self.page.or(other.page),
            next: if self.next == Field::Absent {
                other.next
            } else {
                self.next
            },
        }
    }

    pub(crate) fn total(&self) -> Option<u64> {
        self.total.parse()
    }

    pub(crate) fn page(&self) -> Option<u32> {
        self.page.parse()
    }

    /// Whether there is a further page: unknown when nothing is said about it.
    pub(crate) fn has_next(&self) -> Option<bool> {
        match &self.next {
            Field::Absent => None,
            Field::Null => Some(false),
            Field::Present(next) => next.clone().into_option().map(|next| !next.is_empty()),
        }
    }
}
