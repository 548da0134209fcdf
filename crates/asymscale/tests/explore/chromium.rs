//! A headless browser, driven over its debugging pipe: commands on its descriptor 3, answers on 4,
//! each a JSON object that ends with a NUL byte.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long anything may take on a machine that has other work.
const PATIENCE: Duration = Duration::from_secs(90);

/// The browser of this machine; none, said aloud, where there is none. A failure where
/// `ASYMSCALE_BROWSER=required`.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var("ASYMSCALE_BROWSER").as_deref() == Ok("required");
        assert!(!required, "no browser was found");
        let text = b"SKIPPED: no chromium or google-chrome on this machine\n";
        std::io::stderr().write_all(text).unwrap();
    }
    found
}

/// One window of a browser, which ends with the value.
pub(crate) struct Window {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<Value>,
    session: Option<String>,
    last: u64,
    _profile: tempfile::TempDir,
}

impl Window {
    pub(crate) fn open(browser: &PathBuf) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The shell moves the pipes to the descriptors that the browser wants, then becomes it.
        let mut child = Command::new("/bin/sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null"])
            .arg(browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-sync", "--disable-dev-shm-usage", "--remote-debugging-pipe"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (told, answers) = channel();
        thread::spawn(move || {
            let mut bytes = Vec::new();
            while output.read_until(0, &mut bytes).is_ok_and(|count| count > 0) {
                bytes.pop();
                if let Ok(value) = serde_json::from_slice(&bytes)
                    && told.send(value).is_err()
                {
                    return;
                }
                bytes.clear();
            }
        });
        let mut window =
            Self { child, commands, answers, session: None, last: 0, _profile: profile };
        let target = window.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = window.call("Target.attachToTarget", &attach);
        window.session = session["sessionId"].as_str().map(str::to_owned);
        window
    }

    /// A command of the protocol, and its result.
    pub(crate) fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.called(method, parameters).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// As [`Window::call`], or what the browser says against it.
    fn called(&mut self, method: &str, parameters: &Value) -> Result<Value, Value> {
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            command["sessionId"] = session.as_str().into();
        }
        self.commands.write_all(format!("{command}\0").as_bytes()).unwrap();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let answer =
                self.answers.recv_timeout(left).unwrap_or_else(|_| panic!("no answer to {method}"));
            if answer["id"] == self.last {
                let error = &answer["error"];
                return if error.is_null() {
                    Ok(answer["result"].clone())
                } else {
                    Err(error.clone())
                };
            }
        }
    }

    /// Width and height in pixels, and the scheme of colours.
    pub(crate) fn look(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    pub(crate) fn go(&mut self, address: &str) {
        self.call("Page.navigate", &json!({ "url": address }));
    }

    /// The same page again. It is another document when this returns, which need not be ready.
    pub(crate) fn reload(&mut self) {
        self.ask("window.isOld = true");
        self.call("Page.reload", &json!({}));
        self.wait("!window.isOld");
    }

    /// The value of an expression of the page; it is waited for if it is a promise.
    pub(crate) fn ask(&mut self, expression: &str) -> Value {
        let found = self.call("Runtime.evaluate", &question(expression));
        assert!(found["exceptionDetails"].is_null(), "{expression}: {found}");
        found["result"]["value"].clone()
    }

    /// Waits until an expression is true, and fails with what the page shows if it never is. While
    /// one document takes the place of another the browser answers with errors: nothing is true
    /// then.
    pub(crate) fn wait(&mut self, expression: &str) {
        let deadline = Instant::now() + PATIENCE;
        let safe = format!(
            "(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()"
        );
        while !self
            .called("Runtime.evaluate", &question(&safe))
            .is_ok_and(|found| found["result"]["value"] == true)
        {
            if Instant::now() > deadline {
                let text = self.ask("document.body.innerText.slice(0, 2000)");
                panic!("never true: {expression}; the page shows {text}");
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Asks for the value of an expression.
fn question(expression: &str) -> Value {
    json!({ "expression": expression, "returnByValue": true, "awaitPromise": true })
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
