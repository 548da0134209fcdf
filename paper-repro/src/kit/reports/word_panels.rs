//! Panels of a text's words: their law, and forecasts of those not read yet.

use super::forecasts::FORECASTS;
use crate::kit::{line_through_ranks, log_space, text};
use crate::{ChapterError, draw};
use asymscale_fitting::diagnosis::{ActivityFit, Diagnosis, Method};
use asymscale_montecarlo::wilson_interval;
use asymscale_plots::{Axis, Color, Dash, Legend, Line, Panel, Points, Reference};
use asymscale_sweep::Table;
use statrs::function::gamma::ln_gamma;

/// The text whose forecasts are drawn in full.
const MAIN: &str = "kjv";

/// Rank plot, local exponents, forecasts and their errors from a sixteenth, coverage, other texts;
/// `data` is the chapter's summary.
///
/// # Errors
/// A summary that lacks a column; a diagnosis without a law.
pub fn word_panels(found: &Diagnosis, data: &Table) -> Result<Vec<Panel>, ChapterError> {
    let fit = found.activity.as_ref().ok_or("too few rare words")?;
    let lognormal = LognormalLaw::of(found);
    let main = data.matching("text", MAIN)?;
    Ok(vec![
        ranks(found, fit, lognormal.as_ref())?,
        exponents(fit, lognormal.as_ref()),
        forecasts(&main)?,
        errors(&main)?,
        coverage(&main)?,
        others(data)?,
    ])
}

fn dashed(name: &str, number: usize, dash: Dash, points: Vec<(f64, f64)>) -> Line {
    Line { name: name.into(), points, color: Color::Series(number), dash, ..Line::default() }
}

/// A logarithmic axis without a unit.
fn axis(label: &str) -> Axis {
    Axis::log(label, "")
}

/// The law that bends, `e^{−a x − b x²/2}` features over `x = ln λ`, `λ` the expected count.
struct LognormalLaw {
    a: f64,
    b: f64,
    scale: f64,
    max_count: f64,
}

impl LognormalLaw {
    fn of(found: &Diagnosis) -> Option<Self> {
        let lognormal = found
            .candidates
            .iter()
            .find(|candidate| candidate.method == Method::LognormalLaw)?
            .law?;
        let [a, b] = lognormal.parameters;
        Some(Self { a, b, scale: lognormal.scale, max_count: lognormal.max_count as f64 })
    }

    /// Expected features with this count: a Poisson law of each rate, summed over the rates.
    fn with_count(&self, count: f64) -> f64 {
        const STEP: f64 = 0.02;
        let middle = count.ln();
        let term = |k: i32| {
            let x = middle + STEP * f64::from(k);
            let features = -self.a * x - 0.5 * self.b * x * x;
            (features + count * x - x.exp() - ln_gamma(count + 1.0)).exp()
        };
        // Rates far above or below a count hardly produce it: for a count of 1 those above e times
        // it or below a 400th of it; for larger counts the range is narrower.
        STEP * self.scale * (-300..150).map(term).sum::<f64>()
    }
}

