use core::cell::{Cell, RefCell};
use core::future::pending;
use std::collections::VecDeque;
use std::rc::Rc;

use mono_connect_shared::problem::ErrorCode;

use super::*;
use crate::fakes::{FakeTimer, Running, code};

/// What becomes of an attempt to open a stream.
#[derive(Clone, Copy)]
enum Fate {
    Refused { retry_after: Option<u32> },
    NotLoggedIn,
    BreaksOffAfter(u32),
    EndsWithHint(u32),
    FallsSilent,
}

struct FakeEvents {
    fates: RefCell<VecDeque<Fate>>,
    opened: Cell<u32>,
    heard: Cell<u32>,
    told: RefCell<Vec<&'static str>>,
    open: Rc<Cell<u32>>,
}

struct FakeStream {
    left: Option<u32>,
    hint: Option<u32>,
    open: Rc<Cell<u32>>,
}

impl Drop for FakeStream {
    fn drop(&mut self) {
        self.open.set(self.open.get() - 1);
    }
}

impl Events for FakeEvents {
    type Stream = FakeStream;

    async fn open(&self) -> Result<FakeStream, Error> {
        assert_eq!(self.open.get(), 0, "one stream at a time");
        self.opened.set(self.opened.get() + 1);
        let fate = self.fates.borrow_mut().pop_front();
        let hint = match fate {
            Some(Fate::EndsWithHint(hint)) => Some(hint),
            _ => None,
        };
        let left = match fate {
            Some(Fate::Refused { retry_after }) => return Err(refused(retry_after)),
            Some(Fate::NotLoggedIn) => {
                return Err(Error::new(Code::Proxy(ErrorCode::Unauthenticated), ""));
            }
            Some(Fate::BreaksOffAfter(events)) => Some(events),
            Some(Fate::EndsWithHint(_)) => Some(1),
            Some(Fate::FallsSilent) => None,
            None => pending().await,
        };
        self.open.set(1);
        Ok(FakeStream {
            left,
            hint,
            open: self.open.clone(),
        })
    }

    async fn hear(&self, stream: &mut FakeStream) -> Result<(), Error> {
        match stream.left {
            None => pending().await,
            Some(0) => Err(Error::new(Code::Network, "").retry_after(stream.hint)),
            Some(left) => {
                stream.left = Some(left - 1);
                self.heard.set(self.heard.get() + 1);
                Ok(())
            }
        }
    }

    fn is_refused(&self, error: Error) {
        self.told.borrow_mut().push(error.code().as_str());
    }
}

fn refused(retry_after: Option<u32>) -> Error {
    Error::new(Code::Network, "").retry_after(retry_after)
}

struct Following {
    events: Rc<FakeEvents>,
    timer: Rc<FakeTimer>,
    ongoing: Ongoing,
}

impl Following {
    fn of(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self {
            events: Rc::new(FakeEvents {
                fates: RefCell::new(fates.into_iter().collect()),
                opened: Cell::default(),
                heard: Cell::default(),
                told: RefCell::default(),
                open: Rc::default(),
            }),
            timer: Rc::default(),
            ongoing: Ongoing::default(),
        }
    }

    fn begin(&self) -> Running<()> {
        let stop = self.ongoing.begin();
        let (events, timer, stopping) = (self.events.clone(), self.timer.clone(), stop.clone());
        Running::new(&stop, async move {
            let following = async {
                follow(&*events, &*timer).await;
                Ok(())
            };
            stopping.or(following).await
        })
    }

    /// The pauses between two streams, without the waiting for words.
    fn pauses(&self) -> Vec<u32> {
        let waited = self.timer.pauses.borrow();
        waited.iter().copied().filter(|it| *it != SILENCE).collect()
    }
}

const REFUSED: Fate = Fate::Refused { retry_after: None };

#[test]
fn a_stream_that_cannot_be_opened_is_tried_again_after_growing_pauses() {
    let following = Following::of([REFUSED; 7]);
    assert!(following.begin().run().is_none());
    assert_eq!(following.events.opened.get(), 8);
    assert_eq!(
        following.pauses(),
        [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]
    );
}

#[test]
fn a_proxy_that_names_a_time_is_left_alone_until_then() {
    let patient = Fate::Refused {
        retry_after: Some(40_000),
    };
    let following = Following::of([patient, REFUSED]);
    assert!(following.begin().run().is_none());
    assert_eq!(following.pauses(), [40_000, 2_000]);
}

#[test]
fn a_stream_that_had_been_open_is_opened_again_soon() {
    let following = Following::of([REFUSED, REFUSED, Fate::BreaksOffAfter(3), REFUSED]);
    assert!(following.begin().run().is_none());
    assert_eq!(following.pauses(), [1_000, 2_000, 1_000, 2_000]);
    assert_eq!(following.events.heard.get(), 3);
}

#[test]
fn a_stream_that_ends_with_a_time_is_opened_again_then() {
    let fates = [250, 0, 3_600_000].map(Fate::EndsWithHint);
    let following = Following::of(fates);
    assert!(following.begin().run().is_none());
    assert_eq!(following.pauses(), [250, LEAST_PAUSE, LONGEST_PAUSE]);
}

#[test]
fn a_stream_that_falls_silent_is_opened_again() {
    let following = Following::of([Fate::FallsSilent, Fate::BreaksOffAfter(1)]);
    assert!(following.begin().run().is_none());
    assert_eq!(following.events.opened.get(), 3);
    assert_eq!(following.timer.pauses.borrow()[0], SILENCE);
}

#[test]
fn closing_ends_it_whatever_it_waits_for_and_closes_the_stream() {
    for fate in [Fate::FallsSilent, REFUSED] {
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
    let following = Following::of([Fate::FallsSilent]);
    following.timer.stands_still.set(true);
    let mut running = following.begin();
    assert!(running.run().is_none());
    drop(following.ongoing);
    assert_eq!(code(running.answer()), "aborted");
    assert_eq!(following.events.open.get(), 0);
}

#[test]
fn a_refusal_is_told_each_time_and_the_stream_is_still_tried_again() {
    let following = Following::of([
        REFUSED,
        Fate::NotLoggedIn,
        Fate::NotLoggedIn,
        Fate::BreaksOffAfter(1),
    ]);
    assert!(following.begin().run().is_none());
    assert_eq!(
        *following.events.told.borrow(),
        ["unauthenticated", "unauthenticated"],
        "what may pass is not told"
    );
    assert_eq!(following.events.heard.get(), 1);
}
