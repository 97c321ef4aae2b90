//! Reads the headers of a real-time answer.
//!
//! None of them is required, and one that cannot be read is as if it were not there.

use reqwest::header::HeaderMap;

use super::JobRef;
use crate::id::JobId;
use crate::jobs::JobStatus;
use crate::wire::Flag;

const LONGEST_WORD: usize = 64;

pub(super) fn has_new_data(headers: &HeaderMap) -> Option<bool> {
    Flag::of_word(text(headers, "x-has-new-data")?).into_option()
}

pub(super) fn job(headers: &HeaderMap) -> Option<JobRef> {
    let id: JobId = text(headers, "x-job-id")?.parse().ok()?;
    let status = text(headers, "x-job-status")
        .filter(|word| (1..=LONGEST_WORD).contains(&word.len()))
        .map_or(JobStatus::Processing, |word| {
            JobStatus::of_word(word.to_owned()).0
        });
    Some(JobRef { id, status })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    Some(headers.get(name)?.to_str().ok()?.trim())
}
