//! The module inside a browser: what only JavaScript can tell.
//!
//! `cargo xtask test --only wasm`
#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use mono_connect_web::MonoConnect;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen(module = "/tests/support.js")]
extern "C" {
    fn proxy(routes: &JsValue);
    #[wasm_bindgen(js_name = callLog)]
    fn call_log() -> Array;
    #[wasm_bindgen(js_name = connectClass)]
    fn connect_class(reauthorise_address: &str) -> Function;
    #[wasm_bindgen(js_name = widgetSays)]
    fn widget_says(message: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = othersSay)]
    fn others_say(message: &JsValue) -> Promise;
    fn called(call: &str) -> Promise;
    #[wasm_bindgen(js_name = frameBuilt)]
    fn frame_built() -> Promise;
    fn leftovers() -> u32;
    fn settled(promise: Promise) -> Promise;
    #[wasm_bindgen(js_name = scriptAddress)]
    fn script_address(text: &str) -> String;
    fn scripts() -> u32;
    #[wasm_bindgen(js_name = lastStream)]
    fn last_stream() -> JsValue;
    #[wasm_bindgen(js_name = openStreams)]
    fn open_streams() -> u32;
    #[wasm_bindgen(js_name = streamSays)]
    fn stream_says(stream: &JsValue, text: &str);
    #[wasm_bindgen(js_name = streamEnds)]
    fn stream_ends(stream: &JsValue);
    #[wasm_bindgen(js_name = streamAfter)]
    fn stream_after(stream: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = failingListener)]
    fn failing_listener(heard: &Array) -> Function;
    fn unhandled() -> Promise;
    #[wasm_bindgen(js_name = settledAll)]
    fn settled_all() -> Promise;
    #[wasm_bindgen(js_name = tokenFunction)]
    fn token_function() -> Function;
    #[wasm_bindgen(js_name = heardSoMany)]
    fn heard_so_many(heard: &Array, count: u32) -> Promise;
    fn collected(rows: &JsValue, most: u32) -> Promise;
    #[wasm_bindgen(js_name = inTurn)]
    fn in_turn(call: &str, answers: &JsValue);
}

fn json(text: &str) -> JsValue {
    JSON::parse(text).unwrap()
}

fn get(value: &JsValue, path: &str) -> JsValue {
    path.split('.').fold(value.clone(), |value, key| {
        Reflect::get(&value, &key.into()).unwrap()
    })
}

fn text(value: &JsValue, path: &str) -> String {
    get(value, path).as_string().unwrap_or_default()
}

fn with(key: &str, value: &JsValue) -> JsValue {
    let object = Object::new();
    Reflect::set(&object, &key.into(), value).unwrap();
    object.into()
}

async fn value(promise: Promise) -> JsValue {
    JsFuture::from(promise).await.unwrap()
}

async fn error(promise: Promise) -> JsValue {
    let settled = value(settled(promise)).await;
    let error = get(&settled, "error");
    assert!(
        error.is_instance_of::<js_sys::Error>(),
        "it must fail: {settled:?}"
    );
    error
}

/// The instance is handed back by JavaScript, so the calls go the way that a page's go.
async fn create(options: &JsValue) -> JsValue {
    value(MonoConnect::create(options.clone())).await
}

fn call(target: &JsValue, method: &str, arguments: &[JsValue]) -> Promise {
    let method: Function = get(target, method).unchecked_into();
    let arguments: Array = arguments.iter().collect();
    Reflect::apply(&method, target, &arguments)
        .unwrap()
        .unchecked_into()
}

fn with_connect() -> JsValue {
    with("connect", &connect_class("/widget?reauth=VALUE"))
}

fn linked(code: &str) -> JsValue {
    let message = json(r#"{"type": "mono.connect.widget.account_linked", "data": {}}"#);
    Reflect::set(&get(&message, "data"), &"code".into(), &code.into()).unwrap();
    message
}

fn last_call() -> JsValue {
    call_log().pop()
}

#[wasm_bindgen_test]
async fn a_refusal_is_a_real_error_with_all_that_the_proxy_said() {
    proxy(&json(
        r#"{"GET /api/accounts/acc_1/balance": {"status": 429, "body": {
            "type": "about:blank", "title": "Too many calls.", "status": 429,
            "detail": "Wait a little.", "code": "rate_limited", "request_id": "req_1",
            "retry_after": 7, "next_allowed_at": "2026-01-01T00:00:00Z"}}}"#,
    ));
    let mono = create(&JsValue::UNDEFINED).await;
    let error = error(call(&mono, "balance", &["acc_1".into()])).await;
    assert_eq!(text(&error, "name"), "MonoConnectError");
    assert_eq!(text(&error, "code"), "rate_limited");
    assert_eq!(text(&error, "message"), "Wait a little.");
    assert_eq!(get(&error, "status"), 429);
    assert_eq!(text(&error, "requestId"), "req_1");
    assert_eq!(get(&error, "retryAfterMs"), 7_000);
    assert_eq!(get(&error, "retryable"), JsValue::TRUE);
    assert_eq!(
        text(&error, "cause.next_allowed_at"),
        "2026-01-01T00:00:00Z"
    );
    assert!(!text(&error, "stack").is_empty());
}

