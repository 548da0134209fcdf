//! A diagnosis as a figure: features seen and activity unseen against samples, in parts of the data
//! and ahead of them, and the histogram of counts with the laws.

use super::forecasts::by;
use crate::fitting::diagnosis::{
    ActivationCounts, Diagnosis, Estimate, Forecast, Method, Prediction,
};
use asymscale_plots::{
    Axis, Band, Color, Dash, Figure, Layer, Legend, Line, Panel, Points, Reference, Scale,
};

/// Factors at which lines are drawn, besides those that are asked for: up to the largest of them.
pub(super) fn factors(asked: &[f64]) -> Vec<f64> {
    let last = asked.iter().copied().fold(2.0, f64::max);
    (1..=32).map(|k| last.powf(f64::from(k) / 32.0)).collect()
}

/// How lines of each method are drawn, in all panels alike.
const METHODS: [(Method, &str, Color, Dash); 6] = [
    (Method::Smoothed, "smoothed series", Color::Muted, Dash::Dashed),
    (Method::GoodToulmin, "Good–Toulmin", Color::Muted, Dash::Dotted),
    (Method::PowerLaw, "power law", Color::Series(1), Dash::Dashed),
    (Method::LognormalLaw, "bent law", Color::Series(2), Dash::Dashed),
    (Method::FiniteLaw, "finite law", Color::Series(3), Dash::DashDot),
    (Method::GammaLaw, "gamma law", Color::Series(5), Dash::Dashed),
];

/// The recommended forecast.
const CHOSEN: Color = Color::Series(0);

/// By how much the tallest line of a method may exceed all that is known before it is cut at the
/// frame.
const TALLEST: f64 = 1.6;

/// Decades that a share falls below its value now, at most.
const DEEPEST: f64 = 1e-3;

/// Samples at which parts of the data are shown.
const PARTS: i32 = 60;

/// `ahead` are forecasts at [`factors`].
pub(super) fn figure(
    counts: &ActivationCounts,
    diagnosis: &Diagnosis,
    ahead: &[Forecast],
) -> Figure {
    let mut panels: Vec<Panel> = [seen(counts, diagnosis, ahead), unseen(counts, diagnosis, ahead)]
        .into_iter()
        .flatten()
        .collect();
    panels.push(histogram(counts, diagnosis));
    Figure {
        title: "Features seen, activity unseen, and counts of features".into(),
        description: diagnosis.verdict().to_string(),
        columns: panels.len(),
        width: 100.0 + 394.0 * panels.len() as f64,
        panels,
        height: 420.0,
        ..Figure::default()
    }
}

/// The least part of the data that is shown.
const LEAST_PART: f64 = 1e-3;

/// Random parts of the data, in units, from a thousandth of them to all but `left_out`; none where
/// rare features were left out of the table, so that parts of it are no parts of the data.
fn parts(counts: &ActivationCounts, diagnosis: &Diagnosis, left_out: f64) -> Vec<f64> {
    if counts.floor() > 1 || diagnosis.unseen.is_none() {
        return Vec::new();
    }
    let last = counts.units() - left_out;
    let first = (LEAST_PART * last).max(1.0);
    let at = (0..=PARTS).map(|k| first * (last / first).powf(f64::from(k) / f64::from(PARTS)));
    at.filter(|part| (1.0..=last).contains(part)).collect()
}

/// Lines of every method, and the recommended one with its band from now on; `of` is what is drawn
/// of an estimate.
struct Ahead<'a> {
    forecasts: &'a [Forecast],
    samples: f64,
    quantity: fn(&Forecast) -> &Prediction,
    now: Estimate,
    /// Whether it rises or falls with more data.
    rises: bool,
    show: &'a dyn Fn(f64) -> f64,
}

impl Ahead<'_> {
    fn methods(&self) -> Vec<Line> {
        let line = |&(method, name, color, dash): &(Method, &str, Color, Dash)| {
            let at = |ahead: &Forecast| {
                let value = by((self.quantity)(ahead), method)?.value;
                Some((ahead.factor * self.samples, (self.show)(value)))
            };
            // A series is shown as far as it does not turn back: beyond, it says nothing.
            let mut last = (self.show)(self.now.value);
            let onwards = |&(_, y): &(f64, f64)| {
                let onwards = !matches!(method, Method::Smoothed | Method::GoodToulmin)
                    || (if self.rises { y >= last } else { y <= last && y > 0.0 });
                last = y;
                onwards
            };
            let points: Vec<(f64, f64)> =
                self.forecasts.iter().filter_map(at).take_while(onwards).collect();
            Line { name: name.into(), points, color, dash, ..Line::default() }
        };
        METHODS.iter().map(line).filter(|line| !line.points.is_empty()).collect()
    }

    /// What is recommended, as far as it is known.
    fn known(&self) -> Vec<(f64, Estimate)> {
        let at = |ahead: &Forecast| {
            Some((ahead.factor * self.samples, (self.quantity)(ahead).estimate?))
        };
        let ahead = self.forecasts.iter().map_while(at);
        std::iter::once((self.samples, self.now))
            .chain(ahead)
            .map(|(x, e)| (x, self.shown(e)))
            .collect()
    }

    fn shown(&self, Estimate { value, lower, upper }: Estimate) -> Estimate {
        let show = self.show;
        Estimate { value: show(value), lower: show(lower), upper: show(upper) }
    }
}

