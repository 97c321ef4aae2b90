use std::rc::Rc;

use mono_connect_shared::problem::ErrorCode;

use crate::error::{Code, Details, Error};
use crate::fakes::{FakeLinking, FakePage, ILL, Running, Step, WELL, code, instance};
use crate::ports::Standing;
use crate::stop::Stop;

type Answer = Result<(String, Standing), Error>;

fn linking(answers: impl IntoIterator<Item = Answer>) -> Rc<FakeLinking> {
    let linking = instance(&Rc::<FakePage>::default(), 1);
    linking.backend.accounts.borrow_mut().extend(answers);
    linking
}

fn wait(linking: &Rc<FakeLinking>, milliseconds: u32) -> Running<String> {
    let (stop, linking) = (Rc::new(Stop::default()), linking.clone());
    let stopping = stop.clone();
    Running::new(&stop, async move {
        let ready = linking.account_when("acc", |account| account.data_available, milliseconds);
        stopping.or(ready).await
    })
}

fn told(name: &str, standing: Standing) -> (String, Standing) {
    (name.to_owned(), standing)
}

fn refused(code: ErrorCode, retry_after_ms: Option<u32>) -> Answer {
    Err(Error::from(Details {
        code: Code::Proxy(code),
        message: String::new(),
        status: Some(code.status()),
        request_id: None,
        retry_after_ms,
        cause: None,
    }))
}

#[test]
fn an_account_that_stands_well_is_asked_for_once() {
    let linking = linking([Ok(told("ready", WELL))]);
    assert_eq!(wait(&linking, 60_000).answer().unwrap(), "ready");
    assert_eq!(linking.backend.log.borrow().len(), 1);
    assert!(linking.timer.pauses.borrow().is_empty());
}

#[test]
fn only_what_was_wanted_counts() {
    let linking = linking([
        Ok(told(
            "refreshable",
            Standing {
                data_available: false,
                ..WELL
            },
        )),
        Ok(told(
            "readable",
            Standing {
                data_available: true,
                ..ILL
            },
        )),
    ]);
    assert_eq!(wait(&linking, 60_000).answer().unwrap(), "readable");
}

#[test]
fn pauses_grow_and_the_last_repeats() {
    let waiting = (0..7).map(|_| Ok(told("waiting", ILL)));
    let linking = linking(waiting.chain([Ok(told("ready", WELL))]));
    assert_eq!(wait(&linking, 60_000).answer().unwrap(), "ready");
    assert_eq!(
        *linking.timer.pauses.borrow(),
        [500, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000]
    );
}

#[test]
fn a_longer_pause_that_the_proxy_asks_for_is_kept_and_a_shorter_one_is_not() {
    let linking = linking([
        refused(ErrorCode::RateLimited, Some(7_000)),
        refused(ErrorCode::UpstreamUnavailable, Some(10)),
        Ok(told("ready", WELL)),
    ]);
    assert_eq!(wait(&linking, 60_000).answer().unwrap(), "ready");
    assert_eq!(*linking.timer.pauses.borrow(), [7_000, 1_000]);
}

#[test]
fn no_pause_outlasts_the_time_and_then_it_is_over() {
    let linking = linking([refused(ErrorCode::RateLimited, Some(600_000))]);
    assert_eq!(code(wait(&linking, 4_000).answer()), "timeout");
    assert_eq!(*linking.timer.pauses.borrow(), [4_000]);
    assert_eq!(linking.backend.log.borrow().len(), 1);
}

#[test]
fn an_answer_that_does_not_come_does_not_outlast_the_time() {
    let linking = linking([]);
    linking.backend.held.set(Some(Step::Account));
    assert_eq!(code(wait(&linking, 4_000).answer()), "timeout");
    assert_eq!(*linking.timer.pauses.borrow(), [4_000]);
}

#[test]
fn a_refusal_that_waiting_does_not_mend_ends_it() {
    let linking = linking([refused(ErrorCode::AccountNotFound, None)]);
    assert_eq!(code(wait(&linking, 60_000).answer()), "account_not_found");
}

#[test]
fn it_can_be_aborted_in_a_pause() {
    let linking = linking([]);
    linking.timer.stands_still.set(true);
    let mut running = wait(&linking, 60_000);
    assert!(running.run().is_none());
    running.stop.stop(Error::new(Code::Aborted, ""));
    assert_eq!(code(running.answer()), "aborted");
}
