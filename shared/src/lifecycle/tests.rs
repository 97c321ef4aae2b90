use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::account::{DataStatus, SyncResult};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn data(status: DataStatus) -> Fact {
    Fact::Data {
        status,
        retrieved: Vec::new(),
    }
}

fn tell(state: State, fact: &Fact, second: i64) -> State {
    match observe(&state, fact, at(second)) {
        Observation::Advanced(next) => next,
        Observation::Ignored(_) => state,
    }
}

fn linked(state: &State) -> &Linked {
    state.as_linked().expect("still linked")
}

fn requires_reauth(state: &State) -> Option<Timestamp> {
    linked(state).authorisation.required().map(|ask| ask.at)
}

#[test]
fn a_new_account_is_processing() {
    let state = State::linked();
    assert_eq!(linked(&state).data.status, DataStatus::Processing);
    assert_eq!(requires_reauth(&state), None);
}

#[test]
fn no_event_confirms_the_attempt() {
    let told = tell(State::linked(), &data(DataStatus::Failed), 1);
    assert!(!linked(&told).is_attempt_confirmed() && linked(&told).wants_details());
    let confirmed = tell(told, &Fact::AttemptConfirmed, 2);
    assert!(linked(&confirmed).is_attempt_confirmed() && !linked(&confirmed).wants_details());
    let again = observe(&confirmed, &Fact::AttemptConfirmed, at(3));
    assert_eq!(again, Observation::Ignored(Ignored::Known));
    // Written before this was noted.
    let mut earlier = Linked {
        attempt_confirmed: None,
        ..linked(&confirmed).clone()
    };
    assert!(earlier.is_attempt_confirmed());
    earlier.data.at = None;
    assert!(!earlier.is_attempt_confirmed());
}

/// What is expected of an observation.
type Expect = fn(Observation) -> bool;

