use std::rc::Rc;

use mono_connect_shared::problem::ErrorCode;

use crate::error::{Code, Details, Error};
use crate::fakes::{FakeLinking, FakePage, Running, Step, code, instance};
use crate::ports::Wanted;
use crate::stop::Stop;

fn page() -> Rc<FakePage> {
    Rc::default()
}

fn wish(text: &str) -> Wanted {
    Wanted(text.to_owned())
}

fn link(linking: &Rc<FakeLinking>, wanted: Option<Wanted>) -> Running<String> {
    let stop = Rc::new(Stop::default());
    let turn = linking.begin(stop.clone()).expect("the page must be free");
    Running::new(&stop, turn.link(wanted))
}

/// A link whose widget is open.
fn open(linking: &Rc<FakeLinking>) -> Running<String> {
    let mut running = link(linking, None);
    assert!(running.run().is_none(), "the widget waits for its user");
    running
}

fn setup(linking: &Rc<FakeLinking>, wanted: Option<Wanted>) -> Running<()> {
    let stop = Rc::new(Stop::default());
    linking.begin_setup(&stop).expect("the page must be free");
    let (linking, stopping) = (linking.clone(), stop.clone());
    Running::new(&stop, async move { linking.setup(wanted, &stopping).await })
}

fn attempt(linking: &FakeLinking) -> Rc<crate::attempt::Attempt> {
    linking
        .widget
        .attempts
        .borrow()
        .last()
        .expect("a widget must have been built")
        .clone()
}

fn log(linking: &FakeLinking) -> Vec<String> {
    linking.backend.log.borrow().clone()
}

fn nothing_is_left(page: &FakePage) {
    assert_eq!(page.frames.get(), 0, "no widget is left");
    assert!(!page.claimed.get(), "the turn was given back");
    assert!(page.shared.take().is_none(), "nothing is prepared");
}

fn report(message: &str) -> Error {
    Error::new(Code::WidgetError, message).because(Rc::new(message.to_owned()))
}

fn refusal(code: ErrorCode, retry_after_ms: Option<u32>) -> Error {
    Error::from(Details {
        code: Code::Proxy(code),
        message: String::new(),
        status: Some(code.status()),
        request_id: None,
        retry_after_ms,
        cause: None,
    })
}

#[test]
fn a_link_exchanges_the_code_with_the_reference_of_its_session() {
    let page = page();
    let linking = instance(&page, 1);
    let running = open(&linking);
    assert_eq!(page.frames.get(), 1);
    attempt(&linking).succeeded(Some("code".to_owned()));
    // What connect.js does next: it closes itself.
    attempt(&linking).closed();
    assert_eq!(running.answer().unwrap(), "account of code");
    assert_eq!(log(&linking), ["session {}", "exchange code ref1"]);
    nothing_is_left(&page);
}

#[test]
fn the_widget_is_gone_before_its_code_is_exchanged() {
    let page = page();
    let linking = instance(&page, 1);
    let mut running = open(&linking);
    linking.backend.held.set(Some(Step::Exchange));
    attempt(&linking).succeeded(Some("code".to_owned()));
    assert!(running.run().is_none());
    assert_eq!(page.frames.get(), 0);
    assert!(
        page.claimed.get(),
        "the turn lasts until the account is linked"
    );
}

#[test]
fn closing_is_a_dismissal_unless_an_error_was_reported() {
    let linking = instance(&page(), 1);
    let running = open(&linking);
    attempt(&linking).closed();
    assert_eq!(code(running.answer()), "dismissed");

    let running = open(&linking);
    attempt(&linking).reported(report("bank is down"));
    attempt(&linking).closed();
    let error = running.answer().unwrap_err();
    assert_eq!(error.code(), Code::WidgetError);
    assert_eq!(error.details().message, "bank is down");
}