/// The number of verses that hold a word, against its rank. A law is drawn at the number of words
/// that it expects in more than `k` verses; the power law begins at the end of its window.
fn ranks(
    found: &Diagnosis,
    fit: &ActivityFit,
    lognormal: Option<&LognormalLaw>,
) -> Result<Panel, ChapterError> {
    let all = text(MAIN)?.counts();
    let mut shown: Vec<usize> =
        log_space(1.0, all.len() as f64, 32).iter().map(|rank| *rank as usize).collect();
    shown.dedup();
    let words = Points {
        name: "words".into(),
        points: shown.iter().map(|&rank| (rank as f64, all[rank - 1] as f64)).collect(),
        filled: false,
        ..Points::default()
    };
    let above = |k: f64| all.iter().filter(|count| **count as f64 > k).count() as f64;
    let power = |edge: f64, (from, to): (f64, f64)| {
        let ranks = log_space(from, to, 60).into_iter().map(|k| {
            let between = fit.law().features_between(found.samples, k.min(edge), k.max(edge));
            (above(edge) + between * (edge - k).signum(), k)
        });
        ranks.filter(|at| at.0 >= 1.0).collect::<Vec<_>>()
    };
    let edge = fit.max_count as f64;
    let line = line_through_ranks(&all, found.samples);
    let straight = log_space(1.0, all.len() as f64, 60);
    let straight =
        straight.iter().map(|rank| (*rank, found.samples * (line.onset / rank).powf(line.beta)));
    let mut panel = Panel::new(
        "all verses: rank plot",
        axis("rank of the word"),
        axis("verses that hold the word").range(0.7, 1e5),
    )
    .with(dashed("straight line (the defect)", 3, Dash::DashDot, straight.collect()))
    .with(dashed("power law of the rare words", 1, Dash::Solid, power(edge, (1.0, edge))))
    .with(dashed("the same, continued", 1, Dash::Dotted, power(edge, (edge, 1e3))));
    if let Some(lognormal) = lognormal {
        let mut rank = above(lognormal.max_count);
        let mut points = vec![(rank, lognormal.max_count)];
        for count in (1..=lognormal.max_count as u32).rev() {
            rank += lognormal.with_count(f64::from(count));
            points.push((rank, f64::from(count) - 1.0));
        }
        points.retain(|at| at.1 >= 1.0);
        panel = panel.with(dashed("lognormal law", 2, Dash::Dashed, points));
    }
    Ok(panel.with(words))
}

/// Local exponents in windows of counts, and that of the law that bends.
fn exponents(fit: &ActivityFit, lognormal: Option<&LognormalLaw>) -> Panel {
    let middle = |low: u64, high: u64| (low as f64 * high as f64).sqrt();
    let points =
        fit.local.iter().map(|local| (middle(local.low, local.high), local.beta.value)).collect();
    let intervals = fit.local.iter().map(|local| (local.beta.lower, local.beta.upper)).collect();
    let mut panel = Panel::new(
        "all verses: local exponent",
        axis("verses that hold the word"),
        axis("exponent of activity $\\beta$"),
    );
    if let Some(lognormal) = lognormal {
        panel =
            panel.with(dashed("lognormal law", 2, Dash::Dashed, lognormal_exponents(lognormal)));
    }
    panel.with(Reference::horizontal(1.0, "$\\beta = 1$")).with(draw::marks(
        "windows of counts",
        0,
        points,
        intervals,
    ))
}

/// The local exponent of the law that bends: for a power law `f_{k+1}/f_k = (k − 1/β)/(k + 1)`.
fn lognormal_exponents(lognormal: &LognormalLaw) -> Vec<(f64, f64)> {
    let counts = log_space(1.0, lognormal.max_count, 40).into_iter();
    let exponent = |k: f64| {
        let inverse = k - (k + 1.0) * lognormal.with_count(k + 1.0) / lognormal.with_count(k);
        ((k * (k + 1.0)).sqrt(), inverse.recip())
    };
    counts.map(exponent).filter(|at| at.1 > 0.0).collect()
}

/// The part of the text, as one over it, whose forecasts are drawn.
const PART: i64 = 16;

/// Abscissas of one series among several, moved a little so that marks stand side by side.
fn beside(factors: &[f64], place: usize, of: usize) -> Vec<f64> {
    let move_by = (0.03 * (place as f64 - 0.5 * (of as f64 - 1.0))).exp();
    factors.iter().map(|factor| factor * move_by).collect()
}

