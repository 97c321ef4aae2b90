//! Calls that carry a token: one that is refused is made once more with a fresh token.
//!
//! Keeps no token. The page gives one for every call.

use mono_connect_shared::problem::ErrorCode;

use crate::error::{Code, Error};

/// Makes a call; once more where it was refused for want of a login and `renewable` says that the
/// page can give another token. A call that was refused so has done nothing.
pub async fn with_login<T>(
    renewable: bool,
    call: impl AsyncFn() -> Result<T, Error>,
) -> Result<T, Error> {
    let mut again = renewable;
    loop {
        match call().await {
            Err(error) if again && is_refused(&error) => again = false,
            answer => return answer,
        }
    }
}

/// Refused by the proxy, and not because the page's `token` failed.
fn is_refused(error: &Error) -> bool {
    error.code() == Code::Proxy(ErrorCode::Unauthenticated) && error.details().status.is_some()
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::error::Details;
    use crate::fakes::{Running, code};
    use crate::stop::Stop;

    fn refused(status: Option<u16>) -> Error {
        Error::from(Details {
            status,
            ..Error::new(Code::Proxy(ErrorCode::Unauthenticated), "")
                .details()
                .clone()
        })
    }

    /// Makes a call that is refused so many times, and counts how often it is made.
    fn calls(renewable: bool, refusals: u32, refusal: &Error) -> (u32, Result<u32, Error>) {
        let made = Rc::new(Cell::new(0));
        let (making, refusal) = (made.clone(), refusal.clone());
        let call = async move {
            with_login(renewable, async || {
                making.set(making.get() + 1);
                if making.get() > refusals {
                    Ok(making.get())
                } else {
                    Err(refusal.clone())
                }
            })
            .await
        };
        let answer = Running::new(&Rc::new(Stop::default()), call).answer();
        (made.get(), answer)
    }

    #[test]
    fn a_refused_call_is_made_once_more_and_no_more() {
        let refusal = refused(Some(401));
        assert_eq!(calls(true, 0, &refusal).0, 1);
        assert_eq!(calls(true, 1, &refusal).1.unwrap(), 2);
        let (made, answer) = calls(true, 5, &refusal);
        assert_eq!((made, code(answer)), (2, "unauthenticated"));
    }

    #[test]
    fn without_a_token_or_for_another_reason_it_is_made_once() {
        assert_eq!(calls(false, 5, &refused(Some(401))).0, 1);
        assert_eq!(calls(true, 5, &refused(None)).0, 1, "token() itself failed");
        assert_eq!(calls(true, 5, &Error::new(Code::Network, "")).0, 1);
    }
}
