use super::*;
use crate::observer::Nobody;

fn failed() -> Result<(), Error> {
    Err(Error::Failed { status: 503 })
}

fn end(circuits: &Circuits, result: &Result<(), Error>, now: Instant) -> Result<(), Error> {
    circuits
        .admit("balance", &Nobody, now)?
        .ends(result.as_ref().err(), now);
    Ok(())
}

fn opened(now: Instant) -> Circuits {
    let circuits = Circuits::default();
    for _ in 0..FAILURES {
        end(&circuits, &failed(), now).unwrap();
    }
    circuits
}

#[test]
fn ten_failures_open_it_for_their_call_only() {
    let now = Instant::now();
    let circuits = opened(now);
    let refusal = end(&circuits, &Ok(()), now).unwrap_err();
    let Error::Paused { retry_after } = refusal else {
        panic!("{refusal:?}");
    };
    assert_eq!(retry_after, FIRST_PAUSE);
    assert!(circuits.refusal("transactions", now).is_ok());
}

#[test]
fn failures_among_many_successes_and_refusals_open_nothing() {
    let now = Instant::now();
    let circuits = Circuits::default();
    for _ in 0..100 {
        end(&circuits, &failed(), now).unwrap();
        end(&circuits, &Ok(()), now).unwrap();
        end(&circuits, &Err(Error::NotFound), now).unwrap();
    }
    for _ in 0..100 {
        let refused = Err(Error::RateLimited { retry_after: None });
        end(&circuits, &refused, now).unwrap();
    }
}

#[test]
fn old_failures_count_less_and_less() {
    let mut now = Instant::now();
    let circuits = Circuits::default();
    for _ in 0..50 {
        for _ in 0..4 {
            end(&circuits, &failed(), now).unwrap();
        }
        now += WINDOW;
    }
}

#[test]
fn two_probes_decide() {
    let now = Instant::now();
    let circuits = opened(now);
    let later = now + FIRST_PAUSE;
    let first = circuits.admit("balance", &Nobody, later).unwrap();
    let second = circuits.admit("balance", &Nobody, later).unwrap();
    assert!(circuits.admit("balance", &Nobody, later).is_err());
    // One whose caller has gone gives its place to another.
    drop(first);
    let third = circuits.admit("balance", &Nobody, later).unwrap();
    third.ends(failed().as_ref().err(), later);
    let refusal = circuits.refusal("balance", later).unwrap_err();
    assert!(
        matches!(refusal, Error::Paused { retry_after } if retry_after == FIRST_PAUSE * 2),
        "{refusal:?}"
    );
    // What comes after the decision changes nothing.
    second.ends(None, later);
    assert!(circuits.refusal("balance", later).is_err());
    let well = later + FIRST_PAUSE * 2;
    end(&circuits, &Ok(()), well).unwrap();
    for _ in 0..FAILURES - 1 {
        end(&circuits, &failed(), well).unwrap();
    }
    assert!(circuits.refusal("balance", well).is_ok(), "closed anew");
}

#[test]
fn a_probe_of_an_earlier_time_decides_nothing() {
    let now = Instant::now();
    let circuits = opened(now);
    let first = now + FIRST_PAUSE;
    let late = circuits.admit("balance", &Nobody, first).unwrap();
    let gone = circuits.admit("balance", &Nobody, first).unwrap();
    drop(gone);
    end(&circuits, &failed(), first).unwrap();
    let second = first + FIRST_PAUSE * 2;
    let probes: Vec<_> = (0..PROBES)
        .map(|_| circuits.admit("balance", &Nobody, second).unwrap())
        .collect();
    late.ends(failed().as_ref().err(), second);
    assert!(circuits.admit("balance", &Nobody, second).is_err());
    drop(probes);
    end(&circuits, &Ok(()), second).unwrap();
    assert!(
        circuits
            .admit("balance", &Nobody, second)
            .unwrap()
            .may_repeat(second)
    );
}

#[test]
fn probes_whose_callers_have_gone_leave_the_way_free() {
    let now = Instant::now();
    let circuits = opened(now);
    let later = now + FIRST_PAUSE;
    for _ in 0..PROBES * 3 {
        let probe = circuits.admit("balance", &Nobody, later).unwrap();
        assert!(!probe.may_repeat(later));
        drop(probe);
    }
    end(&circuits, &Ok(()), later).unwrap();
    assert!(
        circuits
            .admit("balance", &Nobody, later)
            .unwrap()
            .may_repeat(later)
    );
}

#[test]
fn each_change_is_told() {
    #[derive(Default)]
    struct Told(Mutex<Vec<(&'static str, Shown)>>);
    impl Observer for Told {
        fn call_ended(&self, _: &crate::observer::EndedCall) {}
        fn circuit_changed(&self, name: &'static str, circuit: Shown) {
            self.0.lock().unwrap().push((name, circuit));
        }
    }
    let told = Told::default();
    let now = Instant::now();
    let circuits = Circuits::default();
    let later = now + FIRST_PAUSE;
    for _ in 0..FAILURES {
        let call = circuits.admit("balance", &told, now).unwrap();
        call.ends(failed().as_ref().err(), now);
    }
    circuits
        .admit("balance", &told, later)
        .unwrap()
        .ends(None, later);
    let states = [Shown::Open, Shown::Probing, Shown::Closed];
    assert_eq!(
        *told.0.lock().unwrap(),
        states.map(|state| ("balance", state))
    );
}

#[test]
fn the_pause_has_an_end() {
    let mut now = Instant::now();
    let circuits = opened(now);
    for _ in 0..10 {
        now += LONGEST_PAUSE;
        end(&circuits, &failed(), now).unwrap();
    }
    assert!(circuits.refusal("balance", now + LONGEST_PAUSE).is_ok());
}

#[test]
fn without_a_connection_nothing_is_sent() {
    let now = Instant::now();
    let circuits = Circuits::default();
    for name in ["balance", "transactions"] {
        for _ in 0..5 {
            let admitted = circuits.admit(name, &Nobody, now).unwrap();
            admitted.ends(Some(&Error::Timeout { sent: false }), now);
        }
    }
    assert!(circuits.refusal("identity", now).is_err());
}

#[test]
fn mono_is_left_alone_as_long_as_it_asks() {
    let now = Instant::now();
    let circuits = Circuits::default();
    let wait = Duration::from_secs(7);
    let limited = Err(Error::RateLimited {
        retry_after: Some(wait),
    });
    end(&circuits, &limited, now).unwrap();
    let refusal = circuits.refusal("balance", now + Duration::from_secs(2));
    assert!(
        matches!(refusal, Err(Error::RateLimited { retry_after: Some(left) })
            if left == Duration::from_secs(5)),
        "{refusal:?}"
    );
    assert!(circuits.refusal("transactions", now).is_ok());
    assert!(circuits.refusal("balance", now + wait).is_ok());
}