/// Mean forecasts of the number of new words over what was found, those recommended with the mean
/// of their intervals.
fn forecasts(data: &Table) -> Result<Panel, ChapterError> {
    let rows = data.matching("quantity", "words")?.matching("part", PART)?;
    let mut panel = Panel::new(
        "forecasts from a sixteenth of the chapters",
        axis("times the chapters read").range(1.6, 20.0),
        axis("new words, forecast over found (means)").range(0.2, 2.0),
    )
    .with(Reference::horizontal(1.0, ""))
    .legend(Legend::Below);
    for (place, (method, name)) in FORECASTS.into_iter().enumerate() {
        let rows = rows.matching("method", method)?;
        let truth = rows.floats("truth")?;
        let over =
            |values: Vec<f64>| values.into_iter().zip(&truth).map(|(value, truth)| value / truth);
        let at = beside(&rows.floats("factor")?, place, FORECASTS.len());
        let ends = over(rows.floats("low")?).zip(over(rows.floats("high")?));
        let intervals = if method == "recommended" { ends.collect() } else { Vec::new() };
        let points = at.into_iter().zip(over(rows.floats("forecast")?)).collect();
        panel = panel.with(draw::marks(name, place, points, intervals));
    }
    Ok(panel)
}

/// Root mean square relative errors of the number of new words.
fn errors(data: &Table) -> Result<Panel, ChapterError> {
    let rows = data.matching("quantity", "words")?.matching("part", PART)?;
    let mut panel = Panel::new(
        "errors from a sixteenth of the chapters",
        axis("times the chapters read").range(1.6, 20.0),
        axis("error of new words (r.m.s., relative)"),
    )
    .legend(Legend::Below);
    for (number, (method, name)) in FORECASTS.into_iter().enumerate() {
        let rows = rows.matching("method", method)?;
        let points: Vec<(f64, f64)> =
            rows.floats("factor")?.into_iter().zip(rows.floats("rms")?).collect();
        panel = panel.with(draw::named(name, number, points.clone()));
        panel = panel.with(draw::marks(name, number, points, Vec::new()));
    }
    Ok(panel)
}

/// The proportion of intervals that hold the truth, counted by chapters and by verses, over all
/// parts.
fn coverage(data: &Table) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        "intervals that hold the truth",
        axis("times the chapters read").range(0.75, 22.0),
        Axis::linear("share of 95 % intervals", "").range(0.0, 1.04),
    )
    .with(Reference::horizontal(0.95, ""))
    .legend(Legend::Below);
    let series = [
        ("unseen mass, by chapters", "recommended", "mass"),
        ("unseen mass, bare counts", "bare", "mass"),
        ("new words, by chapters", "recommended", "words"),
        ("new words, bare counts", "bare", "words"),
    ];
    for (place, (name, method, quantity)) in series.into_iter().enumerate() {
        let rows = data.matching("method", method)?.matching("quantity", quantity)?;
        let (mut points, mut intervals) = (Vec::new(), Vec::new());
        for (key, rows) in rows.group_by(&["factor"])? {
            let known = rows.floats("known")?;
            let held: f64 =
                rows.floats("covered")?.iter().zip(&known).map(|(share, n)| share * n).sum();
            let known: f64 = known.iter().sum();
            let factor = key[0].as_float().unwrap_or(f64::NAN);
            points.push((beside(&[factor], place, series.len())[0], held / known));
            intervals.push(wilson_interval(held, known, 0.95));
        }
        panel = panel.with(draw::marks(name, place, points, intervals));
    }
    Ok(panel)
}

/// Errors of the recommended forecast over those of the rational extrapolation by groups, in each
/// text: a mark for each part.
fn others(data: &Table) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        "against the rational extrapolation, by text",
        axis("times the chapters, scenes or files read").range(1.6, 20.0),
        axis("error over that of the rational"),
    )
    .with(Reference::horizontal(1.0, ""));
    let rows = data.matching("quantity", "words")?.matching("method", "recommended")?;
    let texts = rows.group_by(&["text"])?;
    for (place, (key, rows)) in texts.iter().enumerate() {
        let at = beside(&rows.floats("factor")?, place, texts.len());
        let points = at.into_iter().zip(rows.floats("over_rational")?).collect();
        panel = panel.with(draw::marks(
            title(key[0].as_text().unwrap_or_default()),
            place,
            points,
            Vec::new(),
        ));
    }
    Ok(panel)
}

fn title(text: &str) -> &str {
    match text {
        "kjv" => "Bible",
        "austen" => "Austen",
        "shakespeare" => "Shakespeare",
        "tokio" => "code of tokio",
        other => other,
    }
}
