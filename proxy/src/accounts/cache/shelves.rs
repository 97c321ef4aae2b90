//! Where answers stand: bounded in time, in bytes, and in what one account may take up.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::SignedDuration;
use mono_connect_shared::Timestamp;
use mono_connect_shared::id::AccountId;

use super::answer::Answer;
use super::{Key, Read};

/// All answers together, in bytes.
const WHOLE: usize = 64 * 1024 * 1024;
/// The answers of one account. Nobody can drive out everybody else's by asking for everything.
const ACCOUNT: usize = 2 * 1024 * 1024;
/// What an answer costs besides itself: keys, maps and allocations.
const OVERHEAD: usize = 512;

/// Answers by account and read.
#[derive(Debug)]
pub(super) struct Shelves {
    longest: SignedDuration,
    accounts: HashMap<AccountId, Shelf>,
    /// Oldest first. They all live equally long, so this is also the order in which they end.
    order: BTreeMap<u64, Key>,
    last_number: u64,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Shelf {
    kept: HashMap<Read, Kept>,
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    answer: Answer,
    bytes: usize,
    number: u64,
    /// A fact has come since: it is true no more, or nobody knows.
    superseded: bool,
}

impl Shelves {
    pub(super) fn new(longest: Duration) -> Self {
        Self {
            longest: SignedDuration::try_from(longest).unwrap_or(SignedDuration::MAX),
            accounts: HashMap::new(),
            order: BTreeMap::new(),
            last_number: 0,
            bytes: 0,
        }
    }

    /// The answer, if it counts.
    pub(super) fn find(&self, key: &Key, now: Timestamp) -> Option<Answer> {
        let kept = self.young(key, now).filter(|kept| !kept.superseded)?;
        Some(kept.answer.clone())
    }

    /// The answer, although a fact may have overtaken it.
    pub(super) fn last_true(&self, key: &Key, now: Timestamp) -> Option<Answer> {
        Some(self.young(key, now)?.answer.clone())
    }

    fn young(&self, (account, read): &Key, now: Timestamp) -> Option<&Kept> {
        let kept = self.accounts.get(account)?.kept.get(read)?;
        (!self.is_old(&kept.answer, now)).then_some(kept)
    }

    fn is_old(&self, answer: &Answer, now: Timestamp) -> bool {
        now.duration_since(answer.as_of) >= self.longest
    }

    /// Keeps an answer, and drives out the oldest where there is no room.
    pub(super) fn keep(&mut self, key: &Key, answer: Answer, now: Timestamp) {
        self.sweep(now);
        self.take(key);
        let bytes = answer.bytes + key.1.text() + OVERHEAD;
        if bytes > ACCOUNT || self.is_old(&answer, now) {
            return;
        }
        self.last_number += 1;
        let number = self.last_number;
        let kept = Kept {
            answer,
            bytes,
            number,
            superseded: false,
        };
        let place = self.accounts.entry(key.0.clone()).or_default();
        place.kept.insert(key.1.clone(), kept);
        place.bytes += bytes;
        self.bytes += bytes;
        self.order.insert(number, key.clone());
        self.make_room(&key.0);
    }

    fn make_room(&mut self, account: &AccountId) {
        while let Some(oldest) = self.oldest_of_too_many(account) {
            self.take(&oldest);
        }
        while self.bytes > WHOLE
            && let Some((_, oldest)) = self.order.first_key_value()
        {
            let oldest = oldest.clone();
            self.take(&oldest);
        }
    }

    fn oldest_of_too_many(&self, account: &AccountId) -> Option<Key> {
        let place = self.accounts.get(account)?;
        if place.bytes <= ACCOUNT {
            return None;
        }
        let (read, _) = place.kept.iter().min_by_key(|(_, kept)| kept.number)?;
        Some((account.clone(), read.clone()))
    }

    /// Nothing of the account counts any more.
    pub(super) fn supersede(&mut self, account: &AccountId) {
        if let Some(place) = self.accounts.get_mut(account) {
            for kept in place.kept.values_mut() {
                kept.superseded = true;
            }
        }
    }

    /// Nothing of anybody's counts any more.
    pub(super) fn supersede_all(&mut self) {
        let places = self.accounts.values_mut();
        for kept in places.flat_map(|place| place.kept.values_mut()) {
            kept.superseded = true;
        }
    }

    /// Nothing of the account is left.
    pub(super) fn erase(&mut self, account: &AccountId) {
        if let Some(place) = self.accounts.remove(account) {
            self.bytes -= place.bytes;
            for kept in place.kept.values() {
                self.order.remove(&kept.number);
            }
        }
    }

    /// Erases what is too old.
    pub(super) fn sweep(&mut self, now: Timestamp) {
        while let Some((_, key)) = self.order.first_key_value() {
            if self.young(key, now).is_some() {
                return;
            }
            let key = key.clone();
            self.take(&key);
        }
    }