/// Every kind of fact, told to every kind of state.
#[test]
#[expect(clippy::too_many_lines, reason = "a table is read by its rows")]
fn table_of_states_and_facts() {
    let processing = State::linked();
    let available = tell(State::linked(), &data(DataStatus::Available), 10);
    let reauth = tell(
        available.clone(),
        &Fact::ReauthorisationRequired(Cause::Event),
        20,
    );
    let logging_in = command(reauth.clone(), Command::Reauthorise, at(22)).unwrap();
    let asked_again = tell(
        logging_in.clone(),
        &Fact::ReauthorisationRequired(Cause::Event),
        23,
    );
    let analysing = command(available.clone(), Command::StartIncome, at(20)).unwrap();
    let analysed = tell(analysing.clone(), &Fact::IncomeAnalysed, 25);
    let unlinked = State::Unlinked { at: at(30) };

    // (state, fact, second, what is expected of the outcome)
    let ignored_known: Expect = |seen| seen == Observation::Ignored(Ignored::Known);
    let ignored_older: Expect = |seen| seen == Observation::Ignored(Ignored::Older);
    let ignored_unlinked: Expect = |seen| seen == Observation::Ignored(Ignored::Unlinked);
    let becomes_available: Expect = |seen| matches!(seen, Observation::Advanced(State::Linked(l)) if l.data.status == DataStatus::Available);
    let asks_for_login: Expect = |seen| matches!(seen, Observation::Advanced(State::Linked(l)) if l.authorisation.required().is_some());
    let needs_no_login: Expect = |seen| matches!(seen, Observation::Advanced(State::Linked(l)) if l.authorisation.required().is_none());
    let still_asks: Expect = |seen| matches!(seen, Observation::Advanced(State::Linked(l)) if l.authorisation.required().is_some());
    let income_over: Expect =
        |seen| matches!(seen, Observation::Advanced(State::Linked(l)) if l.income.is_over());
    let income_open: Expect =
        |seen| matches!(seen, Observation::Advanced(State::Linked(l)) if !l.income.is_over());
    let goes: Expect = |seen| matches!(seen, Observation::Advanced(State::Unlinked { .. }));

    let required = Fact::ReauthorisationRequired(Cause::Event);
    let cases: Vec<(&str, &State, Fact, i64, Expect)> = vec![
        (
            "processing, connected",
            &processing,
            Fact::Connected,
            5,
            ignored_known,
        ),
        (
            "processing, data",
            &processing,
            data(DataStatus::Available),
            5,
            becomes_available,
        ),
        (
            "processing, synced",
            &processing,
            Fact::Synced(SyncResult::Synced),
            5,
            needs_no_login,
        ),
        (
            "processing, required",
            &processing,
            required.clone(),
            5,
            asks_for_login,
        ),
        (
            "processing, reauthorised",
            &processing,
            Fact::Reauthorised,
            5,
            needs_no_login,
        ),
        ("processing, unlinked", &processing, Fact::Unlinked, 5, goes),
        (
            "available, connected",
            &available,
            Fact::Connected,
            15,
            ignored_known,
        ),
        (
            "available, older data",
            &available,
            data(DataStatus::Processing),
            5,
            ignored_older,
        ),
        (
            "available, same again",
            &available,
            data(DataStatus::Available),
            10,
            ignored_known,
        ),
        (
            "available, required",
            &available,
            required.clone(),
            15,
            asks_for_login,
        ),
        (
            "available, sync wants login",
            &available,
            Fact::Synced(SyncResult::ReauthorisationRequired),
            15,
            asks_for_login,
        ),
        (
            "available, sync failed",
            &available,
            Fact::Synced(SyncResult::Failed),
            15,
            needs_no_login,
        ),
        ("available, unlinked", &available, Fact::Unlinked, 15, goes),
        (
            "reauth, connected",
            &reauth,
            Fact::Connected,
            25,
            ignored_known,
        ),
        (
            "reauth, newer data",
            &reauth,
            data(DataStatus::Available),
            25,
            still_asks,
        ),
        (
            "reauth, fetched without a login",
            &reauth,
            Fact::Fetched,
            25,
            ignored_older,
        ),
        (
            "logging in, fetched",
            &logging_in,
            Fact::Fetched,
            25,
            needs_no_login,
        ),
        (
            "logging in, fetched before",
            &logging_in,
            Fact::Fetched,
            22,
            ignored_older,
        ),
        (
            "asked again, fetched",
            &asked_again,
            Fact::Fetched,
            25,
            still_asks,
        ),
        (
            "reauth, required again",
            &reauth,
            required.clone(),
            20,
            ignored_known,
        ),
        (
            "reauth, reauthorised",
            &reauth,
            Fact::Reauthorised,
            25,
            needs_no_login,
        ),
        (
            "reauth, synced",
            &reauth,
            Fact::Synced(SyncResult::Synced),
            25,
            needs_no_login,
        ),
        (
            "reauth, older grant",
            &reauth,
            Fact::Reauthorised,
            15,
            still_asks,
        ),
        (
            "reauth, sync failed",
            &reauth,
            Fact::Synced(SyncResult::Failed),
            25,
            still_asks,
        ),
        ("reauth, unlinked", &reauth, Fact::Unlinked, 25, goes),
        (
            "processing, analysed",
            &processing,
            Fact::IncomeAnalysed,
            5,
            income_open,
        ),
        (
            "analysing, analysed",
            &analysing,
            Fact::IncomeAnalysed,
            25,
            income_over,
        ),
        (
            "analysing, analysed before",
            &analysing,
            Fact::IncomeAnalysed,
            19,
            income_open,
        ),
        (
            "analysing, newer data",
            &analysing,
            data(DataStatus::Partial),
            25,
            income_open,
        ),
        ("analysing, unlinked", &analysing, Fact::Unlinked, 25, goes),
        (
            "analysed, same again",
            &analysed,
            Fact::IncomeAnalysed,
            25,
            ignored_known,
        ),
        (
            "analysed, analysed before",
            &analysed,
            Fact::IncomeAnalysed,
            22,
            ignored_known,
        ),
        (
            "analysed, analysed again",
            &analysed,
            Fact::IncomeAnalysed,
            26,
            income_over,
        ),
        (
            "unlinked, analysed",
            &unlinked,
            Fact::IncomeAnalysed,
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, connected",
            &unlinked,
            Fact::Connected,
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, data",
            &unlinked,
            data(DataStatus::Available),
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, synced",
            &unlinked,
            Fact::Synced(SyncResult::Synced),
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, required",
            &unlinked,
            required,
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, reauthorised",
            &unlinked,
            Fact::Reauthorised,
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, unlinked",
            &unlinked,
            Fact::Unlinked,
            40,
            ignored_unlinked,
        ),
        (
            "unlinked, unlinked before",
            &unlinked,
            Fact::Unlinked,
            20,
            goes,
        ),
    ];
    for (name, state, fact, second, expect) in cases {
        let seen = observe(state, &fact, at(second));
        assert!(expect(seen.clone()), "{name}: {seen:?}");
    }
}

