//! What the server answers: the files of the page, views of a state, and simulations.

use super::http::{Request, Response};
use super::server::{Answers, Gate};
use super::simulation::Jobs;
use super::state::State;
use super::tables::Loaded;
use super::views::{self, Asked, Pace};
use crate::answers::Refusal;
use serde_json::{Value as Json, json};
use std::io;
use std::sync::Arc;

/// The files of the page: path, media type, contents.
pub(super) const FILES: [(&str, &str, &str); 3] = [
    ("/", "text/html", include_str!("page/index.html")),
    ("/style.css", "text/css", include_str!("page/style.css")),
    ("/page.js", "text/javascript", include_str!("page/page.js")),
];

/// Answers a slider waits for: how many are computed at a time, and how many more may wait.
const QUICK: (usize, usize) = (2, 8);
/// Likewise of those that come next, and of those that take longer. A page asks for one at a time,
/// and for another before that is made where its reader moves on.
const NEXT: (usize, usize) = (1, 3);
const SLOW: (usize, usize) = (1, 3);

/// The page and what it asks.
pub(crate) struct App {
    jobs: Jobs,
    quick: Gate,
    next: Gate,
    slow: Gate,
    table: Option<Arc<Loaded>>,
}

impl App {
    /// With the reader's own table, if there is one.
    pub(crate) fn new(table: Option<Arc<Loaded>>) -> io::Result<Self> {
        let [quick, next, slow] =
            [QUICK, NEXT, SLOW].map(|(running, waiting)| Gate::new(running, waiting));
        Ok(Self { jobs: Jobs::new()?, quick, next, slow, table })
    }

    fn view(&self, query: &str) -> Response {
        let asked = match Query::parse(query) {
            Ok(asked) => asked,
            Err(refusal) => return refused(&refusal),
        };
        let points = asked.simulation.and_then(|number| self.jobs.points(number));
        let gate = match views::pace(&asked.view) {
            Pace::Quick => &self.quick,
            Pace::Next => &self.next,
            Pace::Slow => &self.slow,
        };
        let made = gate.pass(|| {
            let beside = Asked {
                narrow: asked.narrow,
                points: points.as_deref(),
                table: self.table.as_deref(),
            };
            views::answer(&asked.view, &asked.state, beside)
        });
        match made {
            Some(Ok(answer)) => Response::json(&answer),
            Some(Err(refusal)) => refused(&refusal),
            None => busy(),
        }
    }

    fn simulation(&self, request: &Request) -> Response {
        if request.method == "POST" && request.path == "/api/simulate" {
            return match Query::parse(&request.query)
                .and_then(|asked| self.jobs.start(&asked.state))
            {
                Ok(job) => Response { status: 202, ..Response::json(&job) },
                Err(refusal) => refused(&refusal),
            };
        }
        let number = request.path.strip_prefix("/api/simulate/").and_then(|text| text.parse().ok());
        let found = match request.method.as_str() {
            "GET" => number.and_then(|number| self.jobs.told(number)),
            "DELETE" => number.and_then(|number| self.jobs.cancel(number)),
            _ => None,
        };
        found.map_or_else(missing, |job| Response::json(&job))
    }

    /// What the page is told when it begins: of the reader's table, and of the newest simulation.
    fn begin(&self) -> Json {
        json!({
            "views": views::NAMES,
            "table": self.table.as_ref().map(|table| table.json()),
            "simulation": self.jobs.newest(),
            "version": env!("CARGO_PKG_VERSION"),
        })
    }
}

impl Answers for App {
    fn answer(&self, request: &Request) -> Response {
        let is_get = request.method == "GET";
        match request.path.as_str() {
            "/api/begin" if is_get => Response::json(&self.begin()),
            "/api/answer" if is_get => self.view(&request.query),
            path if path.starts_with("/api/simulate") => self.simulation(request),
            path if is_get => {
                let file = FILES.iter().find(|(known, ..)| *known == path);
                file.map_or_else(missing, |(_, kind, text)| Response::of(kind, *text))
            }
            _ => missing(),
        }
    }
}

/// A query with what is no parameter of the page taken out.
struct Query {
    state: State,
    view: String,
    narrow: bool,
    simulation: Option<u64>,
}

impl Query {
    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut rest = form_urlencoded::Serializer::new(String::new());
        let (mut view, mut narrow, mut simulation) = ("loss".to_owned(), false, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "view" => view = value.into_owned(),
                "narrow" => narrow = value == "true",
                // Of another server, or none.
                "simulation" => simulation = value.parse().ok(),
                _ => {
                    rest.append_pair(&name, &value);
                }
            }
        }
        Ok(Self { state: State::parse(&rest.finish())?, view, narrow, simulation })
    }
}

fn missing() -> Response {
    Response::refusal(404, "there is no such page")
}

fn busy() -> Response {
    Response::refusal(503, "too many answers are being computed; ask again")
}

/// Why there is no answer, with the parameter that is at fault.
fn refused(refusal: &Refusal) -> Response {
    let status = if refusal.is_invalid_input() { 400 } else { 500 };
    let body = json!({
        "error": { "message": refusal.to_string(), "parameter": refusal.parameter() },
    });
    Response { status, ..Response::json(&body) }
}
