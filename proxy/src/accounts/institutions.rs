//! The banks whose accounts can be linked, asked for once a day.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::institution::Institutions;
use tokio::sync::Mutex;

use super::{Accounts, Error, view};

/// How long Mono's answer is good for.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What Mono last said. Whoever finds somebody asking waits, and shares the answer or the failure.
#[derive(Default)]
pub(super) struct Directory {
    known: Mutex<Known>,
    questions: AtomicU64,
}

#[derive(Default)]
struct Known {
    answer: Option<(Timestamp, Institutions)>,
    failure: Option<mono_client::Error>,
}

impl Accounts {
    /// The banks whose accounts can be linked.
    pub async fn institutions(&self) -> Result<Institutions, Error> {
        let accounts = self.clone();
        let asked_before = self.inner.directory.questions.load(Ordering::Acquire);
        self.to_the_end(async move { accounts.institutions_since(asked_before).await })
            .await
    }

    async fn institutions_since(&self, asked_before: u64) -> Result<Institutions, Error> {
        let directory = &self.inner.directory;
        let mut known = directory.known.lock().await;
        let now = self.now();
        if let Some((at, institutions)) = &known.answer
            && now.duration_since(*at) < GOOD_FOR
        {
            self.metrics().upstream_call_saved("institutions");
            return Ok(institutions.clone());
        }
        let asked_meanwhile = directory.questions.load(Ordering::Acquire) != asked_before;
        if asked_meanwhile && let Some(failure) = &known.failure {
            return Err(failure.clone().into());
        }
        let answer = self.mono().institutions().await;
        directory.questions.fetch_add(1, Ordering::Release);
        match answer {
            Ok(answer) => {
                let institutions = view::institutions(answer);
                *known = Known {
                    answer: Some((now, institutions.clone())),
                    failure: None,
                };
                Ok(institutions)
            }
            Err(error) => {
                known.failure = Some(error.clone());
                Err(error.into())
            }
        }
    }
}
