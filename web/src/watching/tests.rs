use core::cell::{Cell, RefCell};
use core::future::pending;
use std::collections::VecDeque;
use std::rc::Rc;

use super::*;
use crate::fakes::{FakeTimer, Running, code};

/// What becomes of a stream.
#[derive(Clone, Copy)]
enum Fate {
    NeverOpened,
    BrokeOff,
    Lasts,
}

#[derive(Default)]
struct FakeEvents {
    fates: RefCell<VecDeque<Fate>>,
    opened: Cell<u32>,
    open: Rc<Cell<u32>>,
    refuses: Cell<bool>,
}

struct FakeStream {
    fate: Fate,
    open: Rc<Cell<u32>>,
}

impl Drop for FakeStream {
    fn drop(&mut self) {
        self.open.set(self.open.get() - 1);
    }
}

impl Events for FakeEvents {
    type Stream = FakeStream;

    fn open(&self) -> Result<FakeStream, Error> {
        assert_eq!(self.open.get(), 0, "one stream at a time");
        if self.refuses.get() {
            return Err(Error::new(Code::Network, ""));
        }
        self.opened.set(self.opened.get() + 1);
        self.open.set(1);
        Ok(FakeStream {
            fate: self.fates.borrow_mut().pop_front().unwrap_or(Fate::Lasts),
            open: self.open.clone(),
        })
    }

    async fn given_up(&self, stream: &FakeStream) -> bool {
        match stream.fate {
            Fate::NeverOpened => false,
            Fate::BrokeOff => true,
            Fate::Lasts => pending().await,
        }
    }
}

struct Following {
    events: Rc<FakeEvents>,
    timer: Rc<FakeTimer>,
    subscriptions: Subscriptions,
}

impl Following {
    fn of(fates: impl IntoIterator<Item = Fate>) -> Self {
        let events = FakeEvents::default();
        events.fates.borrow_mut().extend(fates);
        Self {
            events: Rc::new(events),
            timer: Rc::default(),
            subscriptions: Subscriptions::default(),
        }
    }

    fn begin(&self) -> Running<()> {
        let stop = self.subscriptions.begin();
        let stream = self.events.open().unwrap();
        let (events, timer, stopping) = (self.events.clone(), self.timer.clone(), stop.clone());
        Running::new(&stop, async move {
            stopping.or(follow(&*events, &*timer, stream)).await
        })
    }
}

#[test]
fn a_stream_that_was_given_up_is_opened_again_after_growing_pauses() {
    let following = Following::of([Fate::NeverOpened; 7]);
    assert!(following.begin().run().is_none());
    assert_eq!(following.events.opened.get(), 8);
    assert_eq!(
        *following.timer.pauses.borrow(),
        [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    );
}

#[test]
fn a_stream_that_had_been_open_is_opened_again_soon() {
    let following = Following::of([
        Fate::NeverOpened,
        Fate::NeverOpened,
        Fate::BrokeOff,
        Fate::NeverOpened,
    ]);
    assert!(following.begin().run().is_none());
    assert_eq!(
        *following.timer.pauses.borrow(),
        [1_000, 2_000, 1_000, 2_000]
    );
}

#[test]
fn closing_ends_it_whatever_it_waits_for_and_closes_the_stream() {
    for fate in [Fate::Lasts, Fate::NeverOpened] {
        let following = Following::of([fate]);
        following.timer.stands_still.set(true);
        let mut running = following.begin();
        assert!(running.run().is_none());
        end(&running.stop);
        end(&running.stop);
        assert_eq!(code(running.answer()), "aborted");
        assert_eq!(following.events.open.get(), 0);
        assert_eq!(following.events.opened.get(), 1);
    }
}

#[test]
fn an_instance_that_ends_takes_its_subscriptions_along() {
    let following = Following::of([]);
    let mut running = following.begin();
    assert!(running.run().is_none());
    drop(following.subscriptions);
    assert_eq!(code(running.answer()), "aborted");
    assert_eq!(following.events.open.get(), 0);
}

#[test]
fn a_browser_that_opens_no_more_streams_ends_it() {
    let following = Following::of([Fate::BrokeOff]);
    let running = following.begin();
    following.events.refuses.set(true);
    assert_eq!(code(running.answer()), "network");
}
