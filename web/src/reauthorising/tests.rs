use std::rc::Rc;

use mono_connect_shared::config::ReauthoriseMethod;
use mono_connect_shared::problem::ErrorCode;

use crate::error::{Code, Details, Error};
use crate::fakes::{FakeLinking, FakePage, ILL, Running, WELL, code, instance};
use crate::ports::{Reauthorisation, Standing};
use crate::stop::Stop;

fn answer(method: ReauthoriseMethod, value: &str) -> Reauthorisation {
    let when = |wanted| (method == wanted).then(|| value.to_owned());
    Reauthorisation {
        method,
        token: when(ReauthoriseMethod::Token),
        account_id: when(ReauthoriseMethod::AccountId),
        url: when(ReauthoriseMethod::HostedLink),
        reference: "ref".to_owned(),
    }
}

fn account_id() -> (Rc<FakePage>, Rc<FakeLinking>) {
    proxy_that_answers(answer(ReauthoriseMethod::AccountId, "acc"))
}

fn proxy_that_answers(answer: Reauthorisation) -> (Rc<FakePage>, Rc<FakeLinking>) {
    let page = Rc::<FakePage>::default();
    let linking = instance(&page, 1);
    linking.backend.reauthorisation.replace(Some(answer));
    (page, linking)
}

fn reauthorise(linking: &Rc<FakeLinking>, method: ReauthoriseMethod) -> Running<String> {
    let stop = Rc::new(Stop::default());
    let turn = linking.begin(stop.clone()).expect("the page must be free");
    Running::new(&stop, async move { turn.reauthorise("acc", method).await })
}

fn succeed(linking: &FakeLinking) {
    let attempt = linking.widget.attempts.borrow().last().unwrap().clone();
    attempt.succeeded(Some("a code that nobody wants".to_owned()));
}

fn log(linking: &FakeLinking) -> Vec<String> {
    linking.backend.log.borrow().clone()
}

#[test]
fn it_resolves_when_the_proxy_says_that_the_account_is_well() {
    for (method, value) in [
        (ReauthoriseMethod::Token, "tok"),
        (ReauthoriseMethod::AccountId, "acc"),
    ] {
        let (page, linking) = proxy_that_answers(answer(method, value));
        linking.backend.accounts.borrow_mut().extend([
            Ok(("acc".to_owned(), ILL)),
            Err(Error::new(Code::Network, "")),
            Ok(("well again".to_owned(), WELL)),
        ]);
        let mut running = reauthorise(&linking, method);
        assert!(running.run().is_none());
        assert_eq!(
            *linking.widget.built.borrow(),
            [format!("{} {value} ref", method.as_str())]
        );
        succeed(&linking);
        assert_eq!(running.answer().unwrap(), "well again");
        assert_eq!(
            log(&linking),
            [
                "reauthorise acc",
                "account acc",
                "account acc",
                "account acc"
            ]
        );
        assert_eq!(*linking.timer.pauses.borrow(), [500, 1_000]);
        assert_eq!((page.frames.get(), page.claimed.get()), (0, false));
    }
}

#[test]
fn an_account_that_needed_no_login_is_read_afresh_and_only_once_the_widget_is_through() {
    let (_, linking) = account_id();
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    assert_eq!(log(&linking), ["reauthorise acc"], "not read before");
    let fresh = Ok(("fresh".to_owned(), WELL));
    linking.backend.accounts.borrow_mut().push_back(fresh);
    succeed(&linking);
    assert_eq!(running.answer().unwrap(), "fresh");
    assert_eq!(log(&linking), ["reauthorise acc", "account acc"]);
    assert!(linking.timer.pauses.borrow().is_empty());
}

#[test]
fn data_that_is_not_there_yet_does_not_keep_it_waiting() {
    let (_, linking) = account_id();
    let still_fetching = Standing {
        data_available: false,
        ..WELL
    };
    let answer = Ok(("acc".to_owned(), still_fetching));
    linking.backend.accounts.borrow_mut().push_back(answer);
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    succeed(&linking);
    assert_eq!(running.answer().unwrap(), "acc");
}

#[test]
fn it_asks_no_sooner_than_the_proxy_wants_it_to() {
    let (_, linking) = account_id();
    let busy = Error::from(Details {
        code: Code::Proxy(ErrorCode::RateLimited),
        message: String::new(),
        status: Some(429),
        request_id: None,
        retry_after_ms: Some(9_000),
        cause: None,
    });
    let answers = [Err(busy), Ok(("acc".to_owned(), WELL))];
    linking.backend.accounts.borrow_mut().extend(answers);
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    succeed(&linking);
    assert_eq!(running.answer().unwrap(), "acc");
    assert_eq!(*linking.timer.pauses.borrow(), [9_000]);
}