#[test]
fn the_page_closing_it_after_an_error_is_the_widgets_error_with_what_it_reported() {
    let page = page();
    let linking = instance(&page, 1);
    let mut running = open(&linking);
    attempt(&linking).reported(report("wrong password"));
    attempt(&linking).reported(report("bank is down"));
    linking.close();
    let error = running.run().unwrap().unwrap_err();
    assert_eq!(error.code(), Code::WidgetError);
    assert_eq!(error.details().message, "bank is down");
    assert!(error.details().cause.is_some());
    nothing_is_left(&page);

    let running = open(&linking);
    linking.close();
    assert_eq!(code(running.answer()), "dismissed", "it is another attempt");
}

#[test]
fn a_widget_that_breaks_after_it_was_shown_ends_the_call() {
    let page = page();
    let linking = instance(&page, 1);
    let running = open(&linking);
    attempt(&linking).broke(Error::new(Code::WidgetError, "later"));
    attempt(&linking).closed();
    assert_eq!(running.answer().unwrap_err().details().message, "later");
    nothing_is_left(&page);
}

#[test]
fn stopping_gives_the_turn_back_and_removes_the_widget_before_the_call_notices() {
    for close in [true, false] {
        let page = page();
        let linking = instance(&page, 1);
        let first = open(&linking);
        if close {
            linking.close();
        } else {
            first.stop.stop(Error::new(Code::Aborted, "enough"));
        }
        nothing_is_left(&page);
        let second = open(&linking);
        assert_eq!(page.frames.get(), 1);
        assert!(first.answer().is_err());
        assert_eq!(
            page.frames.get(),
            1,
            "the first takes nothing of the second's"
        );
        assert!(page.claimed.get());
        attempt(&linking).succeeded(Some("code".to_owned()));
        assert_eq!(second.answer().unwrap(), "account of code");
        nothing_is_left(&page);
    }
}

#[test]
fn a_widget_that_the_page_closes_while_it_is_built_is_not_shown() {
    let page = page();
    let linking = instance(&page, 1);
    let stop = Rc::new(Stop::default());
    linking
        .widget
        .closes_while_built
        .replace(Some(stop.clone()));
    let turn = linking.begin(stop.clone()).unwrap();
    assert_eq!(
        code(Running::new(&stop, turn.link(None)).answer()),
        "dismissed"
    );
    assert_eq!(linking.widget.shown.get(), 0);
    nothing_is_left(&page);

    let stop = Rc::new(Stop::default());
    linking
        .widget
        .closes_while_built
        .replace(Some(stop.clone()));
    linking.begin_setup(&stop).unwrap();
    let (setting_up, stopping) = (linking.clone(), stop.clone());
    let setup = async move { setting_up.setup(None, &stopping).await };
    assert_eq!(code(Running::new(&stop, setup).answer()), "dismissed");
    nothing_is_left(&page);
}

#[test]
fn an_error_that_the_user_overcame_does_not_count() {
    let linking = instance(&page(), 1);
    let running = open(&linking);
    attempt(&linking).reported(report("wrong password"));
    attempt(&linking).succeeded(Some("code".to_owned()));
    assert_eq!(running.answer().unwrap(), "account of code");
}

#[test]
fn a_success_without_a_code_is_the_widgets_error() {
    let page = page();
    let linking = instance(&page, 1);
    let running = open(&linking);
    attempt(&linking).succeeded(None);
    assert_eq!(code(running.answer()), "widget_error");
    nothing_is_left(&page);
}

#[test]
fn an_abort_ends_every_step_and_leaves_nothing() {
    for step in [Some(Step::Session), None, Some(Step::Exchange)] {
        let page = page();
        let linking = instance(&page, 1);
        linking.backend.held.set(step);
        let mut running = link(&linking, None);
        assert!(running.run().is_none());
        if step == Some(Step::Exchange) {
            attempt(&linking).succeeded(Some("code".to_owned()));
            assert!(running.run().is_none());
        }
        running.stop.stop(Error::new(Code::Aborted, "enough"));
        assert_eq!(code(running.answer()), "aborted", "at {step:?}");
        nothing_is_left(&page);
    }
}

