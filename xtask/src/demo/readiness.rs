//! Waiting until a server is up: by what it says, and by what its health endpoint answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::INTERRUPT_LAG;
use super::server::Server;

/// The longest start that is not a failure: SQLite on a slow disk, migrations included.
const PATIENCE: Duration = Duration::from_mins(1);
/// The time between two looks.
const LOOK: Duration = Duration::from_millis(100);

const ANNOUNCEMENT: &str = "mono-simulator listening on ";

/// How a wait ended.
#[derive(Debug)]
pub(crate) enum Waited<T> {
    /// The server is up.
    Ready(T),
    /// Somebody pressed Ctrl-C meanwhile.
    Interrupted,
}

/// Waits for the simulator's line and returns the URL in it.
pub(crate) fn announced(server: &mut Server, interrupts: &Receiver<()>) -> Result<Waited<String>> {
    wait("the simulator said nothing", server, interrupts, |server| {
        announced_url(&server.output())
    })
}

/// Waits until `/readyz` on the proxy's admin address answers 200.
pub(crate) fn ready(
    server: &mut Server,
    admin: SocketAddr,
    interrupts: &Receiver<()>,
) -> Result<Waited<()>> {
    wait("the proxy did not become ready", server, interrupts, |_| {
        is_ready(admin).then_some(())
    })
}

fn wait<T>(
    complaint: &str,
    server: &mut Server,
    interrupts: &Receiver<()>,
    look: impl Fn(&Server) -> Option<T>,
) -> Result<Waited<T>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look(server) {
            return Ok(Waited::Ready(found));
        }
        if interrupts.recv_timeout(LOOK).is_ok() {
            return Ok(Waited::Interrupted);
        }
        if let Some(ended) = server.ended()? {
            if interrupts.recv_timeout(INTERRUPT_LAG).is_ok() {
                return Ok(Waited::Interrupted);
            }
            bail!("{ended}");
        }
        if Instant::now() > deadline {
            bail!("{complaint} within {} seconds", PATIENCE.as_secs());
        }
    }
}

fn announced_url(output: &str) -> Option<String> {
    // A line without its end may have been read while it was written.
    let mut lines = output
        .split_inclusive('\n')
        .filter_map(|line| line.strip_suffix('\n'));
    let url = lines.find_map(|line| line.strip_prefix(ANNOUNCEMENT))?;
    Some(url.trim_end_matches(['/', '\r']).to_owned())
}

fn is_ready(admin: SocketAddr) -> bool {
    status(admin).is_some_and(|status| status == "200")
}

/// The status of `GET /readyz`. One request needs no HTTP client.
fn status(admin: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&admin, LOOK).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split_whitespace().nth(1).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn the_announcement_names_the_url() {
        let output = "Starting.\nmono-simulator listening on http://127.0.0.1:4010/\n";
        assert_eq!(
            announced_url(output).as_deref(),
            Some("http://127.0.0.1:4010")
        );
        assert_eq!(
            announced_url("mono-simulator listening on http://127.0.0.1:40"),
            None
        );
        assert_eq!(announced_url("listening on http://127.0.0.1:4010\n"), None);
    }

    #[test]
    fn only_a_200_is_ready() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", true),
            (
                "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n",
                false,
            ),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap();
                stream.write_all(answer.as_bytes()).unwrap();
                String::from_utf8_lossy(&request[..length]).into_owned()
            });
            assert_eq!(is_ready(address), expected, "{answer}");
            assert!(
                server
                    .join()
                    .unwrap()
                    .starts_with("GET /readyz HTTP/1.1\r\n")
            );
        }
    }

    #[test]
    fn nobody_listening_is_not_ready() {
        let closed = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        assert!(!is_ready(closed));
    }
}
