//! Requests that are refused, whoever makes them, and a server that lives on.

use crate::served::{Served, status_of};
use std::io::{Read, Write};
use std::net::TcpStream;

fn head(served: &Served, first: &str, further: &str) -> Vec<u8> {
    format!("{first}\r\nHost: 127.0.0.1:{}\r\n{further}\r\n", served.port).into_bytes()
}

#[test]
fn only_its_own_page_is_answered() {
    let served = Served::new(&[]);
    let get = |host: &str, further: &str| {
        let text = format!("GET /api/answer HTTP/1.1\r\n{host}{further}\r\n");
        status_of(&served.send(text.as_bytes()))
    };
    let own = format!("Host: localhost:{}\r\n", served.port);
    assert_eq!(get(&own, ""), 200);
    assert_eq!(get(&own, &format!("Origin: http://localhost:{}\r\n", served.port)), 200);
    for host in ["Host: evil.example\r\n", "Host: 127.0.0.1:1\r\n", ""] {
        assert_eq!(get(host, ""), 421, "{host}");
    }
    for further in
        ["Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n"]
    {
        assert_eq!(get(&own, further), 403, "{further}");
    }
    let answer = served.send(&head(&served, "GET / HTTP/1.1", ""));
    assert!(answer.contains("content-security-policy: default-src 'self'"), "{answer}");
}

#[test]
fn paths_methods_and_nonsense_are_refused() {
    let served = Served::new(&[]);
    for target in
        ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/page.js/../state.rs", "//etc"]
    {
        assert_eq!(served.ask("GET", target).0, 404, "{target}");
    }
    for (method, target, status) in [
        ("PUT", "/", 405),
        ("POST", "/", 404),
        ("GET", "/api/simulate/99", 404),
        ("DELETE", "/api/simulate/no", 404),
        ("GET", "/api/answer?view=none", 400),
        ("GET", "/api/answer?alpha=1&alpha=2", 400),
        ("GET", "/api/answer?samples=-3", 400),
        ("POST", "/api/simulate?samples=1e9", 400),
        ("POST", "/api/simulate?beta=0.5", 400),
    ] {
        assert_eq!(served.ask(method, target).0, status, "{method} {target}");
    }
    assert_eq!(status_of(&served.send(b"\x16\x03\x01\x02\x00 hello\r\n\r\n")), 400);
    assert_eq!(served.ask("GET", "/").0, 200);
}

#[test]
fn long_heads_and_bodies_are_refused() {
    let served = Served::new(&[]);
    let long = "a".repeat(10_000_000);
    let mut body = head(&served, "POST /api/simulate HTTP/1.1", "Content-Length: 10000000\r\n");
    body.extend_from_slice(long.as_bytes());
    assert_eq!(status_of(&served.send(&body)), 413);
    let chunked = head(&served, "POST /api/simulate HTTP/1.1", "Transfer-Encoding: chunked\r\n");
    assert_eq!(status_of(&served.send(&chunked)), 413);
    let target = head(&served, &format!("GET /?{} HTTP/1.1", &long[..20_000]), "");
    assert_eq!(status_of(&served.send(&target)), 431);
    let many = head(&served, "GET / HTTP/1.1", &"X-A: b\r\n".repeat(100));
    assert_eq!(status_of(&served.send(&many)), 431);
    assert_eq!(served.ask("GET", "/").0, 200);
}

/// A thousand clients that say nothing hold at most the places that the server has for
/// connections; all others are told so at once. When they have left, the page is there.
#[test]
fn a_thousand_connections_do_not_take_the_server_down() {
    let served = Served::new(&[]);
    let open: Vec<TcpStream> = (0..1000).map_while(|_| served.connect().ok()).collect();
    assert!(open.len() > 500, "this machine allows {} connections", open.len());
    let refused = open.iter().skip(64).take(20).filter(|stream| {
        let mut answer = String::new();
        let _ = (&**stream).read_to_string(&mut answer);
        status_of(&answer) == 503
    });
    assert_eq!(refused.count(), 20);
    // 64 connections, the one that accepts, the worker of simulations, and its pool; for a moment
    // also threads that gave their place back and are about to end.
    let most = 64.0 + 2.0 + std::thread::available_parallelism().unwrap().get() as f64;
    let settles = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        served.status("Threads").is_none_or(|threads| threads <= most)
    });
    assert!(settles, "{:?} threads", served.status("Threads"));
    drop(open);
    // Places are given back as the server reads that the clients have left.
    let answered = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        served.ask("GET", "/").0 == 200
    });
    assert!(answered);
}

/// A thousand different states, some asked from several clients at a time: each answer is made and
/// let go. A process that holds the fonts, one answer for each of a few threads, and what the
/// allocator keeps of them takes some 50 MB; four times that is the bound.
#[test]
fn memory_is_bounded_under_a_thousand_requests() {
    let served = Served::new(&[]);
    std::thread::scope(|scope| {
        for client in 0..4 {
            let served = &served;
            scope.spawn(move || {
                for k in 0..250 {
                    let view = if k % 10 == 0 { "instability" } else { "loss" };
                    let alpha = 0.5 + 0.004 * f64::from(k) + 0.001 * f64::from(client);
                    let samples = 100 + 17 * k;
                    let target = format!("/api/answer?view={view}&alpha={alpha}&samples={samples}");
                    let (status, body) = served.ask("GET", &target);
                    assert!(status == 200 || status == 503, "{target}: {status} {body}");
                }
            });
        }
    });
    if let Some(peak) = served.status("VmHWM") {
        println!("peak memory after 1000 requests: {:.0} MB", peak / 1024.0);
        assert!(peak < 200.0 * 1024.0, "{peak} kB");
    }
}

/// A client that sends half a request keeps nobody else waiting.
#[test]
fn slow_clients_keep_nobody_waiting() {
    let served = Served::new(&[]);
    let mut slow: Vec<TcpStream> = (0..10).map(|_| served.connect().unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost:").unwrap();
    }
    assert_eq!(served.ask("GET", "/api/answer").0, 200);
    let mut answer = String::new();
    slow[0].read_to_string(&mut answer).unwrap();
    assert_eq!(status_of(&answer), 408);
}