#[test]
fn it_stops_asking_after_a_while() {
    let (_, linking) = account_id();
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    succeed(&linking);
    assert_eq!(code(running.answer()), "timeout");
    let waited = linking.timer.now.get();
    assert!((waited - 120_000.0).abs() < 1.0, "{waited}");
    let asked = log(&linking).len();
    // Once a second, so that a page is a second late at most.
    assert!((110..130).contains(&asked), "{asked}");
}

#[test]
fn it_stops_asking_when_the_answer_is_final() {
    let (_, linking) = account_id();
    let gone = Error::new(Code::Proxy(ErrorCode::AccountNotFound), "");
    linking.backend.accounts.borrow_mut().push_back(Err(gone));
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    succeed(&linking);
    assert_eq!(code(running.answer()), "account_not_found");
}

#[test]
fn asking_can_be_aborted_but_not_closed() {
    let (_, linking) = account_id();
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    linking.timer.stands_still.set(true);
    succeed(&linking);
    assert!(running.run().is_none());
    linking.close();
    assert!(running.run().is_none(), "there is no widget left to close");
    running.stop.stop(Error::new(Code::Aborted, ""));
    assert_eq!(code(running.answer()), "aborted");
}

#[test]
fn closing_the_widget_is_a_dismissal() {
    let (page, linking) = account_id();
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    linking.widget.attempts.borrow().last().unwrap().closed();
    assert_eq!(code(running.answer()), "dismissed");
    assert_eq!(page.frames.get(), 0);
    assert_eq!(log(&linking), ["reauthorise acc"]);
}

#[test]
fn the_page_closing_it_after_an_error_is_the_widgets_error() {
    let (page, linking) = account_id();
    let mut running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert!(running.run().is_none());
    let attempt = linking.widget.attempts.borrow().last().unwrap().clone();
    attempt.reported(Error::new(Code::WidgetError, "bank is down"));
    linking.close();
    assert_eq!((page.frames.get(), page.claimed.get()), (0, false));
    assert_eq!(code(running.answer()), "widget_error");
}

#[test]
fn a_widget_that_takes_the_other_thing_is_refused_before_the_proxy_is_asked() {
    for (method, taken) in [
        (ReauthoriseMethod::Token, ReauthoriseMethod::AccountId),
        (ReauthoriseMethod::AccountId, ReauthoriseMethod::Token),
    ] {
        let (_, linking) = proxy_that_answers(answer(method, "secret"));
        linking.widget.takes.set(Some(taken));
        assert_eq!(
            code(reauthorise(&linking, method).answer()),
            "reauthorise_unsupported"
        );
        assert!(log(&linking).is_empty());
    }
}

#[test]
fn an_answer_of_another_method_than_the_configured_one_is_checked_again() {
    let (_, linking) = account_id();
    linking.widget.takes.set(Some(ReauthoriseMethod::Token));
    let running = reauthorise(&linking, ReauthoriseMethod::Token);
    assert_eq!(code(running.answer()), "reauthorise_unsupported");
    assert!(linking.widget.built.borrow().is_empty());
}

#[test]
fn an_answer_without_what_its_method_needs_is_refused() {
    let (_, linking) = proxy_that_answers(Reauthorisation {
        account_id: None,
        token: Some("tok".to_owned()),
        ..answer(ReauthoriseMethod::AccountId, "acc")
    });
    let running = reauthorise(&linking, ReauthoriseMethod::AccountId);
    assert_eq!(code(running.answer()), "reauthorise_unsupported");
    assert!(linking.widget.built.borrow().is_empty());
}

#[test]
fn a_hosted_link_is_visited_once_the_account_has_been_read() {
    let (page, linking) = proxy_that_answers(answer(
        ReauthoriseMethod::HostedLink,
        "https://link.example/x",
    ));
    let running = reauthorise(&linking, ReauthoriseMethod::HostedLink);
    assert_eq!(running.answer().unwrap(), "acc");
    assert_eq!(*linking.widget.visited.borrow(), ["https://link.example/x"]);
    assert_eq!(log(&linking), ["reauthorise acc", "account acc"]);
    assert!(linking.widget.built.borrow().is_empty());
    assert!(!page.claimed.get());
}

#[test]
fn a_hosted_link_that_is_no_web_address_is_not_visited() {
    let (_, linking) =
        proxy_that_answers(answer(ReauthoriseMethod::HostedLink, "javascript:alert(1)"));
    let running = reauthorise(&linking, ReauthoriseMethod::HostedLink);
    assert_eq!(code(running.answer()), "reauthorise_unsupported");
    assert!(linking.widget.visited.borrow().is_empty());
}
