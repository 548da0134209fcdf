//! HTTP as far as one page on the loopback needs it: a request with limits, and a response.
//!
//! A connection has one request. Its head is parsed by `httparse`; how much is read of it, and for
//! how long, is decided here.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Most bytes of a request's first line and headers.
const MOST_HEAD: usize = 8 * 1024;
/// Most headers of a request.
const MOST_HEADERS: usize = 48;
/// Most bytes of a body: requests carry their parameters in the first line.
const MOST_BODY: usize = 1024;
/// A request must have arrived after this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes that are read and dropped after a refusal, so that the client reads the refusal before the
/// connection is reset, and for how long.
const DROPPED: (usize, Duration) = (256 * 1024, Duration::from_millis(300));

/// A request that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// GET, POST or DELETE.
    pub(crate) method: String,
    /// The path, before any `?`.
    pub(crate) path: String,
    /// What follows the `?`.
    pub(crate) query: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// The value of a header, by its name in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// A body with its media type.
    pub(crate) fn of(kind: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, kind, body: body.into() }
    }

    /// JSON.
    pub(crate) fn json(value: &serde_json::Value) -> Self {
        Self::of("application/json", value.to_string())
    }

    /// A refusal in words.
    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        let body = serde_json::json!({ "error": { "message": message } });
        Self { status, ..Self::json(&body) }
    }

    fn reason(&self) -> &'static str {
        match self.status {
            200 => "OK",
            202 => "Accepted",
            204 => "No Content",
            400 => "Bad Request",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            408 => "Request Timeout",
            413 => "Content Too Large",
            421 => "Misdirected Request",
            431 => "Request Header Fields Too Large",
            503 => "Service Unavailable",
            _ => "Internal Server Error",
        }
    }

    /// Writes it and ends the connection.
    pub(crate) fn send(&self, stream: &mut TcpStream) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {}; charset=utf-8\r\ncontent-length: {}\r\n\
             connection: close\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\
             referrer-policy: no-referrer\r\ncross-origin-resource-policy: same-origin\r\n\
             content-security-policy: default-src 'self'; img-src 'self' data: blob:; base-uri \
             'none'; form-action 'none'; frame-ancestors 'none'\r\n\r\n",
            self.status,
            self.reason(),
            self.kind,
            self.body.len()
        );
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        stream.flush()?;
        stream.shutdown(std::net::Shutdown::Write)?;
        if self.status >= 400 {
            drop_rest(stream);
        }
        Ok(())
    }
}

/// Reads what a refused client still sends, up to a limit.
fn drop_rest(stream: &mut TcpStream) {
    let deadline = Instant::now() + DROPPED.1;
    let (mut left, mut buffer) = (DROPPED.0, [0; 4096]);
    while left > 0 && wait(stream, deadline).is_ok() {
        match stream.read(&mut buffer) {
            Ok(count) if count > 0 => left = left.saturating_sub(count),
            _ => return,
        }
    }
}

/// Lets the next read wait until a time at most.
fn wait(stream: &TcpStream, deadline: Instant) -> Result<(), Response> {
    let late = || Response::refusal(408, "the request did not arrive in time");
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(late());
    }
    stream.set_read_timeout(Some(left)).map_err(|_| late())
}

/// Reads a request.
///
/// # Errors
/// The refusal to send where it is no request, too large, or too slow.
pub(crate) fn read(stream: &mut TcpStream) -> Result<Request, Response> {
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        wait(stream, deadline)?;
        let count = match stream.read(&mut buffer) {
            Ok(0) | Err(_) => {
                return Err(Response::refusal(408, "the request ended before it was whole"));
            }
            Ok(count) => count,
        };
        bytes.extend_from_slice(&buffer[..count]);
        if let Some((request, begin)) = parse(&bytes)? {
            body(stream, &request, bytes.len() - begin, deadline)?;
            return Ok(request);
        }
        if bytes.len() > MOST_HEAD {
            return Err(Response::refusal(431, "the head of a request has at most 8192 bytes"));
        }
    }
}

/// The head of a request with the place where its body begins; none where more is to come.
fn parse(bytes: &[u8]) -> Result<Option<(Request, usize)>, Response> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let begin = match head.parse(bytes) {
        Ok(httparse::Status::Complete(begin)) if begin <= MOST_HEAD => begin,
        Ok(httparse::Status::Complete(_)) | Err(httparse::Error::TooManyHeaders) => {
            let message = "the head of a request has at most 8192 bytes and 48 headers";
            return Err(Response::refusal(431, message));
        }
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(Response::refusal(400, &format!("no HTTP request: {error}"))),
    };
    let method = head.method.unwrap_or_default().to_owned();
    if !matches!(method.as_str(), "GET" | "POST" | "DELETE") {
        return Err(Response::refusal(405, "a request is GET, POST or DELETE"));
    }
    let target = head.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = head.headers.iter();
    let headers = headers.map(|header| (header.name.to_ascii_lowercase(), text(header.value)));
    let request = Request {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.collect(),
    };
    Ok(Some((request, begin)))
}

/// Reads a body and lets it go: nothing that is asked has one, but a client may send one.
fn body(
    stream: &mut TcpStream,
    request: &Request,
    mut found: usize,
    deadline: Instant,
) -> Result<(), Response> {
    if request.header("transfer-encoding").is_some() {
        return Err(Response::refusal(413, "a request must say how long its body is"));
    }
    let length: usize = match request.header("content-length") {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| Response::refusal(400, "content-length: must be a whole number"))?,
    };
    if length > MOST_BODY {
        return Err(Response::refusal(413, "a body has at most 1024 bytes"));
    }
    let mut buffer = [0; MOST_BODY];
    while found < length {
        wait(stream, deadline)?;
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return Err(Response::refusal(408, "the body ended too early")),
            Ok(count) => found += count,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_parsed_when_they_are_whole_and_refused_when_they_are_none() {
        let text = b"GET /api/answer?alpha=1 HTTP/1.1\r\nHost: localhost\r\n\r\n";
        assert_eq!(parse(&text[..20]).unwrap(), None);
        let (request, begin) = parse(text).unwrap().unwrap();
        assert_eq!((request.path.as_str(), request.query.as_str()), ("/api/answer", "alpha=1"));
        assert_eq!((request.header("host"), begin), (Some("localhost"), text.len()));
        let status = |text: &[u8]| parse(text).unwrap_err().status;
        assert_eq!(status(b"\x16\x03\x01 no http"), 400);
        assert_eq!(status(b"PUT / HTTP/1.1\r\n\r\n"), 405);
        let many = "a: b\r\n".repeat(MOST_HEADERS + 1);
        assert_eq!(status(format!("GET / HTTP/1.1\r\n{many}\r\n").as_bytes()), 431);
    }
}