#[wasm_bindgen_test]
async fn an_answer_from_something_between_is_named_by_its_status() {
    proxy(&json(
        r#"{"GET /api/accounts": {"status": 503, "headers": {"retry-after": "3", "x-request-id": "r"}}}"#,
    ));
    let mono = create(&JsValue::UNDEFINED).await;
    let error = error(call(&mono, "accounts", &[])).await;
    assert_eq!(text(&error, "code"), "upstream_unavailable");
    assert_eq!(get(&error, "retryAfterMs"), 3_000);
    assert_eq!(text(&error, "requestId"), "r");
}

#[wasm_bindgen_test]
async fn a_time_to_wait_is_understood_as_a_date_and_left_out_where_it_makes_no_sense() {
    let in_an_hour = js_sys::Date::new(&(js_sys::Date::now() + 3_600_000.0).into());
    let retry_after = |header: &str| {
        proxy(&json(&format!(
            r#"{{"GET /api/accounts": {{"status": 429, "headers": {{"retry-after": "{header}"}}}}}}"#
        )));
    };
    let mono = {
        proxy(&json("{}"));
        create(&JsValue::UNDEFINED).await
    };
    retry_after(&String::from(in_an_hour.to_utc_string()));
    let refused = error(call(&mono, "accounts", &[])).await;
    let wait = get(&refused, "retryAfterMs").as_f64().unwrap();
    assert!((3_590_000.0..=3_600_000.0).contains(&wait), "{wait}");

    retry_after("Wed, 21 Oct 2015 07:28:00 GMT");
    let refused = error(call(&mono, "accounts", &[])).await;
    assert_eq!(get(&refused, "retryAfterMs"), 0);

    retry_after("soon");
    let refused = error(call(&mono, "accounts", &[])).await;
    assert!(get(&refused, "retryAfterMs").is_undefined());
}

#[wasm_bindgen_test]
async fn what_cannot_be_reached_or_understood_is_the_networks_fault() {
    proxy(&json(
        r#"{"GET /api/accounts": {"fails": true}, "GET /api/accounts/acc_1": {}}"#,
    ));
    let mono = create(&JsValue::UNDEFINED).await;
    let unreachable = error(call(&mono, "accounts", &[])).await;
    assert_eq!(text(&unreachable, "code"), "network");
    assert_eq!(text(&unreachable, "cause.message"), "unreachable");
    let unreadable = error(call(&mono, "account", &["acc_1".into()])).await;
    assert_eq!(text(&unreadable, "code"), "network");
    assert!(get(&unreadable, "status").is_undefined());

    proxy(&json(
        r#"{"GET /api/config": {"body": {"public_key": "test_pk_1"}}}"#,
    ));
    let senseless = error(MonoConnect::create(JsValue::UNDEFINED)).await;
    assert_eq!(text(&senseless, "code"), "network");
}

