//! How many streams one address may hold open. Sessions cost nothing, so a limit per user stops nobody
//! who means harm.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::http::rate_limit::is_counted;

/// A sixth of all there are: many people share an address of a mobile network.
const PER_ADDRESS: usize = 2_048;

/// Open streams, by the address they are read from.
#[derive(Debug, Default)]
pub(in crate::http) struct Places {
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// Held as long as a stream is open.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    address: Option<IpAddr>,
}

impl Places {
    /// None when this address has as many as it may have.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = Some(address).filter(|address| is_counted(*address));
        if let Some(address) = address {
            let mut taken = self.taken();
            let count = taken.entry(address).or_default();
            if *count >= PER_ADDRESS {
                return None;
            }
            *count += 1;
        }
        Some(Place {
            places: Arc::clone(self),
            address,
        })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(address) = self.address else {
            return;
        };
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_and_no_trace_of_it_stays() {
        let places = Arc::new(Places::default());
        let (one, other) = ([203, 0, 113, 1].into(), [203, 0, 113, 2].into());
        let mut held: Vec<_> = (0..PER_ADDRESS).map(|_| places.take(one)).collect();
        assert!(held.iter().all(Option::is_some));
        assert!(places.take(one).is_none());
        assert!(places.take(other).is_some());
        held.pop();
        assert!(places.take(one).is_some());
        held.clear();
        assert!(places.taken().is_empty());
        let here: Vec<_> = (0..=PER_ADDRESS)
            .map(|_| places.take([127, 0, 0, 1].into()))
            .collect();
        assert!(here.iter().all(Option::is_some), "a proxy of this machine");
    }
}