#[test]
fn requires_reauth_counts_from_the_first_unanswered_ask() {
    let state = State::linked();
    let state = tell(state, &Fact::ReauthorisationRequired(Cause::Event), 10);
    let state = tell(state, &Fact::ReauthorisationRequired(Cause::Sync), 30);
    assert_eq!(requires_reauth(&state), Some(at(10)));
    // Told late: the user had logged in at 20, so only the ask of 30 is open.
    let state = tell(state, &Fact::Reauthorised, 20);
    assert_eq!(requires_reauth(&state), Some(at(30)));
    let state = tell(state, &Fact::Reauthorised, 40);
    assert_eq!(requires_reauth(&state), None);
}

#[test]
fn budgets_hold_to_the_second() {
    for (start, interval) in [
        (Command::StartSync, SYNC_INTERVAL),
        (Command::StartRealtime, REALTIME_INTERVAL),
    ] {
        let state = command(State::linked(), start, at(0)).unwrap();
        let next_allowed_at = at(0) + interval;
        assert_eq!(
            command(
                state.clone(),
                start,
                next_allowed_at - SignedDuration::from_millis(1)
            ),
            Err(InvalidTransition::TooEarly {
                next_allowed_at,
                wait: SignedDuration::from_millis(1)
            })
        );
        assert!(command(state, start, next_allowed_at).is_ok());
    }
}

#[test]
fn within_the_interval_it_is_too_early_whatever_the_bank_wants() {
    for (start, interval) in [
        (Command::StartSync, SYNC_INTERVAL),
        (Command::StartRealtime, REALTIME_INTERVAL),
    ] {
        let state = command(State::linked(), start, at(0)).unwrap();
        let state = tell(state, &Fact::ReauthorisationRequired(Cause::Sync), 1);
        let early = command(state.clone(), start, at(2));
        assert!(matches!(early, Err(InvalidTransition::TooEarly { .. })));
        assert_eq!(
            command(state, start, at(0) + interval),
            Err(InvalidTransition::ReauthorisationRequired)
        );
    }
}

#[test]
fn what_has_no_job_is_in_progress_no_longer_than_its_interval() {
    let state = command(State::linked(), Command::StartRealtime, at(0)).unwrap();
    let mut running = linked(&state).realtime.clone().unwrap();
    let runs = |running: &Running, second| running.is_in_progress(REALTIME_INTERVAL, at(second));
    assert!(runs(&running, 299));
    assert!(!runs(&running, 300), "whoever started it died");
    running.job = Some("j1".parse().unwrap());
    assert!(runs(&running, 300), "a job has an end of its own");
    running.ended_at = Some(at(3));
    assert!(!runs(&running, 4));
}

#[test]
fn an_income_is_analysed_again_only_after_an_hour() {
    let state = command(State::linked(), Command::StartIncome, at(0)).unwrap();
    let next_allowed_at = at(0) + INCOME_INTERVAL;
    let millisecond = SignedDuration::from_millis(1);
    let too_early = InvalidTransition::TooEarly {
        next_allowed_at,
        wait: millisecond,
    };
    let again = |at| command(state.clone(), Command::StartIncome, at);
    assert_eq!(again(next_allowed_at - millisecond), Err(too_early));
    let again = again(next_allowed_at).unwrap();
    assert_eq!(linked(&again).income.started_at, Some(next_allowed_at));
    // What ended before counts for the one that ended.
    let ended = tell(again, &Fact::IncomeAnalysed, 3599);
    assert!(!linked(&ended).income.is_over());
}

#[test]
fn an_analysis_runs_from_its_start_to_its_end() {
    let five = SignedDuration::from_secs(5);
    let income = |state: &State| linked(state).income;
    let state = State::linked();
    assert!(!income(&state).is_running_since(at(9), five));
    let state = command(state, Command::StartIncome, at(0)).unwrap();
    assert!(!income(&state).is_running_since(at(4), five));
    assert!(income(&state).is_running_since(at(5), five));
    let state = tell(state, &Fact::IncomeAnalysed, 6);
    assert!(!income(&state).is_running_since(at(9), five));
}

#[test]
fn what_was_kept_before_incomes_were_is_still_read() {
    let mut json = serde_json::to_value(State::linked()).unwrap();
    let fields = json.as_object_mut().unwrap();
    assert!(fields.remove("income").is_some());
    let state: State = serde_json::from_value(json).unwrap();
    assert_eq!(state, State::linked());
}

#[test]
fn nothing_is_fetched_while_the_bank_waits_for_its_user() {
    let state = tell(
        State::linked(),
        &Fact::ReauthorisationRequired(Cause::Event),
        1,
    );
    for start in [Command::StartSync, Command::StartRealtime] {
        assert_eq!(
            command(state.clone(), start, at(2)),
            Err(InvalidTransition::ReauthorisationRequired)
        );
    }
    // Mono analyses what it has.
    assert!(command(state.clone(), Command::StartIncome, at(2)).is_ok());
    // Once the user was let in again, a sync may tell whether it helped; the flag stays until then.
    let state = command(state, Command::Reauthorise, at(2)).unwrap();
    assert!(requires_reauth(&state).is_some());
    assert!(command(state.clone(), Command::StartSync, at(3)).is_ok());
    let state = tell(state, &Fact::ReauthorisationRequired(Cause::Event), 4);
    assert!(command(state, Command::StartSync, at(5)).is_err());
}

