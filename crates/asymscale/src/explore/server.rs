//! The server: connections, who may ask, and how much is computed at a time.

use super::http::{self, Request, Response};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Most connections at a time; a page has one or two.
const MOST_CONNECTIONS: usize = 64;

/// What answers requests that may be answered.
pub(crate) trait Answers: Send + Sync + 'static {
    fn answer(&self, request: &Request) -> Response;
}

/// A loopback address that is listened on.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Listens on a port of the loopback; on a free one if it is 0.
    pub(crate) fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Where the page is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Answers until the process ends.
    pub(crate) fn run(self, answers: impl Answers) -> ! {
        let answers = Arc::new(answers);
        let open = Arc::new(AtomicUsize::new(0));
        let port = self.address.port();
        loop {
            let Ok((stream, _)) = self.listener.accept() else {
                // No more file descriptors, for the moment.
                thread::sleep(Duration::from_millis(20));
                continue;
            };
            let place = Place::take(&open);
            if place.number > MOST_CONNECTIONS {
                refuse(stream);
                continue;
            }
            let answers = Arc::clone(&answers);
            let name = "explore: connection".to_owned();
            // Without a thread the connection is closed, as the closure that holds it is dropped.
            let _ = thread::Builder::new().name(name).spawn(move || {
                let _place = place;
                serve(stream, port, answers.as_ref());
            });
        }
    }
}

/// One connection of those that are open; given back when it is dropped.
struct Place {
    open: Arc<AtomicUsize>,
    number: usize,
}

impl Place {
    fn take(open: &Arc<AtomicUsize>) -> Self {
        let number = open.fetch_add(1, Ordering::SeqCst) + 1;
        Self { open: Arc::clone(open), number }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Says that there are too many connections, without waiting for anything.
fn refuse(mut stream: TcpStream) {
    use std::io::Write;
    let _ = stream.set_nonblocking(true);
    let head = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nretry-after: 1\r\n\
                 connection: close\r\n\r\n";
    let _ = stream.write_all(head);
}

fn serve(mut stream: TcpStream, port: u16, answers: &impl Answers) {
    let _ = stream.set_nodelay(true);
    let response = match http::read(&mut stream) {
        Err(refusal) => refusal,
        Ok(request) => match stranger(&request, port) {
            Some(refusal) => refusal,
            None => answered(answers, &request),
        },
    };
    // A client that has left wants no answer.
    let _ = response.send(&mut stream);
}

/// An answer, also where its computation breaks off.
fn answered(answers: &impl Answers, request: &Request) -> Response {
    let work = std::panic::AssertUnwindSafe(|| answers.answer(request));
    std::panic::catch_unwind(work)
        .unwrap_or_else(|_| Response::refusal(500, "the computation of this answer failed"))
}

/// Refuses requests that other pages make in the reader's browser: by a name that was made to lead
/// here, or from a page of another origin.
fn stranger(request: &Request, port: u16) -> Option<Response> {
    let hosts = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
    let is_ours = |host: &str| hosts.iter().any(|ours| host.eq_ignore_ascii_case(ours));
    if !request.header("host").is_some_and(is_ours) {
        return Some(Response::refusal(421, "this server answers to its own address only"));
    }
    let origin = request.header("origin");
    let is_other =
        origin.is_some_and(|origin| !origin.strip_prefix("http://").is_some_and(is_ours));
    let is_asked_across = request.path.starts_with("/api/")
        && request
            .header("sec-fetch-site")
            .is_some_and(|site| !matches!(site, "same-origin" | "none"));
    (is_other || is_asked_across)
        .then(|| Response::refusal(403, "pages of other origins are not answered"))
}

/// Lets a few computations run at a time and a few more wait; all others are told to come back.
#[derive(Debug)]
pub(crate) struct Gate {
    running: usize,
    waiting: usize,
    inside: Mutex<(usize, usize)>,
    left: Condvar,
}

impl Gate {
    /// At most so many run, and so many more wait.
    pub(crate) fn new(running: usize, waiting: usize) -> Self {
        Self { running, waiting, inside: Mutex::default(), left: Condvar::new() }
    }

    /// Does the work when there is room; none where too many wait already.
    pub(crate) fn pass<T>(&self, work: impl FnOnce() -> T) -> Option<T> {
        let unpoisoned = PoisonError::into_inner;
        let mut inside = self.inside.lock().unwrap_or_else(unpoisoned);
        if inside.0 >= self.running {
            if inside.1 >= self.waiting {
                return None;
            }
            inside.1 += 1;
            while inside.0 >= self.running {
                inside = self.left.wait(inside).unwrap_or_else(unpoisoned);
            }
            inside.1 -= 1;
        }
        inside.0 += 1;
        drop(inside);
        let _pass = Pass(self);
        Some(work())
    }
}

/// Room that is given back also where work panics.
struct Pass<'a>(&'a Gate);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.0.inside.lock().unwrap_or_else(PoisonError::into_inner).0 -= 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;

    #[test]
    fn a_gate_lets_in_what_it_has_room_for_and_frees_it_after_a_panic() {
        let gate = Gate::new(1, 0);
        let (begun, end) = (Barrier::new(2), Barrier::new(2));
        thread::scope(|scope| {
            scope.spawn(|| {
                gate.pass(|| {
                    begun.wait();
                    end.wait();
                })
            });
            begun.wait();
            assert_eq!(gate.pass(|| 1), None);
            end.wait();
        });
        let thrown = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            gate.pass(|| panic!("work that fails"))
        }));
        assert!(thrown.is_err());
        assert_eq!(gate.pass(|| 2), Some(2));
    }
}
