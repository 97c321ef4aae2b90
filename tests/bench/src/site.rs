//! Visitors of the site, as the HTTP API makes them: a session, and a linked account.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};

use crate::client::Client;
use crate::wire::Request;

/// Somebody with a session.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) cookie: String,
}

impl Visitor {
    /// A new one.
    pub(crate) fn come(client: &mut Client) -> Result<Self> {
        let request = Request::post("/api/session", "{}");
        let answer = client.send(&request.bytes())?.expect(204)?;
        let cookie = answer.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            let is_cookie = name.eq_ignore_ascii_case("set-cookie");
            is_cookie.then(|| value.split(';').next().unwrap_or_default().to_owned())
        });
        Ok(Self {
            cookie: cookie.context("a session without a cookie")?,
        })
    }

    pub(crate) fn get(&self, path: &str) -> Request {
        Request::get(path).header("cookie", &self.cookie)
    }

    /// The request that exchanges the code of this account. The attempt has begun then.
    pub(crate) fn exchange(&self, client: &mut Client, account: &str) -> Result<Request> {
        let request = Request::post("/api/link-sessions", "{}").header("cookie", &self.cookie);
        let answer = client.send(&request.bytes())?.expect(201)?.json()?;
        let reference = answer["reference"]
            .as_str()
            .context("an attempt without a reference")?;
        let body = format!("{{\"code\":\"code_{account}\",\"reference\":\"{reference}\"}}");
        Ok(Request::post("/api/accounts", &body).header("cookie", &self.cookie))
    }

    /// Links this account.
    pub(crate) fn link(&self, client: &mut Client, account: &str) -> Result<()> {
        let request = self.exchange(client, account)?;
        let answer = client.send(&request.bytes())?.expect(201)?.json()?;
        anyhow::ensure!(
            answer["id"] == account,
            "another account was linked: {answer}"
        );
        anyhow::ensure!(answer["data_status"] == "AVAILABLE", "no data: {answer}");
        Ok(())
    }
}

/// So many visitors, each with an account of its own: `{prefix}` and a number.
pub(crate) fn visitors(
    address: SocketAddr,
    prefix: &str,
    count: usize,
) -> Result<Vec<(Visitor, String)>> {
    let mut client = Client::connect(address)?;
    (0..count)
        .map(|number| {
            let visitor = Visitor::come(&mut client)?;
            let account = account(prefix, number);
            visitor.link(&mut client, &account)?;
            Ok((visitor, account))
        })
        .collect()
}

/// An id as long as Mono's are.
pub(crate) fn account(prefix: &str, number: usize) -> String {
    format!("{prefix}{number:020}")
}
