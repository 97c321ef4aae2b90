//! Faults that a test orders: which calls they hit, how often, and what happens instead of the true answer.
//! Decides only; `server::fault_response` carries them out.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Another status, with a body of the documented error shape unless one is given.
    Status {
        /// HTTP status.
        code: u16,
        /// Body as it is sent.
        #[serde(default)]
        body: Option<String>,
        /// `content-type`; `application/json` when absent.
        #[serde(default)]
        content_type: Option<String>,
        /// Value of `retry-after`, sent as it is.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The true answer, later (real time).
    #[serde(alias = "delay_ms")]
    Delay {
        /// How much later.
        ms: u64,
    },
    /// No answer, connection open.
    Hang,
    /// The connection is reset without an answer.
    Reset,
    /// The true answer, cut in the middle of its body.
    Truncate,
    /// An HTML page, as load balancers send it.
    Html {
        /// HTTP status; 502 when absent.
        #[serde(default = "bad_gateway")]
        code: u16,
    },
    /// 200 with a body that is not JSON though it says so.
    MalformedJson,
    /// 200 with a very long JSON body.
    Huge {
        /// Length; 16 MiB when absent.
        #[serde(default = "sixteen_mebibytes")]
        bytes: u64,
    },
    /// The true answer, in small pieces.
    SlowBody {
        /// Bytes of a piece.
        #[serde(default = "one")]
        chunk: usize,
        /// Real time between pieces.
        #[serde(default = "fifty")]
        every_ms: u64,
    },
    /// 302 to somewhere else.
    Redirect {
        /// `location`.
        to: String,
    },
    /// 200 with `data: null` and the message that a sync was enqueued.
    NullData,
}

/// One ordered fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `GET`, …; any when absent.
    #[serde(default)]
    pub method: Option<String>,
    /// Path with `*` for one segment and `**` for any rest; every API path when absent.
    #[serde(default, alias = "path")]
    pub path_pattern: Option<String>,
    /// How many calls it hits; 0 for every call until it is deleted.
    #[serde(default = "once")]
    pub times: u32,
    /// The call takes effect first, and only its answer is spoilt. `truncate`, `delay`, `slow_body`
    /// always work so.
    #[serde(default)]
    pub after: bool,
    /// What happens.
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    /// A fault of this kind for the next API call.
    pub fn next(kind: FaultKind) -> Self {
        Self {
            method: None,
            path_pattern: None,
            times: 1,
            after: false,
            kind,
        }
    }

    /// Restricted to a path pattern.
    #[must_use]
    pub fn on(mut self, path_pattern: &str) -> Self {
        self.path_pattern = Some(path_pattern.to_owned());
        self
    }

    /// For this many calls; 0 for all until the faults are cleared.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// After the call has taken effect.
    #[must_use]
    pub fn after(mut self) -> Self {
        self.after = true;
        self
    }

    fn hits(&self, method: &str, path: &str) -> bool {
        let method_hits = self
            .method
            .as_ref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method));
        let path_hits = match &self.path_pattern {
            Some(pattern) => matches(pattern, path),
            None => is_api(path),
        };
        method_hits && path_hits
    }
}

impl FaultKind {
    /// The word for it in JSON and in the request log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Delay { .. } => "delay",
            Self::Hang => "hang",
            Self::Reset => "reset",
            Self::Truncate => "truncate",
            Self::Html { .. } => "html",
            Self::MalformedJson => "malformed_json",
            Self::Huge { .. } => "huge",
            Self::SlowBody { .. } => "slow_body",
            Self::Redirect { .. } => "redirect",
            Self::NullData => "null_data",
        }
    }

    /// True when the fault spoils a true answer, so that the call itself must run first.
    pub(crate) fn needs_the_answer(&self) -> bool {
        matches!(
            self,
            Self::Delay { .. } | Self::Truncate | Self::SlowBody { .. }
        )
    }
}

/// The faults that are ordered, first come first hit.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    ordered: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.ordered.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.ordered.clear();
    }

    pub(crate) fn ordered(&self) -> &[Fault] {
        &self.ordered
    }

    /// The fault that hits this call, counted.
    pub(crate) fn take(&mut self, method: &str, path: &str) -> Option<Fault> {
        let index = self
            .ordered
            .iter()
            .position(|fault| fault.hits(method, path))?;
        let fault = self.ordered[index].clone();
        match self.ordered[index].times {
            0 => {}
            1 => drop(self.ordered.remove(index)),
            _ => self.ordered[index].times -= 1,
        }
        Some(fault)
    }
}

/// True for the paths of Mono's API.
pub(crate) fn is_api(path: &str) -> bool {
    [
        "/v1/",
        "/v2/",
        "/v3/",
        "/account/",
        "/accounts/",
        "/coverage",
        "/statements/",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix))
}

pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let mut wanted = pattern.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (Some("**"), _) | (None, None) => return true,
            (Some("*"), Some(segment)) if !segment.is_empty() => {}
            (Some(literal), Some(segment)) if literal == segment => {}
            _ => return false,
        }
    }
}

fn once() -> u32 {
    1
}

fn one() -> usize {
    1
}

fn fifty() -> u64 {
    50
}

fn bad_gateway() -> u16 {
    502
}

fn sixteen_mebibytes() -> u64 {
    16 * 1024 * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_segments() {
        assert!(matches(
            "/v2/accounts/*/balance",
            "/v2/accounts/abc/balance"
        ));
        assert!(!matches(
            "/v2/accounts/*/balance",
            "/v2/accounts/abc/transactions"
        ));
        assert!(!matches("/v2/accounts/*", "/v2/accounts/abc/balance"));
        assert!(!matches("/v2/accounts/*", "/v2/accounts/"));
        assert!(matches("/v2/**", "/v2/accounts/abc/balance"));
    }

    #[test]
    fn a_fault_hits_as_often_as_ordered() {
        let mut faults = Faults::default();
        faults.add(Fault::next(FaultKind::Hang).on("/v2/**").times(2));
        assert!(faults.take("GET", "/accounts/abc").is_none());
        assert!(faults.take("GET", "/v2/a").is_some());
        assert!(faults.take("POST", "/v2/b").is_some());
        assert!(faults.take("GET", "/v2/c").is_none());
    }
}
