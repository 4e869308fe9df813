//! Rust: a bounded queue and one thread; the caller never waits, never fails.
//! `rustc --edition 2021 -o tell examples/notify.rs && ./tell`. Nothing but std: TLS and
//! retries are curl's. With ureq or reqwest at hand, only `send` changes.

use std::io::Write;
use std::process::{self, Command, Stdio};
use std::sync::mpsc::{sync_channel, Receiver, SyncSender};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use std::{env, io, thread};

const QUEUE: usize = 500;
const EXIT_PATIENCE: Duration = Duration::from_secs(15);
const BOUNDS: [&str; 10] = [
    "--silent",
    "--show-error",
    "--fail",
    "--max-time",
    "10",
    "--retry",
    "3",
    "--retry-max-time",
    "20",
    "--retry-connrefused",
];

/// What happened; the API knows more keys than these.
struct Event {
    kind: &'static str,
    severity: &'static str,
    title: String,
}

impl Event {
    fn json(&self) -> String {
        format!(
            r#"{{"type":{},"severity":{},"title":{}}}"#,
            quoted(self.kind),
            quoted(self.severity),
            quoted(&self.title)
        )
    }
}

/// Sends what is posted, in order; what does not fit is dropped, and said.
struct Teller {
    queue: SyncSender<Event>,
    emptied: Receiver<()>,
}

impl Teller {
    fn new(url: String, key: String) -> Self {
        let (queue, events) = sync_channel::<Event>(QUEUE);
        let (done, emptied) = sync_channel(1);
        thread::spawn(move || {
            for (number, event) in events.iter().enumerate() {
                match send(&url, &key, number, &event) {
                    Ok(true) => {}
                    Ok(false) => eprintln!("not told: {}", event.title),
                    Err(error) => eprintln!("not told: curl: {error}"),
                }
            }
            let _ = done.send(());
        });
        Teller { queue, emptied }
    }

    fn post(&self, event: Event) {
        if self.queue.try_send(event).is_err() {
            eprintln!("not told: the queue is full");
        }
    }

    /// Waits until everything posted is sent, within bounds.
    fn close(self) {
        drop(self.queue);
        if self.emptied.recv_timeout(EXIT_PATIENCE).is_err() {
            eprintln!("not told: the process ends");
        }
    }
}

/// One idempotency key for all of curl's tries: nothing is told twice. The key of the
/// API goes through a pipe, since others can read a command line.
fn send(url: &str, key: &str, number: usize, event: &Event) -> io::Result<bool> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let once = format!("{}-{}-{number}", process::id(), now.as_nanos());
    let mut curl = Command::new("curl")
        .args(BOUNDS)
        .args(["--config", "-", "--data", &event.json()])
        .args(["--header", "Content-Type: application/json"])
        .args(["--header", &format!("Idempotency-Key: {once}")])
        .arg(format!("{url}/v1/events"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    if let Some(mut pipe) = curl.stdin.take() {
        writeln!(pipe, "header = \"Authorization: Bearer {key}\"")?;
    }
    Ok(curl.wait()?.success())
}

/// A text as JSON has it.
fn quoted(text: &str) -> String {
    let mut told = String::from('"');
    for sign in text.chars() {
        match sign {
            '"' | '\\' => told.extend(['\\', sign]),
            sign if sign < ' ' => told.push_str(&format!("\\u{:04x}", sign as u32)),
            sign => told.push(sign),
        }
    }
    told + "\""
}

fn main() {
    let (Ok(url), Ok(key)) = (env::var("TOCSIN_URL"), env::var("TOCSIN_KEY")) else {
        return eprintln!("not told: set TOCSIN_URL and TOCSIN_KEY");
    };
    let teller = Teller::new(url, key);
    teller.post(Event {
        kind: "index.rebuilt",
        severity: "success",
        title: "The index \"products\" is rebuilt".into(),
    });
    teller.close();
}