#[test]
fn closing_ends_the_steps_that_have_a_widget_ahead_of_them_and_not_the_exchange() {
    for step in [Some(Step::Session), None] {
        let page = page();
        let linking = instance(&page, 1);
        linking.backend.held.set(step);
        let mut running = link(&linking, None);
        assert!(running.run().is_none());
        linking.close();
        assert_eq!(code(running.answer()), "dismissed", "at {step:?}");
        nothing_is_left(&page);
    }
    let linking = instance(&page(), 1);
    linking.backend.held.set(Some(Step::Exchange));
    let mut running = open(&linking);
    attempt(&linking).succeeded(Some("code".to_owned()));
    assert!(running.run().is_none());
    linking.close();
    linking.backend.held.set(None);
    assert_eq!(running.answer().unwrap(), "account of code");
}

#[test]
fn closing_before_the_call_has_started_to_run_ends_it() {
    let page = page();
    let linking = instance(&page, 1);
    let running = link(&linking, None);
    linking.close();
    assert_eq!(code(running.answer()), "dismissed");
    assert!(log(&linking).is_empty(), "the proxy was not even asked");
    nothing_is_left(&page);
}

#[test]
fn a_page_has_one_turn_for_all_its_instances() {
    let page = page();
    let (first, second) = (instance(&page, 1), instance(&page, 2));
    let running = open(&first);
    let stop = Rc::new(Stop::default());
    for linking in [&first, &second] {
        assert_eq!(code(linking.begin(stop.clone())), "widget_busy");
        assert_eq!(code(linking.begin_setup(&stop)), "widget_busy");
    }
    second.close();
    attempt(&first).succeeded(Some("code".to_owned()));
    assert_eq!(running.answer().unwrap(), "account of code");
    drop(open(&second));
    nothing_is_left(&page);
}

#[test]
fn an_exchange_is_tried_again_with_the_same_code_and_reference() {
    let linking = instance(&page(), 1);
    linking.backend.exchanges.borrow_mut().extend([
        Err(Error::new(Code::Network, "")),
        Err(refusal(ErrorCode::UpstreamUnavailable, Some(3_000))),
        Err(refusal(ErrorCode::UpstreamTimeout, None)),
    ]);
    let running = open(&linking);
    attempt(&linking).succeeded(Some("code".to_owned()));
    assert_eq!(running.answer().unwrap(), "account of code");
    assert_eq!(log(&linking)[1..], ["exchange code ref1"; 4]);
    assert_eq!(*linking.timer.pauses.borrow(), [500, 3_000, 2_000]);
}

#[test]
fn an_exchange_is_given_up_when_it_makes_no_sense_to_go_on() {
    let endless = || {
        (0..9)
            .map(|_| Err(refusal(ErrorCode::UpstreamError, None)))
            .collect()
    };
    for (answers, word, tries) in [
        (
            vec![Err(refusal(ErrorCode::CodeExpired, None))],
            "code_expired",
            1,
        ),
        (
            vec![Err(refusal(ErrorCode::RateLimited, Some(60_000)))],
            "rate_limited",
            1,
        ),
        (endless(), "upstream_error", 4),
    ] {
        let linking = instance(&page(), 1);
        linking.backend.exchanges.borrow_mut().extend(answers);
        let running = open(&linking);
        attempt(&linking).succeeded(Some("code".to_owned()));
        assert_eq!(code(running.answer()), word);
        assert_eq!(log(&linking).len(), 1 + tries, "{word}");
    }
}

#[test]
fn what_was_set_up_is_only_shown() {
    let linking = instance(&page(), 1);
    setup(&linking, Some(wish("a"))).answer().unwrap();
    assert_eq!(linking.widget.shown.get(), 0);
    let running = open(&linking);
    assert_eq!(linking.widget.shown.get(), 1);
    attempt(&linking).succeeded(Some("code".to_owned()));
    running.answer().unwrap();
    assert_eq!(log(&linking), ["session a", "exchange code ref1"]);
}

#[test]
fn what_was_set_up_is_renewed_when_it_is_no_longer_good() {
    type Spoil = fn(&Rc<FakeLinking>);
    let spoils: [(&str, Spoil); 3] = [
        ("expired", |linking| linking.timer.now.set(3_599_000.0)),
        ("removed from the page", |linking| {
            linking.widget.there.borrow().last().unwrap().set(false);
        }),
        ("ended while hidden", |linking| attempt(linking).closed()),
    ];
    for (what, spoil) in spoils {
        let linking = instance(&page(), 1);
        setup(&linking, Some(wish("a"))).answer().unwrap();
        spoil(&linking);
        drop(open(&linking));
        assert_eq!(
            *linking.widget.built.borrow(),
            ["ref1 a", "ref2 a"],
            "{what}"
        );
    }
}