#[wasm_bindgen_test]
async fn a_slow_call_times_out_and_an_abandoned_one_is_aborted() {
    proxy(&json(r#"{"GET /api/accounts": {"hangs": true}}"#));
    let mono = create(&JsValue::UNDEFINED).await;
    let late = error(call(&mono, "accounts", &[json(r#"{"timeoutMs": 5}"#)])).await;
    assert_eq!(text(&late, "code"), "timeout");
    value(called("aborted GET /api/accounts")).await;

    proxy(&json(r#"{"GET /api/accounts": {"hangs": true}}"#));
    let controller = web_sys::AbortController::new().unwrap();
    let running = call(&mono, "accounts", &[with("signal", &controller.signal())]);
    value(called("GET /api/accounts")).await;
    controller.abort_with_reason(&"enough".into());
    let aborted = error(running).await;
    assert_eq!(text(&aborted, "code"), "aborted");
    assert_eq!(text(&aborted, "cause"), "enough");
    value(called("aborted GET /api/accounts")).await;
}

#[wasm_bindgen_test]
async fn calls_carry_the_marker_the_token_and_the_query() {
    proxy(&json(
        r#"{"GET /api/accounts/acc_1/transactions": {"body": {"page": 2}}}"#,
    ));
    let mono = create(&with("token", &token_function())).await;
    assert!(
        call_log()
            .iter()
            .all(|entry| text(&entry, "call") != "POST /api/session")
    );
    let query =
        json(r#"{"page": 2, "type": "debit", "realtime": false, "narration": "a&b", "end": null}"#);
    let page = value(call(&mono, "transactions", &["acc_1".into(), query])).await;
    assert_eq!(get(&page, "page"), 2);
    let entry = last_call();
    assert_eq!(
        text(&entry, "query"),
        "?page=2&type=debit&realtime=false&narration=a%26b"
    );
    assert_eq!(text(&entry, "marker"), "1");
    assert_eq!(text(&entry, "authorization"), "Bearer jwt2");
    assert_eq!(text(&entry, "credentials"), "same-origin");

    create(&json(r#"{"proxyUrl": "https://proxy.example/"}"#)).await;
    assert_eq!(
        text(&last_call(), "credentials"),
        "include",
        "the session's cookie goes along"
    );
}

#[wasm_bindgen_test]
async fn a_wrong_option_is_named() {
    proxy(&json("{}"));
    let mono = create(&with_connect()).await;
    for (options, field) in [
        ("5", "options: "),
        (r#"{"customer": "ada"}"#, "customer: "),
        (r#"{"customer": {"name": "Ada"}}"#, "customer: "),
        (r#"{"customer": {"id": 5}}"#, "customer.id: "),
        (
            r#"{"institution": {"auth_method": "mobile_banking"}}"#,
            "institution.id: ",
        ),
        (
            r#"{"consent": {"version": "1", "text": "I agree"}}"#,
            "consent.text: ",
        ),
        (r#"{"signal": 5}"#, "signal: "),
    ] {
        for method in ["link", "setup"] {
            let error = error(call(&mono, method, &[json(options)])).await;
            assert_eq!(text(&error, "code"), "invalid_options", "{options}");
            let message = text(&error, "message");
            assert!(message.starts_with(field), "{options}: {message}");
        }
    }
    for options in [
        r#"{"connect": {}}"#,
        r#"{"proxyUrl": 5}"#,
        r#"{"proxyUrl": "ftp://x"}"#,
        r#"{"nonce": 5}"#,
        r#"{"timeoutMs": -1}"#,
    ] {
        let error = error(MonoConnect::create(json(options))).await;
        assert_eq!(text(&error, "code"), "invalid_options", "{options}");
    }
    for id in [
        JsValue::from("../secret"),
        JsValue::from(""),
        JsValue::from(5),
        JsValue::UNDEFINED,
    ] {
        let error = error(call(&mono, "account", core::slice::from_ref(&id))).await;
        assert_eq!(text(&error, "code"), "invalid_options", "{id:?}");
    }
}

#[wasm_bindgen_test]
async fn only_the_widgets_frame_is_believed() {
    proxy(&json("{}"));
    let before = leftovers();
    let mono = create(&with_connect()).await;
    let linking = call(&mono, "link", &[]);
    value(widget_says(&json(
        r#"{"type": "mono.connect.institution_selected"}"#,
    )))
    .await;
    value(others_say(&linked("stolen"))).await;
    for stray in ["null", "5", "[]", "{}", r#"{"type": 5}"#] {
        value(others_say(&json(stray))).await;
        value(widget_says(&json(stray))).await;
    }
    value(widget_says(&linked("real"))).await;
    assert_eq!(text(&value(linking).await, "id"), "acc_1");
    assert_eq!(
        text(&last_call(), "body"),
        r#"{"code":"real","reference":"ref_1"}"#
    );
    assert_eq!(leftovers(), before);
}

#[wasm_bindgen_test]
async fn what_the_page_shares_with_the_widgets_code_is_as_it_was() {
    proxy(&json("{}"));
    let options = with_connect();
    let class = get(&options, "connect");
    let prototype = get(&class, "prototype");
    let theirs = connect_class("");
    Reflect::set(&prototype, &"onSuccess".into(), &theirs).unwrap();
    let mono = create(&options).await;
    value(call(&mono, "setup", &[])).await;
    assert_eq!(get(&prototype, "onSuccess"), JsValue::from(theirs));
    for name in ["onClose", "onEvent", "hear"] {
        assert!(get(&prototype, name).is_undefined(), "{name}");
    }
    let document = web_sys::window().unwrap().document().unwrap();
    for (target, name) in [
        (JsValue::from(document), "createElement"),
        (js_sys::global().into(), "addEventListener"),
    ] {
        assert!(
            !Object::has_own(target.unchecked_ref::<Object>(), &name.into()),
            "{name}"
        );
    }
    call_now(&mono, "close");
}

#[wasm_bindgen_test]
async fn closing_or_freeing_removes_what_was_set_up() {
    for method in ["close", "free"] {
        proxy(&json("{}"));
        let before = leftovers();
        let mono = create(&with_connect()).await;
        value(call(&mono, "setup", &[])).await;
        assert!(leftovers() > before);
        call_now(&mono, method);
        assert_eq!(leftovers(), before, "{method}");
    }
}

#[wasm_bindgen_test]
async fn what_is_waited_for_ends_with_its_instance() {
    proxy(&json(
        r#"{"GET /api/accounts/acc_1": {"body": {"id": "acc_1", "data_available": false}},
            "POST /api/accounts/acc_1/statement-pdfs":
                {"status": 202, "body": {"job_id": "pdf_1", "status": "building"}},
            "GET /api/accounts/acc_1/statement-pdfs/pdf_1":
                {"body": {"job_id": "pdf_1", "status": "building"}}}"#,
    ));
    for (method, asked) in [
        ("waitUntilReady", "GET /api/accounts/acc_1"),
        (
            "statementPdf",
            "GET /api/accounts/acc_1/statement-pdfs/pdf_1",
        ),
    ] {
        let mono = create(&JsValue::UNDEFINED).await;
        // Else it ends by itself, and the test has failed.
        let options = json(r#"{"period": "last6months", "timeoutMs": 3000}"#);
        let running = call(&mono, method, &["acc_1".into(), options]);
        value(called(asked)).await;
        call_now(&mono, "free");
        let ended = error(running).await;
        assert_eq!(text(&ended, "code"), "aborted", "{method}");
    }
}

#[wasm_bindgen_test]
async fn an_account_id_is_handed_over_where_an_id_is_meant_and_a_token_never() {
    proxy(&json("{}"));
    let fitting = connect_class("/widget?data={\"account\":\"VALUE\"}&from=/page");
    let mono = create(&with("connect", &fitting)).await;
    let running = call(&mono, "reauthorise", &["acc_1".into()]);
    value(frame_built()).await;
    let aborted = call(&mono, "link", &[]);
    assert_eq!(text(&error(aborted).await, "code"), "widget_busy");
    call_now(&mono, "close");
    assert_eq!(text(&error(running).await, "code"), "dismissed");
    assert!(text(&fitting, "reauthoriseAddress").contains("acc_1"));

    let unknown = connect_class("/widget?login=VALUE");
    let mono = create(&with("connect", &unknown)).await;
    let running = call(&mono, "reauthorise", &["acc_1".into()]);
    value(frame_built()).await;
    call_now(&mono, "close");
    assert_eq!(text(&error(running).await, "code"), "dismissed");
    assert!(
        text(&unknown, "reauthoriseAddress").contains("acc_1"),
        "where nothing can be seen, nothing is wrong"
    );

    let other = connect_class("/widget?reauth_token=VALUE");
    let mono = create(&with("connect", &other)).await;
    let refused = error(call(&mono, "reauthorise", &["acc_1".into()])).await;
    assert_eq!(text(&refused, "code"), "reauthorise_unsupported");
    assert!(
        get(&other, "reauthoriseAddress").is_null(),
        "the frame never got an address"
    );
}

#[wasm_bindgen_test]
async fn the_pages_query_and_fragment_stay_out_of_the_widgets_address() {
    proxy(&json("{}"));
    let location = web_sys::window().unwrap().location();
    let page = location.origin().unwrap() + &location.pathname().unwrap();
    let secret = js_sys::encode_uri_component(&(page.clone() + "?secret=1#token"));
    let address = [
        "/widget?data={\"account\":\"VALUE\"}&referrer=",
        &String::from(secret),
    ]
    .concat();
    let class = connect_class(&address);
    let mono = create(&with("connect", &class)).await;
    let running = call(&mono, "reauthorise", &["acc_1".into()]);
    value(frame_built()).await;
    call_now(&mono, "close");
    error(running).await;
    let url = web_sys::Url::new_with_base(&text(&class, "reauthoriseAddress"), &page).unwrap();
    assert_eq!(url.search_params().get("referrer"), Some(page));
}

#[wasm_bindgen_test]
async fn a_script_that_fails_can_be_tried_again_and_leaves_no_element() {
    proxy(&json("{}"));
    let mono = create(&JsValue::UNDEFINED).await;
    for _ in 0..2 {
        let error = error(call(&mono, "link", &[])).await;
        assert_eq!(text(&error, "code"), "widget_load_failed");
        assert_eq!(get(&error, "retryable"), JsValue::TRUE);
        assert_eq!(scripts(), 0);
    }
    let address = script_address(
        "window.Connect = class {\
            constructor(config) { this.config = config; }\
            setup() {}\
            open() { setTimeout(() => this.config.onSuccess({ code: 'scripted' })); }\
            close() { this.config.onClose(); }\
        }",
    );
    let widget = with("script_url", &address.into());
    Reflect::set(&widget, &"origins".into(), &Array::new()).unwrap();
    let config = json(
        r#"{"public_key": "test_pk_1", "environment": "live", "api_generation": "v1",
            "reauthorise": "token"}"#,
    );
    Reflect::set(&config, &"widget".into(), &widget).unwrap();
    proxy(&with("GET /api/config", &with("body", &config)));
    let mono = create(&JsValue::UNDEFINED).await;
    assert_eq!(text(&value(call(&mono, "link", &[])).await, "id"), "acc_1");
    assert_eq!(
        text(&last_call(), "body"),
        r#"{"code":"scripted","reference":"ref_1"}"#
    );
    assert_eq!(scripts(), 0);
}

#[wasm_bindgen_test]
async fn fresh_data_is_asked_for_and_its_job_followed() {
    proxy(&json(
        r#"{"POST /api/accounts/acc_1/sync": {"body": {"status": "processing", "job_id": "job_1"}},
            "GET /api/accounts/acc_1/jobs/job_1": {"body": {"id": "job_1", "status": "finished"}},
            "GET /api/accounts/acc_1/balance": {"body": {"balance": 5}},
            "GET /api/accounts/acc_1": {"body": {"id": "acc_1", "data_available": true}}}"#,
    ));
    let mono = create(&JsValue::UNDEFINED).await;
    let outcome = value(call(&mono, "sync", &["acc_1".into()])).await;
    assert_eq!(text(&outcome, "status"), "processing");
    assert_eq!(text(&last_call(), "marker"), "1");
    let job = value(call(&mono, "job", &["acc_1".into(), "job_1".into()])).await;
    assert_eq!(text(&job, "status"), "finished");
    let realtime = json(r#"{"realtime": true, "timeoutMs": 5000}"#);
    value(call(&mono, "balance", &["acc_1".into(), realtime])).await;
    assert_eq!(text(&last_call(), "query"), "?realtime=true");
    let ready = value(call(&mono, "waitUntilReady", &["acc_1".into()])).await;
    assert_eq!(text(&ready, "id"), "acc_1");

    let refused = error(call(&mono, "job", &["acc_1".into(), "../job".into()])).await;
    assert_eq!(text(&refused, "code"), "invalid_options");
    assert!(text(&refused, "message").starts_with("jobId: "));
}

#[wasm_bindgen_test]
async fn waiting_for_data_ends_with_its_time_or_the_pages_signal() {
    proxy(&json(
        r#"{"GET /api/accounts/acc_1": {"body": {"id": "acc_1", "data_available": false}}}"#,
    ));
    let mono = create(&JsValue::UNDEFINED).await;
    let options = json(r#"{"timeoutMs": 40}"#);
    let late = error(call(&mono, "waitUntilReady", &["acc_1".into(), options])).await;
    assert_eq!(text(&late, "code"), "timeout");
    let controller = web_sys::AbortController::new().unwrap();
    let options = with("signal", &controller.signal());
    let waiting = call(&mono, "waitUntilReady", &["acc_1".into(), options]);
    value(called("GET /api/accounts/acc_1")).await;
    controller.abort();
    assert_eq!(text(&error(waiting).await, "code"), "aborted");
}

fn watch(mono: &JsValue, listener: &JsValue) -> JsValue {
    call(mono, "watch", core::slice::from_ref(listener)).into()
}

fn event(number: u32, kind: &str, data: &str) -> String {
    format!("id: {number}\nevent: {kind}\ndata: {data}\n\n")
}

async fn opened(after: &JsValue) -> JsValue {
    value(stream_after(after)).await;
    last_stream()
}

#[wasm_bindgen_test]
async fn a_listener_hears_every_event_in_the_pages_words() {
    proxy(&json("{}"));
    let mono = create(&json(r#"{"proxyUrl": "https://proxy.example/"}"#)).await;
    let heard = Array::new();
    let before = last_stream();
    let subscription = watch(&mono, &failing_listener(&heard));
    let stream = opened(&before).await;
    assert_eq!(text(&stream, "call"), "https://proxy.example/api/events");
    assert_eq!(text(&stream, "credentials"), "include");
    assert!(get(&stream, "last-event-id").is_null());
    let failed = unhandled();
    let said: String = [
        ("snapshot", r#"{"accounts":[{"id":"a"}]}"#),
        ("removed", r#"{"account_id":"a"}"#),
        ("account", r#"{"id":"a"}"#),
        ("job", r#"{"account_id":"a","job":{"id":"j"}}"#),
        ("another", "{}"),
    ]
    .into_iter()
    .map(|(kind, data)| event(1, kind, data))
    .collect();
    let (first, second) = said.split_at(40);
    stream_says(&stream, ": still here\n\n");
    stream_says(&stream, first);
    stream_says(&stream, second);
    value(heard_so_many(&heard, 4)).await;
    assert_eq!(
        String::from(JSON::stringify(&heard).unwrap()),
        r#"[{"type":"snapshot","accounts":[{"id":"a"}]},{"type":"removed","accountId":"a"},{"type":"account","account":{"id":"a"}},{"type":"job","accountId":"a","job":{"id":"j"}}]"#
    );
    assert_eq!(text(&value(failed).await, "message"), "the page's own");
    for _ in 0..2 {
        call_now(&subscription, "close");
    }
    value(settled_all()).await;
    assert_eq!(open_streams(), 0);
    stream_says(&stream, &event(2, "account", "{}"));
    value(settled_all()).await;
    assert_eq!(heard.length(), 4, "nothing is heard after closing");
}

#[wasm_bindgen_test]
async fn a_stream_that_ended_is_opened_again_where_it_was_left_until_the_instance_is_freed() {
    proxy(&json("{}"));
    let mono = create(&JsValue::UNDEFINED).await;
    let heard = Array::new();
    let before = last_stream();
    let subscription = watch(&mono, &failing_listener(&heard));
    let first = opened(&before).await;
    stream_says(&first, &event(41, "account", "{}"));
    stream_says(&first, &event(42, "snapshot", r#"{"accounts":[]}"#));
    value(heard_so_many(&heard, 2)).await;
    stream_ends(&first);
    let second = opened(&first).await;
    assert_eq!(text(&second, "last-event-id"), "42");
    assert_eq!(open_streams(), 1);
    stream_says(&second, &event(43, "account", "{}"));
    value(heard_so_many(&heard, 3)).await;
    call_now(&mono, "close");
    value(settled_all()).await;
    assert_eq!(open_streams(), 1, "closing the widget is something else");
    call_now(&mono, "free");
    value(settled_all()).await;
    assert_eq!(open_streams(), 0);
    call_now(&subscription, "close");
}

#[wasm_bindgen_test]
async fn a_stream_carries_a_fresh_token_and_ends_with_the_pages_signal() {
    proxy(&json("{}"));
    in_turn(
        "GET /api/events",
        &json(r#"[{"status": 401, "body": {"code": "unauthenticated"}}, null]"#),
    );
    let mono = create(&with("token", &token_function())).await;
    let controller = web_sys::AbortController::new().unwrap();
    let before = last_stream();
    let listener = failing_listener(&Array::new()).into();
    let options = with("signal", &controller.signal());
    drop(call(&mono, "watch", &[listener, options]));
    let stream = opened(&before).await;
    assert_eq!(
        text(&stream, "authorization"),
        "Bearer jwt3",
        "one for the configuration, one that was refused, and this"
    );
    controller.abort();
    value(settled_all()).await;
    assert_eq!(open_streams(), 0);
}

#[wasm_bindgen_test]
async fn a_listener_that_is_none_is_refused_at_once() {
    proxy(&json("{}"));
    let mono = create(&JsValue::UNDEFINED).await;
    let method: Function = get(&mono, "watch").unchecked_into();
    let refused = Reflect::apply(&method, &mono, &Array::of1(&5.into())).unwrap_err();
    assert_eq!(text(&refused, "code"), "invalid_options");
    assert!(text(&refused, "message").starts_with("listener: "));
    value(settled_all()).await;
    assert_eq!(open_streams(), 0);
}

#[wasm_bindgen_test]
async fn a_refused_token_is_asked_for_once_more() {
    proxy(&json("{}"));
    let mono = create(&with("token", &token_function())).await;
    let refusal = json(r#"{"status": 401, "body": {"code": "unauthenticated", "detail": "No."}}"#);
    let good = json(r#"{"body": {"accounts": []}}"#);
    in_turn("GET /api/accounts", &Array::of2(&refusal, &good));
    value(call(&mono, "accounts", &[])).await;
    assert_eq!(text(&last_call(), "authorization"), "Bearer jwt3");
    in_turn("GET /api/accounts", &Array::of1(&refusal));
    let refused = error(call(&mono, "accounts", &[])).await;
    assert_eq!(text(&refused, "code"), "unauthenticated");
    assert_eq!(text(&last_call(), "authorization"), "Bearer jwt5");

    let mono = create(&JsValue::UNDEFINED).await;
    let calls = call_log().length();
    error(call(&mono, "accounts", &[])).await;
    assert_eq!(call_log().length(), calls + 1, "a cookie stays what it is");
}

#[wasm_bindgen_test]
async fn every_plain_method_asks_for_its_own_path() {
    let mono = {
        proxy(&json("{}"));
        create(&JsValue::UNDEFINED).await
    };
    for (method, call_made) in [
        ("balance", "GET /api/accounts/acc_1/balance"),
        ("transactions", "GET /api/accounts/acc_1/transactions"),
        ("statement", "GET /api/accounts/acc_1/statement"),
        ("identity", "GET /api/accounts/acc_1/identity"),
        ("income", "GET /api/accounts/acc_1/income"),
        ("credits", "GET /api/accounts/acc_1/credits"),
        ("debits", "GET /api/accounts/acc_1/debits"),
        ("assets", "GET /api/accounts/acc_1/assets"),
        ("earnings", "GET /api/accounts/acc_1/earnings"),
        ("unlink", "DELETE /api/accounts/acc_1"),
        ("sync", "POST /api/accounts/acc_1/sync"),
    ] {
        proxy(&with(call_made, &json(r#"{"body": {"it": "came"}}"#)));
        let options = if method == "statement" {
            json(r#"{"period": "last3months"}"#)
        } else {
            JsValue::UNDEFINED
        };
        let answer = value(call(&mono, method, &["acc_1".into(), options])).await;
        assert_eq!(text(&answer, "it"), "came", "{method}");
        let made = last_call();
        assert_eq!(text(&made, "call"), call_made);
        assert_eq!(text(&made, "marker"), "1");
        let refused = error(call(&mono, method, &["../x".into(), json("{}")])).await;
        assert_eq!(text(&refused, "code"), "invalid_options", "{method}");
    }
    proxy(&json(
        r#"{"GET /api/institutions": {"body": {"institutions": []}}}"#,
    ));
    value(call(&mono, "institutions", &[])).await;
    assert_eq!(text(&last_call(), "call"), "GET /api/institutions");

    proxy(&json(
        r#"{"GET /api/me/export": {"body": {"user_id": "u"}}, "DELETE /api/me": {"status": 204}}"#,
    ));
    let kept = value(call(&mono, "exportData", &[])).await;
    assert_eq!(text(&kept, "user_id"), "u");
    assert!(value(call(&mono, "eraseData", &[])).await.is_undefined());
    assert_eq!(text(&last_call(), "call"), "DELETE /api/me");

    proxy(&json(r#"{"DELETE /api/accounts/acc_1": {"status": 204}}"#));
    let gone = value(call(&mono, "unlink", &["acc_1".into()])).await;
    assert!(gone.is_undefined());
}

#[wasm_bindgen_test]
async fn every_method_ends_with_the_pages_signal() {
    proxy(&json("{}"));
    let mono = create(&with_connect()).await;
    let controller = web_sys::AbortController::new().unwrap();
    controller.abort();
    let options = with("signal", &controller.signal());
    Reflect::set(&options, &"period".into(), &"last1month".into()).unwrap();
    for method in ["setup", "link", "accounts", "institutions"] {
        let ended = error(call(&mono, method, core::slice::from_ref(&options))).await;
        assert_eq!(text(&ended, "code"), "aborted", "{method}");
        assert_eq!(text(&ended, "cause.name"), "AbortError", "{method}");
    }
    for method in [
        "reauthorise",
        "account",
        "balance",
        "transactions",
        "statement",
        "statementPdf",
        "identity",
        "income",
        "credits",
        "debits",
        "assets",
        "earnings",
        "sync",
        "unlink",
        "waitUntilReady",
    ] {
        let ended = error(call(&mono, method, &["acc_1".into(), options.clone()])).await;
        assert_eq!(text(&ended, "code"), "aborted", "{method}");
    }
    let job = call(
        &mono,
        "job",
        &["acc_1".into(), "job_1".into(), options.clone()],
    );
    assert_eq!(text(&error(job).await, "code"), "aborted");
    let rows: JsValue = call(&mono, "allTransactions", &["acc_1".into(), options]).into();
    let ended = value(collected(&rows, 9)).await;
    assert_eq!(text(&ended, "error.code"), "aborted");
}

#[wasm_bindgen_test]
async fn a_pdf_is_asked_for_until_it_is_ready() {
    proxy(&json(
        r#"{"POST /api/accounts/acc_1/statement-pdfs": {"status": 202, "body": {"job_id": "pdf_1", "status": "building"}}}"#,
    ));
    in_turn(
        "GET /api/accounts/acc_1/statement-pdfs/pdf_1",
        &json(
            r#"[{"body": {"job_id": "pdf_1", "status": "building"}},
                {"status": 503, "body": {"code": "upstream_unavailable"}},
                {"body": {"job_id": "pdf_1", "status": "ready", "url": "https://files.example/1"}}]"#,
        ),
    );
    let mono = create(&JsValue::UNDEFINED).await;
    let options = json(r#"{"period": "last6months"}"#);
    let pdf = value(call(
        &mono,
        "statementPdf",
        &["acc_1".into(), options.clone()],
    ))
    .await;
    assert_eq!(text(&pdf, "url"), "https://files.example/1");
    let ordered = call_log().get(call_log().length() - 4);
    assert_eq!(text(&ordered, "body"), r#"{"period":"last6months"}"#);

    proxy(&json(
        r#"{"POST /api/accounts/acc_1/statement-pdfs": {"status": 202, "body": {"job_id": "../x", "status": "building"}}}"#,
    ));
    let senseless = error(call(&mono, "statementPdf", &["acc_1".into(), options])).await;
    assert_eq!(text(&senseless, "code"), "network");
    let wrong = error(call(&mono, "statementPdf", &["acc_1".into()])).await;
    assert!(text(&wrong, "message").starts_with("period: "));

    proxy(&json(
        r#"{"POST /api/accounts/acc_1/statement-pdfs": {"status": 202, "body": {"job_id": "pdf_1", "status": "building"}},
            "GET /api/accounts/acc_1/statement-pdfs/pdf_1": {"body": {"job_id": "pdf_1", "status": "building"}}}"#,
    ));
    let options = json(r#"{"period": "last6months", "timeoutMs": 30}"#);
    let late = error(call(&mono, "statementPdf", &["acc_1".into(), options])).await;
    assert_eq!(text(&late, "code"), "timeout");
}

#[wasm_bindgen_test]
async fn a_pdf_that_cannot_be_built_is_not_waited_for() {
    let mono = create(&JsValue::UNDEFINED).await;
    for ended in [
        r#"{"job_id": "pdf_1", "status": "failed"}"#,
        r#"{"job_id": "pdf_1", "status": "ready"}"#,
    ] {
        for ordered in [ended, r#"{"job_id": "pdf_1", "status": "building"}"#] {
            proxy(&json(&format!(
                r#"{{"POST /api/accounts/acc_1/statement-pdfs": {{"status": 202, "body": {ordered}}},
                    "GET /api/accounts/acc_1/statement-pdfs/pdf_1": {{"body": {ended}}}}}"#
            )));
            let options = json(r#"{"period": "last6months"}"#);
            let failed = error(call(&mono, "statementPdf", &["acc_1".into(), options])).await;
            assert_eq!(text(&failed, "code"), "upstream_error", "{ended}");
        }
    }
}

fn page_of(number: u32, next: Option<u32>, ids: &[&str]) -> JsValue {
    let rows: Vec<String> = ids.iter().map(|id| format!(r#"{{"id": {id}}}"#)).collect();
    let next = next.map_or("null".to_owned(), |next| next.to_string());
    json(&format!(
        r#"{{"body": {{"transactions": [{}], "page": {number}, "next_page": {next}}}}}"#,
        rows.join(",")
    ))
}

async fn all(mono: &JsValue, query: &str, most: u32) -> (String, JsValue) {
    let rows: JsValue = call(mono, "allTransactions", &["acc_1".into(), json(query)]).into();
    let told = value(collected(&rows, most)).await;
    let ids = JSON::stringify(&get(&told, "ids")).unwrap();
    (ids.into(), get(&told, "error"))
}

fn queries() -> Vec<String> {
    call_log()
        .iter()
        .filter(|entry| text(entry, "call").ends_with("/transactions"))
        .map(|entry| text(&entry, "query"))
        .collect()
}

#[wasm_bindgen_test]
async fn all_rows_come_page_by_page_as_they_are_wanted() {
    proxy(&json("{}"));
    let mono = create(&JsValue::UNDEFINED).await;
    let path = "GET /api/accounts/acc_1/transactions";
    let pages = || {
        Array::of3(
            &page_of(1, Some(2), &["\"a\"", "null", "\"b\""]),
            &page_of(2, Some(3), &["\"b\"", "null", "\"c\""]),
            &page_of(3, None, &["\"d\""]),
        )
    };
    in_turn(path, &pages());
    let (ids, error) = all(&mono, r#"{"limit": 3, "realtime": true}"#, 99).await;
    assert_eq!(ids, r#"["a",null,"b",null,"c","d"]"#);
    assert!(error.is_undefined());
    assert_eq!(
        queries(),
        [
            "?limit=3&realtime=true",
            "?limit=3&page=2",
            "?limit=3&page=3"
        ]
    );

    proxy(&json("{}"));
    in_turn(path, &pages());
    let (ids, _) = all(&mono, "null", 2).await;
    assert_eq!(ids, r#"["a",null]"#);
    assert_eq!(queries().len(), 1, "no page is asked for that nobody wants");

    proxy(&json("{}"));
    in_turn(
        path,
        &Array::of2(
            &page_of(1, Some(2), &["\"a\""]),
            &page_of(2, Some(1), &["\"b\""]),
        ),
    );
    let (ids, error) = all(&mono, "{}", 99).await;
    assert_eq!(ids, r#"["a","b"]"#);
    assert_eq!(
        text(&error, "code"),
        "network",
        "pages that go round have no end"
    );

    proxy(&json(
        r#"{"GET /api/accounts/acc_1/transactions": {"status": 409, "body": {"code": "data_not_ready"}}}"#,
    ));
    let (_, error) = all(&mono, "{}", 99).await;
    assert_eq!(text(&error, "code"), "data_not_ready");
}

/// Calls a method that answers at once.
fn call_now(target: &JsValue, method: &str) {
    let method: Function = get(target, method).unchecked_into();
    Reflect::apply(&method, target, &Array::new()).unwrap();
}