    fn take(&mut self, key: &Key) {
        let Some(place) = self.accounts.get_mut(&key.0) else {
            return;
        };
        if let Some(kept) = place.kept.remove(&key.1) {
            place.bytes -= kept.bytes;
            self.bytes -= kept.bytes;
            self.order.remove(&kept.number);
        }
        if place.kept.is_empty() {
            self.accounts.remove(&key.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::TransactionsRequest;
    use crate::accounts::cache::Datum;

    const MINUTE: Duration = Duration::from_mins(1);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn page(account: &str, number: u32) -> Key {
        let request = TransactionsRequest {
            page: Some(number),
            ..TransactionsRequest::default()
        };
        (account.parse().unwrap(), Read::Transactions(request))
    }

    /// Weighs about so many kilobytes.
    fn answer(kilobytes: usize, as_of: Timestamp) -> Answer {
        #[derive(Clone)]
        struct Heavy(usize);
        impl Datum for Heavy {
            fn weight(&self) -> usize {
                self.0
            }
        }
        Answer::new(Heavy(kilobytes * 1024), as_of)
    }

    fn is_empty(shelves: &Shelves) -> bool {
        shelves.accounts.is_empty() && shelves.order.is_empty() && shelves.bytes == 0
    }

    #[test]
    fn an_answer_lives_for_its_time_and_leaves_nothing() {
        let mut shelves = Shelves::new(MINUTE);
        shelves.keep(&page("a", 1), answer(1, at(0)), at(5));
        shelves.keep(&page("a", 1), answer(1, at(10)), at(10));
        shelves.keep(&page("b", 1), answer(1, at(20)), at(20));
        assert!(shelves.find(&page("a", 1), at(69)).is_some());
        assert!(shelves.find(&page("a", 1), at(70)).is_none());
        assert!(shelves.last_true(&page("a", 1), at(70)).is_none());
        shelves.sweep(at(70));
        assert_eq!((shelves.accounts.len(), shelves.order.len()), (1, 1));
        shelves.sweep(at(80));
        assert!(is_empty(&shelves), "{shelves:?}");
        // It was asked for so long ago that it is old when it comes.
        shelves.keep(&page("a", 1), answer(1, at(0)), at(60));
        assert!(is_empty(&shelves), "{shelves:?}");
    }

    #[test]
    fn what_a_fact_overtook_is_told_only_on_demand() {
        let mut shelves = Shelves::new(MINUTE);
        shelves.keep(&page("a", 1), answer(1, at(0)), at(0));
        shelves.keep(&page("b", 1), answer(1, at(0)), at(0));
        shelves.supersede(&page("a", 1).0);
        assert!(shelves.find(&page("a", 1), at(1)).is_none());
        assert!(shelves.last_true(&page("a", 1), at(1)).is_some());
        assert!(shelves.find(&page("b", 1), at(1)).is_some());
        shelves.keep(&page("a", 1), answer(1, at(2)), at(2));
        assert!(shelves.find(&page("a", 1), at(2)).is_some());
        shelves.erase(&page("a", 1).0);
        assert!(shelves.last_true(&page("a", 1), at(2)).is_none());
        shelves.erase(&page("b", 1).0);
        assert!(is_empty(&shelves), "{shelves:?}");
    }

    #[test]
    fn one_account_drives_out_its_own_oldest() {
        let mut shelves = Shelves::new(MINUTE);
        shelves.keep(&page("other", 1), answer(500, at(0)), at(0));
        for number in 1..=10 {
            shelves.keep(&page("a", number), answer(500, at(0)), at(0));
        }
        let kept: Vec<_> = (1..=10)
            .filter(|number| shelves.find(&page("a", *number), at(0)).is_some())
            .collect();
        assert_eq!(kept, [7, 8, 9, 10]);
        assert!(shelves.find(&page("other", 1), at(0)).is_some());
        // One that is larger than all that an account may take is not kept, and drives out nothing.
        shelves.keep(&page("a", 11), answer(3000, at(0)), at(0));
        assert!(shelves.find(&page("a", 11), at(0)).is_none());
        assert!(shelves.find(&page("a", 7), at(0)).is_some());
    }

    #[test]
    fn all_together_take_no_more_than_the_whole() {
        let mut shelves = Shelves::new(MINUTE);
        for account in 0..50 {
            shelves.keep(&page(&format!("a{account}"), 1), answer(1900, at(0)), at(0));
            assert!(shelves.bytes <= WHOLE);
        }
        assert!(shelves.find(&page("a0", 1), at(0)).is_none());
        assert!(shelves.find(&page("a49", 1), at(0)).is_some());
        assert!((30..50).contains(&shelves.accounts.len()));
        assert_eq!(shelves.accounts.len(), shelves.order.len());
    }
}