#[test]
fn another_wish_than_the_one_set_up_gets_its_own_session() {
    let linking = instance(&page(), 1);
    setup(&linking, Some(wish("a"))).answer().unwrap();
    let mut running = link(&linking, Some(wish("b")));
    assert!(running.run().is_none());
    assert_eq!(*linking.widget.built.borrow(), ["ref1 a", "ref2 b"]);
    drop(running);
    drop(open(&linking));
    assert_eq!(
        linking.widget.built.borrow().last().unwrap(),
        "ref3 a",
        "what was set up holds, and not what a link wished for itself"
    );
}

#[test]
fn what_was_set_up_holds_until_an_account_was_linked_with_it() {
    let linking = instance(&page(), 1);
    setup(&linking, Some(wish("a"))).answer().unwrap();
    let dismissed = open(&linking);
    attempt(&linking).closed();
    assert_eq!(code(dismissed.answer()), "dismissed");
    let linked = open(&linking);
    attempt(&linking).succeeded(Some("code".to_owned()));
    linked.answer().unwrap();
    drop(open(&linking));
    assert_eq!(
        *linking.widget.built.borrow(),
        ["ref1 a", "ref2 a", "ref3 {}"],
        "the next one has agreed to nothing yet"
    );

    let linking = instance(&page(), 1);
    let linked = {
        let mut running = link(&linking, Some(wish("b")));
        assert!(running.run().is_none());
        running
    };
    attempt(&linking).succeeded(Some("code".to_owned()));
    linked.answer().unwrap();
    drop(open(&linking));
    assert_eq!(*linking.widget.built.borrow(), ["ref1 b", "ref2 {}"]);
}

#[test]
fn another_instances_widget_makes_room() {
    let page = page();
    let (first, second) = (instance(&page, 1), instance(&page, 2));
    setup(&first, Some(wish("a"))).answer().unwrap();
    drop(open(&second));
    assert_eq!(
        *second.widget.built.borrow(),
        ["ref1 {}"],
        "not the other's session"
    );
    drop(open(&first));
    assert_eq!(*first.widget.built.borrow(), ["ref1 a", "ref2 a"]);
}

#[test]
fn closing_removes_only_what_this_instance_set_up() {
    let page = page();
    let (first, second) = (instance(&page, 1), instance(&page, 2));
    setup(&first, None).answer().unwrap();
    second.close();
    assert_eq!(page.frames.get(), 1);
    first.close();
    nothing_is_left(&page);
}

#[test]
fn a_setup_that_a_link_overtook_builds_nothing() {
    let page = page();
    let linking = instance(&page, 1);
    linking.backend.held.set(Some(Step::Session));
    let mut late = setup(&linking, None);
    assert!(late.run().is_none());
    linking.backend.held.set(None);
    let running = open(&linking);
    late.answer().unwrap();
    assert_eq!(linking.widget.built.borrow().len(), 1);
    attempt(&linking).succeeded(Some("code".to_owned()));
    running.answer().unwrap();
    nothing_is_left(&page);
}

#[test]
fn a_widget_that_does_not_load_can_be_tried_again() {
    let page = page();
    let linking = instance(&page, 1);
    linking
        .widget
        .loads
        .borrow_mut()
        .push_back(Err(Error::new(Code::WidgetLoadFailed, "")));
    assert_eq!(code(link(&linking, None).answer()), "widget_load_failed");
    nothing_is_left(&page);
    drop(open(&linking));
}

#[test]
fn a_widget_that_cannot_be_shown_leaves_nothing() {
    let page = page();
    let linking = instance(&page, 1);
    linking.widget.fails_to_show.set(true);
    assert_eq!(code(link(&linking, None).answer()), "widget_error");
    nothing_is_left(&page);
}
