//! What all instances on one page share: the one widget that is prepared and hidden.
//!
//! The widget finds its elements by fixed ids, so a page can hold one at a time, whoever built it.

use core::cell::RefCell;
use std::rc::Rc;

use crate::attempt::Attempt;
use crate::ports::Wanted;

/// A widget that was built and waits to be shown.
pub struct Prepared<F> {
    /// Which instance prepared it.
    pub owner: u32,
    /// What it was prepared for.
    pub wanted: Wanted,
    /// The link session's reference.
    pub reference: String,
    /// When the link session ends, in milliseconds of the Unix epoch.
    pub expires_at: f64,
    /// What happens in it.
    pub attempt: Rc<Attempt>,
    /// The widget itself.
    pub frame: F,
}

/// The page's places for a prepared widget, and for the one that is shown.
pub struct Page<F> {
    prepared: RefCell<Option<Prepared<F>>>,
    shown: RefCell<Option<Rc<F>>>,
}

impl<F> Default for Page<F> {
    fn default() -> Self {
        Self {
            prepared: RefCell::new(None),
            shown: RefCell::new(None),
        }
    }
}

impl<F> Page<F> {
    /// Keeps a prepared widget, in the place of any other.
    pub fn keep(&self, prepared: Prepared<F>) {
        let before = self.prepared.replace(Some(prepared));
        drop(before);
    }

    /// Takes what is prepared, whoever prepared it.
    pub fn take(&self) -> Option<Prepared<F>> {
        self.prepared.take()
    }

    /// Holds the widget of whoever has the turn, for as long as they have it.
    pub fn hold(&self, frame: &Rc<F>) {
        let before = self.shown.replace(Some(frame.clone()));
        drop(before);
    }

    /// Removes the widget of whoever had the turn.
    pub fn let_go(&self) {
        let frame = self.shown.take();
        drop(frame);
    }

    /// Removes what `owner` prepared.
    pub fn discard(&self, owner: u32) {
        let mine = self
            .prepared
            .borrow()
            .as_ref()
            .is_some_and(|kept| kept.owner == owner);
        if mine {
            drop(self.take());
        }
    }
}