/// The recommended line and its band, under one name; broad, for the line of its method to be seen
/// upon it. A point where only the present is known.
fn recommended(known: &[(f64, Estimate)], least: f64) -> Vec<Layer> {
    let name = || "forecast, with interval".to_owned();
    let held = |value: f64| value.max(least);
    if let [(at, now)] = known {
        let name = "now, with interval".to_owned();
        let (points, intervals) =
            (vec![(*at, held(now.value))], vec![(held(now.lower), now.upper)]);
        return vec![Points { name, points, intervals, color: CHOSEN, ..Points::default() }.into()];
    }
    let nodes = known.iter().map(|(x, e)| (*x, held(e.lower), held(e.upper))).collect();
    let points = known.iter().map(|(x, e)| (*x, held(e.value))).collect();
    vec![
        Band { name: name(), nodes, color: CHOSEN }.into(),
        Line { name: name(), points, color: CHOSEN, width: 3.4, ..Line::default() }.into(),
    ]
}

/// The curve of accumulation; none where nothing of it is known.
fn seen(counts: &ActivationCounts, diagnosis: &Diagnosis, forecasts: &[Forecast]) -> Option<Panel> {
    let (found, per_unit) = (diagnosis.seen as f64, counts.samples() / counts.units());
    let curve: Vec<(f64, f64)> = parts(counts, diagnosis, 0.0)
        .into_iter()
        .filter_map(|part| Some((part * per_unit, counts.seen_in(part).ok()?)))
        .collect();
    let ahead = Ahead {
        forecasts,
        samples: counts.samples(),
        quantity: |ahead| &ahead.new_features,
        now: Estimate { value: 0.0, lower: 0.0, upper: 0.0 },
        rises: true,
        show: &|new| found + new,
    };
    let (lines, known) = (ahead.methods(), ahead.known());
    if curve.is_empty() && known.len() < 2 {
        return None;
    }
    let total = diagnosis.total.map(|total| total as f64);
    let bounded = known
        .iter()
        .map(|(_, estimate)| estimate.upper)
        .chain([found])
        .chain(total)
        .fold(0.0, f64::max);
    let tallest =
        lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(bounded, f64::max);
    let top = 1.08 * tallest.min(TALLEST * bounded);
    let mut panel = Panel::new(
        "features seen",
        Axis::log("samples", ""),
        Axis::linear("features seen", "").range(0.0, top),
    );
    panel.layers.extend(total.map(|total| {
        let all = if total == 1.0 {
            "the one feature there is".into()
        } else {
            format!("all {total:.0} features")
        };
        Layer::from(Reference::horizontal(total, all))
    }));
    if known.len() > 1 {
        panel.layers.extend(recommended(&known, 0.0));
    }
    panel.layers.extend(lines.into_iter().map(Layer::from));
    Some(until_now(panel, curve, counts.samples()))
}

/// The share of activations that falls to features not seen yet; none where nothing of it is known.
fn unseen(
    counts: &ActivationCounts,
    diagnosis: &Diagnosis,
    forecasts: &[Forecast],
) -> Option<Panel> {
    let (total, per_unit) = (diagnosis.total_activity, counts.samples() / counts.units());
    let share = |part: f64| (part / total).min(1.0);
    let curve: Vec<(f64, f64)> = parts(counts, diagnosis, 1.0)
        .into_iter()
        .filter_map(|part| Some((part * per_unit, share(counts.unseen_activity_after(part).ok()?))))
        .collect();
    let now = diagnosis.unseen.map(|unseen| unseen.activity);
    let quantity: fn(&Forecast) -> &Prediction = |ahead| &ahead.unseen_activity;
    let none = Estimate { value: f64::NAN, lower: f64::NAN, upper: f64::NAN };
    let ahead = Ahead {
        forecasts,
        samples: counts.samples(),
        quantity,
        now: now.unwrap_or(none),
        rises: false,
        show: &share,
    };
    let known = if now.is_some() { ahead.known() } else { Vec::new() };
    if curve.is_empty() && known.len() < 2 {
        return None;
    }
    let lines = ahead.methods();
    // As deep as what is known goes, and no deeper than a thousandth of what can be unseen now.
    let first = curve.iter().map(|point| point.1).fold(0.0, f64::max);
    let most = known.first().map_or(first, |(_, now)| now.upper).max(1e-12);
    let values = curve
        .iter()
        .map(|point| point.1)
        .chain(known.iter().flat_map(|(_, e)| [e.value, e.upper, e.lower]));
    let least = values.filter(|value| *value >= DEEPEST * most).fold(most, f64::min);
    let top = first.max(most);
    let logarithmic = top > 0.0 && least < 0.5 * top;
    let mut y =
        Axis::log("share of activations in features not seen yet", "").range(0.7 * least, 1.0);
    if !logarithmic {
        y = Axis { scale: Scale::Linear, ..y }.range(0.0, if top > 1e-9 { 1.1 * top } else { 1.0 });
    }
    let mut panel = Panel::new("activity unseen", Axis::log("samples", ""), y);
    if !known.is_empty() {
        panel.layers.extend(recommended(&known, if logarithmic { 0.1 * least } else { 0.0 }));
    }
    panel.layers.extend(lines.into_iter().map(Layer::from));
    Some(until_now(panel, curve, counts.samples()))
}