#[test]
fn an_unlinked_account_takes_no_command() {
    let state = command(State::linked(), Command::Unlink, at(1)).unwrap();
    for next in [
        Command::StartSync,
        Command::StartRealtime,
        Command::StartIncome,
        Command::Reauthorise,
        Command::Unlink,
    ] {
        assert_eq!(
            command(state.clone(), next, at(9)),
            Err(InvalidTransition::Unlinked)
        );
    }
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let status = prop_oneof![
        Just(DataStatus::Processing),
        Just(DataStatus::Available),
        Just(DataStatus::Partial),
        Just(DataStatus::Unavailable),
        Just(DataStatus::Failed),
        Just(DataStatus::from("later word")),
    ];
    let sync = prop_oneof![
        Just(SyncResult::Synced),
        Just(SyncResult::Failed),
        Just(SyncResult::ReauthorisationRequired),
        Just(SyncResult::from("later word")),
    ];
    let retrieved = prop::collection::vec(prop_oneof![Just("balance"), Just("transactions")], 0..3);
    prop_oneof![
        1 => Just(Fact::Connected),
        1 => Just(Fact::AttemptConfirmed),
        4 => (status, retrieved).prop_map(|(status, retrieved)| Fact::Data {
            status,
            retrieved: retrieved.into_iter().map(str::to_owned).collect(),
        }),
        4 => sync.prop_map(Fact::Synced),
        3 => prop_oneof![Just(Cause::Event), Just(Cause::Sync), Just(Cause::Job)]
            .prop_map(Fact::ReauthorisationRequired),
        3 => Just(Fact::Reauthorised),
        2 => Just(Fact::Fetched),
        2 => Just(Fact::IncomeAnalysed),
        1 => Just(Fact::Unlinked),
    ]
}

// Few distinct seconds, so that ties are common.
fn history() -> impl Strategy<Value = Vec<(Fact, i64)>> {
    prop::collection::vec((any_fact(), 0_i64..6), 0..12)
}

/// A login was begun then, so that what it means is told too.
fn logging_in_at(second: i64) -> State {
    command(State::linked(), Command::Reauthorise, at(second)).unwrap()
}

fn tell_all<'a>(facts: impl IntoIterator<Item = &'a (Fact, i64)>) -> State {
    facts
        .into_iter()
        .fold(logging_in_at(2), |state, (fact, second)| {
            tell(state, fact, *second)
        })
}

proptest! {
    #[test]
    fn any_order_ends_in_the_same_state(
        (facts, shuffled) in history().prop_flat_map(|facts| {
            (Just(facts.clone()), Just(facts).prop_shuffle())
        })
    ) {
        prop_assert_eq!(tell_all(&facts), tell_all(&shuffled));
    }

    #[test]
    fn any_repetition_changes_nothing(facts in history(), again in any::<prop::sample::Index>()) {
        let once = tell_all(&facts);
        if !facts.is_empty() {
            let (fact, second) = again.get(&facts);
            prop_assert!(matches!(observe(&once, fact, at(*second)), Observation::Ignored(_)));
        }
        prop_assert_eq!(once, tell_all(facts.iter().chain(&facts)));
    }

    #[test]
    fn an_older_fact_never_undoes_a_newer_one(facts in history(), late in any_fact()) {
        let before = tell_all(&facts);
        let after = tell(before.clone(), &late, -1);
        if let (State::Linked(before), State::Linked(after)) = (&before, &after) {
            if before.data.at.is_some() {
                prop_assert_eq!(&before.data, &after.data);
            }
            if before.last_sync.is_some() {
                prop_assert_eq!(&before.last_sync, &after.last_sync);
            }
            if before.income.finished_at.is_some() {
                prop_assert_eq!(&before.income, &after.income);
            }
            if before.authorisation.granted_at.is_some() {
                prop_assert_eq!(&before.authorisation, &after.authorisation);
            }
        }
    }

    #[test]
    fn a_state_survives_the_store(facts in history()) {
        let state = tell_all(&facts);
        let json = serde_json::to_string(&state).unwrap();
        prop_assert_eq!(serde_json::from_str::<State>(&json).unwrap(), state);
    }
}
