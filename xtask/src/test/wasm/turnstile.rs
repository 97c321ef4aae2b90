//! An HTTP proxy between the browser and the server inside the wasm test runner, which lets one
//! request through at a time.
//!
//! That server (`tiny_http` 0.12) may leave a connection unread for ever: two that come at the same
//! moment are both given to the one thread that is idle. The page with the tests never loads then.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context as _, Result};

/// More than a browser says before a body.
const MAX_HEAD: u64 = 64 * 1024;

/// Starts it, for as long as this process lives, and says where it listens.
pub(super) fn start() -> Result<SocketAddr> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("listening for the browser")?;
    let address = listener.local_addr().context("asking for the own port")?;
    let turn = Arc::new(Mutex::new(()));
    thread::spawn(move || {
        for browser in listener.incoming().flatten() {
            let turn = Arc::clone(&turn);
            // A browser that gives up has no use for an answer.
            thread::spawn(move || drop(pass(&browser, &turn)));
        }
    });
    Ok(address)
}

/// Passes on one request without a body, and its answer.
fn pass(mut browser: &TcpStream, turn: &Mutex<()>) -> io::Result<()> {
    let mut lines = BufReader::new(browser).take(MAX_HEAD).lines();
    let mut line = || {
        lines
            .next()
            .unwrap_or(Err(io::ErrorKind::UnexpectedEof.into()))
    };
    // Connections on which nothing is asked do not take a turn.
    let (host, request) = direct(&line()?).ok_or(io::ErrorKind::InvalidData)?;
    let mut head = request;
    loop {
        let header = line()?;
        if header.is_empty() {
            break;
        }
        if !is_about_the_connection(&header) {
            head.extend([&header, "\r\n"]);
        }
    }
    head.push_str("connection: close\r\n\r\n");

    let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
    let mut server = TcpStream::connect(host)?;
    server.write_all(head.as_bytes())?;
    io::copy(&mut server, &mut browser)?;
    Ok(())
}

/// The host and the request line for it, of a request line for a proxy.
fn direct(line: &str) -> Option<(String, String)> {
    let (method, rest) = line.split_once(' ')?;
    let (host, rest) = rest.strip_prefix("http://")?.split_once('/')?;
    Some((host.to_owned(), format!("{method} /{rest}\r\n")))
}

fn is_about_the_connection(header: &str) -> bool {
    let name = header.split(':').next().unwrap_or_default();
    ["connection", "proxy-connection"]
        .iter()
        .any(|one| name.eq_ignore_ascii_case(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_passed_on_and_its_answer_back() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let host = server.local_addr().unwrap();
        let asked = thread::spawn(move || {
            let (mut browser, _) = server.accept().unwrap();
            let lines = BufReader::new(&browser).lines().map(Result::unwrap);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            browser
                .write_all(b"HTTP/1.1 204 No Content\r\n\r\n")
                .unwrap();
            head
        });
        let mut browser = TcpStream::connect(start().unwrap()).unwrap();
        write!(
            browser,
            "GET http://{host}/run.js?a=b HTTP/1.1\r\nProxy-Connection: keep-alive\r\nHost: {host}\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).unwrap();
        assert_eq!(answer, "HTTP/1.1 204 No Content\r\n\r\n");
        let host = format!("Host: {host}");
        assert_eq!(
            asked.join().unwrap(),
            ["GET /run.js?a=b HTTP/1.1", &host, "connection: close"]
        );
    }

    #[test]
    fn what_is_no_request_for_a_proxy_is_let_go() {
        let address = start().unwrap();
        for said in [
            "CONNECT example.com:443 HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
        ] {
            let mut browser = TcpStream::connect(address).unwrap();
            browser.write_all(said.as_bytes()).unwrap();
            let mut answer = Vec::new();
            // Closed or reset, as the kernel sees fit.
            drop(browser.read_to_end(&mut answer));
            assert!(answer.is_empty(), "{said:?}: {answer:?}");
        }
    }
}