/// The curve of random parts of the data, and where they end.
fn until_now(mut panel: Panel, curve: Vec<(f64, f64)>, samples: f64) -> Panel {
    if !curve.is_empty() {
        let name = "random parts of the data".into();
        let line = Line { name, points: curve, color: Color::Ink, width: 2.2, ..Line::default() };
        panel.layers.push(line.into());
    }
    panel.layers.push(Reference::vertical(samples, "now").into());
    panel.legend(Legend::Below)
}

/// Features per count, in bins that grow with it, and the laws fitted to them.
fn histogram(counts: &ActivationCounts, diagnosis: &Diagnosis) -> Panel {
    let bins = bins(counts.units() as u64);
    let middle = |(low, high): (u64, u64)| ((low + 1) as f64 * high as f64).sqrt();
    let width = |(low, high): (u64, u64)| (high - low) as f64;
    let (mut points, mut intervals) = (Vec::new(), Vec::new());
    for &bin in &bins {
        let found =
            counts.active_at_least(bin.0 + 1) - counts.active_at_least(bin.1.saturating_add(1));
        if found > 0 {
            // The spread of a Poisson number; from one feature on a log axis half of it shows.
            let (found, reach) = (found as f64, 1.96 * (found as f64).sqrt());
            points.push((middle(bin), found / width(bin)));
            intervals.push(((found - reach).max(0.5) / width(bin), (found + reach) / width(bin)));
        }
    }
    let unit = if counts.grouped() { "groups" } else { "samples" };
    let heights = || points.iter().map(|point| point.1);
    let floor = 0.3 * heights().fold(f64::INFINITY, f64::min);
    let ends = intervals.iter().map(|ends| ends.0).fold(floor, f64::min);
    let top = 3.0 * heights().fold(0.0, f64::max);
    let last = points.last().map_or(1.0, |point| point.0);
    let line = |method: Method, end: u64, of: &dyn Fn(u64, u64) -> f64| -> Option<Layer> {
        let &(_, name, color, dash) = METHODS.iter().find(|known| known.0 == method)?;
        let inside = bins.iter().filter(|bin| bin.1 <= end && middle(**bin) <= last);
        let values = inside.map(|&bin| (middle(bin), of(bin.0, bin.1) / width(bin)));
        let points: Vec<(f64, f64)> = values.filter(|at| at.1 > floor).collect();
        let shown = points.len() > 1;
        shown.then(|| Line { name: name.into(), points, color, dash, ..Line::default() }.into())
    };
    let mut panel = Panel::new(
        "counts",
        Axis::log(format!("{unit} in which a feature is active"), "")
            .range(0.7, 1.4 * last.max(7.0)),
        Axis::log("features per count", "").range(0.8 * ends, top),
    );
    if let Some(fit) = &diagnosis.activity {
        let power = |low: u64, high: u64| {
            fit.law().features_between(counts.units(), low as f64, high as f64)
        };
        panel.layers.extend(line(Method::PowerLaw, fit.max_count, &power));
    }
    for candidate in &diagnosis.candidates {
        let Some(law) = candidate.law else { continue };
        let mixed = |low: u64, high: u64| law.features_between(low, high, counts.units());
        panel.layers.extend(line(candidate.method, law.max_count, &mixed));
    }
    let name = "counted (95 %)".into();
    panel
        .with(Points { name, points, intervals, color: Color::Ink, ..Points::default() })
        .legend(Legend::Below)
}

/// Counts `low < k ≤ high`: one each up to 8, then a quarter wide.
fn bins(largest: u64) -> Vec<(u64, u64)> {
    let mut edges = vec![0];
    while let Some(&low) = edges.last().filter(|low| **low < largest) {
        edges.push((low + 1 + if low < 8 { 0 } else { low / 4 }).min(largest));
    }
    edges.windows(2).map(|pair| (pair[0], pair[1])).collect()
}
