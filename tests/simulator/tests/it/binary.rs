//! The program: its one line, both listeners, and how it ends.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::harness::Answer;

struct Program(Child);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mono-simulator"));
        Self(
            command
                .args(arguments)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        )
    }

    fn end(&mut self, signal: &str) -> Option<i32> {
        let kill = Command::new("kill")
            .args([signal, &self.0.id().to_string()])
            .status();
        assert!(kill.unwrap().success());
        self.0.wait().unwrap().code()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // A test that failed half-way leaves no program behind.
        let _ = self.0.kill();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the tests call the simulator from outside"
)]
fn trusting_client() -> reqwest::Client {
    crate::harness::client();
    reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .no_proxy()
        .build()
        .unwrap()
}

#[tokio::test]
async fn it_says_where_it_listens_serves_both_and_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let mut program = Program::start(&[
            "--listen",
            "127.0.0.1:0",
            "--tls-listen",
            "127.0.0.1:0",
            "--secret-key",
            "test_sk_x",
            "--seed",
            "9",
            "--processing-time",
            "2m",
        ]);
        let mut output = BufReader::new(program.0.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[..3], ["mono-simulator", "listening", "on"]);
        assert_eq!(words[4], "tls");
        let client = trusting_client();
        for origin in [words[3], words[5]] {
            let get = client.get(format!("{origin}/v3/institutions"));
            let answer = Answer::of(get.header("mono-sec-key", "test_sk_x")).await;
            assert_eq!(answer.status, 200);
        }
        let settings = Answer::of(client.get(format!("{}/_sim/settings", words[3])))
            .await
            .body;
        assert_eq!(settings["processing_time"], "2m");
        assert_eq!(settings["webhook"]["url"], Value::Null);
        assert_eq!(program.end(signal), Some(0));
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "one line and no more");
    }
}
