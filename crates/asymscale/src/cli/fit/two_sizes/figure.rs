//! A fit as a figure: the law along the best N and D, the runs with the law through them, and the
//! residuals.

use super::analysis::Analysis;
use crate::cli::fit::isoflop::panel::{IsoFlopCurve, isoflop};
use asymscale_numerics::{mean, sorted};
use asymscale_plots::{
    Axis, Band, Color, Dash, Figure, Legend, Line, Marker, Note, Panel, Points, Reference,
};

/// Points along a line of the law.
const NODES: usize = 60;
/// Points along the frontier, each with an interval.
const FRONTIER: usize = 25;
/// Points a panel shows at most; of more runs a part is drawn.
const DRAWN: usize = 2000;
/// From so many runs on points are outlines.
const MANY: usize = 100;
/// How far the frontier goes beyond the largest compute of the runs.
const BEYOND: f64 = 10.0;

/// `IsoFLOP` curves by themselves.
pub(in crate::cli::fit) fn of_curves(curves: &[IsoFlopCurve]) -> Figure {
    Figure {
        title: "Runs of equal compute".into(),
        panels: vec![isoflop(curves)],
        columns: 1,
        width: 560.0,
        height: 460.0,
        ..Figure::default()
    }
}

/// Loss against compute with the frontier, against N and against D with the law at three values of
/// the other, and residuals; with isoFLOP curves where these are given.
pub(in crate::cli::fit) fn figure(analysis: &Analysis, curves: &[IsoFlopCurve]) -> Figure {
    let law = analysis.fit.parameters;
    let runs = analysis.fit.runs();
    let rows = runs.thinned(DRAWN);
    let (n, d) = (runs.features(), runs.samples());
    let mut panels = vec![
        frontier(analysis, &rows),
        panel(analysis, &rows, "parameters $N$", ("D", n, d), &|n, d| law.loss(n, d)),
        panel(analysis, &rows, "tokens or examples $D$", ("N", d, n), &|d, n| law.loss(n, d)),
        residuals(analysis, &rows, "parameters $N$", n),
        residuals(analysis, &rows, "tokens or examples $D$", d),
        residuals(analysis, &rows, "fitted loss", &analysis.fit.fitted()),
    ];
    if !curves.is_empty() {
        panels[5] = isoflop(curves);
    }
    Figure {
        title: "Training runs and their law".into(),
        description: crate::cli::fit::answer::digits::digits(analysis.quality.rms)
            + " is the root mean square of the residuals of ln loss",
        panels,
        columns: 3,
        width: 1320.0,
        height: 860.0,
        ..Figure::default()
    }
}

/// Loss against compute: the runs, and the least loss of the law at each compute with its interval.
fn frontier(analysis: &Analysis, rows: &[usize]) -> Panel {
    let runs = analysis.fit.runs();
    let compute = |row: usize| analysis.factor * runs.features()[row] * runs.samples()[row];
    let at = |row: usize| (compute(row), runs.losses()[row]);
    let panel = Panel::new("", Axis::log("compute $C$", "operations"), Axis::log("loss", "")).with(
        Points {
            name: "runs".into(),
            points: rows.iter().map(|&row| at(row)).collect(),
            color: Color::Series(5),
            // Lines are drawn below points: many of these would hide the frontier.
            filled: rows.len() < MANY,
            ..Points::default()
        },
    );
    let panel = if analysis.is_shown() { with_law(panel, analysis, compute) } else { panel };
    panel.with(Points {
        name: "largest run".into(),
        points: vec![at(analysis.limits.row)],
        color: Color::Series(2),
        marker: Marker::Square,
        filled: false,
        ..Points::default()
    })
}

/// The frontier inside and beyond the runs, its band, and what is recommended.
fn with_law(panel: Panel, analysis: &Analysis, compute: impl Fn(usize) -> f64) -> Panel {
    let law = analysis.fit.parameters;
    let least = |compute: f64| {
        law.optimum(compute, analysis.factor).map(|(n, d)| (compute, law.loss(n, d)))
    };
    let (low, high) = (0..analysis.fit.runs().len())
        .map(compute)
        .fold((f64::INFINITY, 0.0_f64), |(low, high), c| (low.min(c), high.max(c)));
    let line = |name: &str, low: f64, high: f64, dash: Dash| Line {
        name: name.into(),
        points: nodes(low, high, NODES).filter_map(least).collect(),
        dash,
        ..Line::default()
    };
    let mut panel = panel
        .with(line("least loss of the law at $C$", low, high, Dash::Solid))
        .with(line("beyond the runs", high, BEYOND * high, Dash::Dashed));
    let band: Vec<(f64, f64, f64)> = nodes(low, BEYOND * high, FRONTIER)
        .filter_map(|c| analysis.least_loss(c).map(|ends| (c, ends.lower, ends.upper)))
        .collect();
    if !band.is_empty() {
        let name = format!("{} % interval of the least loss", 100.0 * analysis.level);
        panel = panel.with(Band { name, nodes: band, color: Color::Muted });
    }
    if analysis.plan.is_empty() {
        return panel;
    }
    let best =
        |step: &super::next::Step| (step.budget.allocation.compute, step.budget.allocation.loss);
    panel.with(Points {
        name: "best N and D at its compute, at ten times".into(),
        points: analysis.plan.iter().map(best).collect(),
        color: Color::Series(1),
        marker: Marker::Diamond,
        ..Points::default()
    })
}

