//! A diagnosis as a figure: the law of activity with its window, and what is unseen as data grow.

use asymscale::fitting::diagnosis::{ActivationCounts, Diagnosis, Estimate, Forecast, Prediction};
use asymscale_plots::{Axis, Color, Dash, Figure, Layer, Line, Marker, Panel, Points, Reference};

/// Factors at which lines are drawn, besides those that are asked for: up to the largest of them.
pub(super) fn factors(asked: &[f64]) -> Vec<f64> {
    let last = asked.iter().copied().fold(2.0, f64::max);
    (1..=32).map(|k| last.powf(f64::from(k) / 32.0)).collect()
}

/// `ahead` are forecasts at [`factors`].
pub(super) fn figure(counts: &ActivationCounts, diagnosis: &Diagnosis, ahead: &[Forecast]) -> Figure {
    Figure {
        title: "Activity of features, and what is unseen".into(),
        description: diagnosis.verdict().to_string(),
        panels: vec![law(counts, diagnosis), unseen(counts, diagnosis, ahead)],
        columns: 2,
        width: 920.0,
        height: 400.0,
        ..Figure::default()
    }
}

/// Features per count, in bins that grow with it, and the laws fitted to them.
fn law(counts: &ActivationCounts, diagnosis: &Diagnosis) -> Panel {
    let bins = bins(counts.samples() as u64 - 1);
    let middle = |(low, high): (u64, u64)| ((low + 1) as f64 * high as f64).sqrt();
    let width = |(low, high): (u64, u64)| (high - low) as f64;
    let (mut points, mut intervals) = (Vec::new(), Vec::new());
    for &bin in &bins {
        let found: usize = (bin.0 + 1..=bin.1).map(|count| counts.with_count(count)).sum();
        if found > 0 {
            // The spread of a Poisson number; from one feature on a log axis half of it shows.
            let (found, reach) = (found as f64, 1.96 * (found as f64).sqrt());
            points.push((middle(bin), found / width(bin)));
            intervals.push(((found - reach).max(0.5) / width(bin), (found + reach) / width(bin)));
        }
    }
    let mut panel = Panel::new(
        "law of activity",
        Axis::log("samples in which a feature is active, $k$", "dimensionless"),
        Axis::log("features per count", "dimensionless"),
    );
    let last = points.last().map_or(1.0, |point| point.0);
    let Some(fit) = &diagnosis.activity else {
        return panel.with(Points { name: "counted".into(), points, intervals, ..Points::default() });
    };
    let floor = 0.1 * points.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let line = |name: &str, color, dash, of: &dyn Fn(f64, f64) -> f64, (from, to): (f64, f64)| Line {
        name: name.into(),
        points: bins
            .iter()
            .map(|&bin| (middle(bin), of(bin.0 as f64, bin.1 as f64) / width(bin)))
            .filter(|at| at.0 >= from && at.0 <= to && at.1 > floor)
            .collect(),
        color,
        dash,
        ..Line::default()
    };
    let edge = fit.max_count as f64;
    let power = |low, high| fit.law().features_between(counts.samples(), low, high);
    panel.layers.push(line("power law", Color::Series(1), Dash::Solid, &power, (0.0, edge)).into());
    if edge < last {
        panel
            .layers
            .push(line("the same, continued", Color::Series(1), Dash::Dotted, &power, (edge, last)).into());
        panel.layers.push(Reference::vertical(edge, "window of the fit").into());
    }
    if let Some(bent) = fit.bent.filter(|_| fit.bends()) {
        let law = |low, high| bent.features_between(low, high);
        let window = (0.0, bent.max_count as f64);
        panel.layers.push(line("bent law", Color::Series(2), Dash::Dashed, &law, window).into());
    }
    panel.with(Points { name: "counted (95 %)".into(), points, intervals, ..Points::default() })
}

/// Counts `low < k ≤ high`: one each up to 8, then a quarter wide.
fn bins(largest: u64) -> Vec<(u64, u64)> {
    let mut edges = vec![0];
    while let Some(&low) = edges.last().filter(|low| **low < largest) {
        edges.push((low + 1 + if low < 8 { 0 } else { low / 4 }).min(largest));
    }
    edges.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The share that is unseen: in random parts of the data, in all of them, and in more.
fn unseen(counts: &ActivationCounts, diagnosis: &Diagnosis, ahead: &[Forecast]) -> Panel {
    let energy = diagnosis.unseen.energy.is_some();
    let total = if energy { diagnosis.total_energy } else { diagnosis.total_activity };
    let of =
        |forecast: &Forecast| -> Prediction { forecast.unseen_energy.unwrap_or(forecast.unseen_activity) };
    let share = |estimate: Estimate| estimate.value / total;
    let d = counts.samples();
    let line = |name: &str, number: usize, value: &dyn Fn(&Prediction) -> Option<Estimate>| -> Layer {
        let points = ahead.iter().filter_map(|at| Some((at.factor * d, share(value(&of(at))?)))).collect();
        let dash = [Dash::Solid, Dash::Dotted, Dash::Dashed, Dash::DashDot][number];
        Line { name: name.into(), points, color: Color::Series(number), dash, ..Line::default() }.into()
    };
    let mut now = diagnosis.unseen.energy_share;
    if !energy {
        now = diagnosis.unseen.activity_share;
    }
    let mut marks = vec![(d, now)];
    marks.extend(diagnosis.forecasts.iter().map(|at| {
        let Estimate { value, lower, upper } = of(at).estimate;
        (at.factor * d, Estimate { value: value / total, lower: lower / total, upper: upper / total })
    }));
    let what = if energy { "unseen share of the energy" } else { "unseen share of activations" };
    let mut panel = Panel::new(
        "what is unseen",
        Axis::log("samples $D$", "dimensionless"),
        Axis::log(what, "dimensionless"),
    );
    if !energy {
        let parts = (1..=40).map(|k| (d - 1.0).powf(f64::from(k) / 40.0));
        let curve = parts.filter_map(|part| Some((part, counts.unseen_activity_after(part).ok()? / total)));
        let name = "random parts of these data".into();
        panel
            .layers
            .push(Line { name, points: curve.collect(), color: Color::Ink, ..Line::default() }.into());
    }
    for (name, number, value) in [
        ("power law", 1, (|p: &Prediction| p.power_law) as fn(&Prediction) -> Option<Estimate>),
        ("bent law", 2, |p| p.bent_law),
        ("smoothed series", 3, |p| Some(p.smoothed).filter(|smoothed| smoothed.value > 0.0)),
    ] {
        panel.layers.push(line(name, number, &value));
    }
    panel.layers.retain(|layer| !matches!(layer, Layer::Line(line) if line.points.is_empty()));
    panel.with(Points {
        name: "now, and forecasts".into(),
        points: marks.iter().map(|(at, share)| (*at, share.value)).collect(),
        intervals: marks.iter().map(|(_, share)| (share.lower, share.upper)).collect(),
        marker: Marker::Circle,
        ..Points::default()
    })
}
