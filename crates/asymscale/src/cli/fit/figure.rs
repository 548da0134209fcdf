//! A fit as a figure: the runs with the law through them, and the residuals.

use super::analysis::Analysis;
use asymscale_plots::{Axis, Color, Dash, Figure, Legend, Line, Marker, Panel, Points, Reference};

/// Points along a line of the law.
const NODES: usize = 60;

/// Points a panel shows at most; of more runs every so many-th is drawn.
const DRAWN: usize = 2000;

/// Loss against N and against D with the law at three values of the other, and residuals.
pub(super) fn figure(analysis: &Analysis) -> Figure {
    let runs = analysis.fit.runs();
    let law = analysis.fit.parameters;
    let (n, d) = (runs.features(), runs.samples());
    let in_features = panel(analysis, "parameters $N$", ("D", n, d), &|n, d| law.loss(n, d));
    let in_samples = panel(analysis, "tokens or examples $D$", ("N", d, n), &|d, n| law.loss(n, d));
    Figure {
        title: "Training runs and their law".into(),
        panels: vec![in_features, in_samples, residuals(analysis)],
        columns: 3,
        width: 1200.0,
        height: 400.0,
        ..Figure::default()
    }
}

/// Loss against one size, with the law at a middle of each third of the other. A run has some other value of that: its loss is
/// carried to the line along the law, so that its distance from the line is its residual.
fn panel(
    analysis: &Analysis,
    label: &str,
    (other, x, by): (&str, &[f64], &[f64]),
    law: &dyn Fn(f64, f64) -> f64,
) -> Panel {
    let losses = analysis.fit.runs().losses();
    let mut sorted = by.to_vec();
    sorted.sort_by(f64::total_cmp);
    let third = |value: f64| 3 * sorted.partition_point(|v| *v < value) / sorted.len();
    let (low, high) = x.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), &x| (low.min(x), high.max(x)));
    let mut panel =
        Panel::new("", Axis::log(label, ""), Axis::log(format!("loss, at the ${other}$ of its line"), ""))
            .legend(Legend::Auto);
    for part in 0..3 {
        let rows: Vec<usize> = (0..x.len()).filter(|&row| third(by[row]) == part).collect();
        if rows.is_empty() {
            continue;
        }
        let middle = (rows.iter().map(|&row| by[row].ln()).sum::<f64>() / rows.len() as f64).exp();
        let carried = |&row: &usize| (x[row], losses[row] * law(x[row], middle) / law(x[row], by[row]));
        let at = |k: usize| low * (high / low).powf(k as f64 / (NODES - 1) as f64);
        panel = panel
            .with(Line {
                points: (0..NODES).map(|k| (at(k), law(at(k), middle))).collect(),
                color: Color::Series(part),
                dash: [Dash::Solid, Dash::Dashed, Dash::Dotted][part],
                ..Line::default()
            })
            .with(Points {
                name: format!("${other}$ near {middle:.1e}"),
                points: rows.iter().step_by(1 + x.len() / DRAWN).map(carried).collect(),
                color: Color::Series(part),
                marker: Marker::series(part),
                ..Points::default()
            });
    }
    panel
}

fn residuals(analysis: &Analysis) -> Panel {
    let fit = &analysis.fit;
    let pairs = fit.fitted().into_iter().zip(fit.runs().losses());
    let every = 1 + fit.runs().len() / DRAWN;
    let points = pairs.step_by(every).map(|(fitted, loss)| (fitted, 100.0 * (loss / fitted - 1.0))).collect();
    Panel::new("", Axis::log("fitted loss", ""), Axis::linear("loss / fitted loss − 1", "%"))
        .with(Reference::horizontal(0.0, ""))
        .with(Points { points, ..Points::default() })
}