/// Numbers from the first to the last at equal ratios.
fn nodes(low: f64, high: f64, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |k| low * (high / low).powf(k as f64 / (count - 1) as f64))
}

/// Loss against one size, with the law at a middle of each third of the other. A run has some other
/// value of that: its loss is carried to the line along the law, so that its distance from the line
/// is its residual.
fn panel(
    analysis: &Analysis,
    drawn: &[usize],
    label: &str,
    (other, x, by): (&str, &[f64], &[f64]),
    law: &dyn Fn(f64, f64) -> f64,
) -> Panel {
    let losses = analysis.fit.runs().losses();
    let sorted = sorted(drawn.iter().map(|&row| by[row]));
    let third = |value: f64| 3 * sorted.partition_point(|v| *v < value) / sorted.len();
    let (low, high) =
        x.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
    // Rows of several kinds have no law that could carry them.
    let alone = analysis.mixed.is_some();
    let axis =
        if alone { "loss".to_owned() } else { format!("loss, at the ${other}$ of its line") };
    let mut panel = Panel::new("", Axis::log(label, ""), Axis::log(axis, "")).legend(Legend::Auto);
    for part in 0..3 {
        let rows: Vec<usize> =
            drawn.iter().copied().filter(|&row| third(by[row]) == part).collect();
        if rows.is_empty() {
            continue;
        }
        let middle = mean(rows.iter().map(|&row| by[row].ln())).exp();
        let carried = |&row: &usize| {
            (
                x[row],
                losses[row] * if alone { 1.0 } else { law(x[row], middle) / law(x[row], by[row]) },
            )
        };
        let what = if alone { "runs" } else { "runs and law" };
        let name = format!("{what}, ${other}$ near {middle:.1e}");
        panel = if alone {
            panel
        } else {
            panel.with(Line {
                name: name.clone(),
                points: nodes(low, high, NODES).map(|x| (x, law(x, middle))).collect(),
                color: Color::Series(part),
                dash: [Dash::Solid, Dash::Dashed, Dash::Dotted][part],
                ..Line::default()
            })
        };
        panel = panel.with(Points {
            name,
            points: rows.iter().map(carried).collect(),
            color: Color::Series(part),
            marker: Marker::series(part),
            ..Points::default()
        });
    }
    panel
}

/// Residuals against a size; the worst rows carry their place in the file.
fn residuals(analysis: &Analysis, rows: &[usize], label: &str, x: &[f64]) -> Panel {
    let losses = analysis.fit.runs().losses();
    let fitted = analysis.fit.fitted();
    let at = |row: usize| (x[row], 100.0 * (losses[row] / fitted[row] - 1.0));
    let worst: Vec<(usize, (f64, f64))> =
        analysis.quality.worst.iter().map(|(row, _)| (*row, at(*row))).collect();
    let mut panel =
        Panel::new("", Axis::log(label, ""), Axis::linear("loss / fitted loss − 1", "%"))
            .with(Reference::horizontal(0.0, ""))
            .with(Points {
                name: "runs".into(),
                points: rows.iter().map(|&row| at(row)).collect(),
                ..Points::default()
            })
            .with(Points {
                name: "largest residuals".into(),
                points: worst.iter().map(|(_, at)| *at).collect(),
                color: Color::Series(2),
                marker: Marker::Square,
                filled: false,
                ..Points::default()
            });
    let most = worst.first().map_or(1.0, |(_, at)| at.1.abs());
    for (place, mut rows) in places(&worst, most, x) {
        rows.sort_unstable();
        let text = analysis.lines.name(&rows);
        panel = panel.with(Note { text, at: place, color: Color::Ink });
    }
    panel
}

/// The places of the labels of the worst rows: further from zero than their points. Labels that
/// would overlap are one label.
fn places(worst: &[(usize, (f64, f64))], most: f64, x: &[f64]) -> Vec<((f64, f64), Vec<usize>)> {
    let (low, high) =
        x.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
    let wide = (high / low).ln().max(1e-9);
    let mut found: Vec<((f64, f64), Vec<usize>)> = Vec::new();
    for (row, (x, y)) in worst {
        let place = (*x, y + 0.14 * most * y.signum());
        let near = |((other, height), _): &&mut ((f64, f64), Vec<usize>)| {
            (other.ln() - x.ln()).abs() < 0.3 * wide && (*height - place.1).abs() < 0.12 * most
        };
        match found.iter_mut().find(near) {
            Some((_, rows)) => rows.push(*row),
            None => found.push((place, vec![*row])),
        }
    }
    found
}
