//! Panels of the compute-optimal frontier.

use super::splits::{BestSplits, Rungs, SplitQuantity};
use super::statistics::bootstrap_interval;
use crate::kit::{SEED, log_space};
use crate::{ChapterError, FigureWithData, draw};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_plots::{
    Color, ColorMap, Contours, Dash, Figure, Grid, Heat, Legend, Line, Panel, Scale,
};
use asymscale_sweep::{Table, Tolerance as Drift, row};
use asymscale_theory::{Budget, Ridge, SampleTheory, frontier};

/// The smallest of the three budgets, at which the simulation is drawn too.
const SIMULATED: f64 = 1e4;

/// The loss of a model along three budgets with the best split of each, and simulated means along
/// the smallest.
///
/// # Errors
/// As theory.
pub fn budget_panel(model: &SparseModel, rungs: &Rungs) -> Result<Panel, ChapterError> {
    let mut panel = Panel::new(
        "one budget a line",
        draw::log("features $N$"),
        draw::log("population loss $L$").range(3e-3, 10.0),
    );
    let all: Vec<usize> = (0..rungs.designs[0].len()).collect();
    let shown = (0..rungs.samples.len())
        .filter(|rung| SIMULATED / rungs.samples[*rung] > 1.5 * rungs.largest_rank(*rung))
        .collect::<Vec<_>>();
    let mean = |rung: &usize| {
        let features = SIMULATED / rungs.samples[*rung];
        (features, rungs.mean(*rung, SIMULATED, all.iter().copied()))
    };
    let interval = |rung: &usize| {
        bootstrap_interval(&all, SEED, |picked| {
            rungs.mean(*rung, SIMULATED, picked.iter().map(|k| **k))
        })
    };
    let (points, intervals) =
        (shown.iter().map(mean).collect(), shown.iter().map(interval).collect());
    panel = panel.with(draw::marks("simulation, $C = 10^4$", 3, points, intervals));
    for (number, compute) in [SIMULATED, 1e5, 1e6].into_iter().enumerate() {
        let loss = |n: f64| -> Result<_, ChapterError> {
            Ok((n, SampleTheory::new(model, compute / n)?.loss(n)?))
        };
        let points: Result<Vec<_>, _> =
            log_space(4.0, compute / 8.0, 300).into_iter().map(loss).collect();
        let budget = Budget { compute, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
        let best = frontier(model, budget)?.best();
        let name = format!("$C = 10^{}$, and its best", 4 + number);
        panel = panel.with(draw::named(&name, number, points?)).with(draw::marks(
            &name,
            number,
            vec![(best.features, best.loss)],
            vec![],
        ));
    }
    Ok(panel)
}

/// The best model size or its loss against the budget, over what they would be if both went with
/// its square root: of each kind of data its name, rows of theory with columns `compute`,
/// `features` and `loss`, and simulated splits.
///
/// # Errors
/// If a column is missing.
pub fn growth_panel(
    quantity: SplitQuantity,
    kinds: &[(&str, &Table, &BestSplits)],
) -> Result<Panel, ChapterError> {
    let (title, label, power) = match quantity {
        SplitQuantity::Features => ("best model size", "$N^* C^{-1/2}$", -0.5),
        SplitQuantity::Loss => ("best loss", "$L^* C^{1/2}$", 0.5),
    };
    let scaled = |(compute, value): (f64, f64)| (compute, value * compute.powf(power));
    let mut panel = Panel::new(title, draw::log("compute $C = ND$"), draw::log(label));
    for (number, (name, theory, splits)) in kinds.iter().enumerate() {
        let values = theory.floats(quantity.name())?;
        let line = theory.floats("compute")?.into_iter().zip(values).map(scaled).collect();
        let (points, intervals) = splits.simulated(quantity);
        let intervals = points
            .iter()
            .zip(intervals)
            .map(|((c, _), (low, high))| (low * c.powf(power), high * c.powf(power)))
            .collect();
        let points = points.into_iter().map(scaled).collect();
        panel = panel
            .with(draw::named(*name, number, line))
            .with(draw::marks(*name, number, points, intervals));
    }
    Ok(panel)
}

/// The best model size over the threshold against the budget: of each kind of data its name and
/// rows of theory with columns `compute`, `features` and `threshold`; and horizontal lines at the
/// limits.
///
/// # Errors
/// If a column is missing.
pub fn threshold_panel(
    kinds: impl Iterator<Item = (String, Table)>,
    limits: impl Iterator<Item = f64>,
) -> Result<Panel, ChapterError> {
    let panel =
        Panel::new("over the threshold", draw::log("compute $C = ND$"), draw::log("$N^*/r$"))
            .legend(Legend::Below);
    let (mut marks, mut from, mut to) = (Vec::new(), f64::INFINITY, 0.0_f64);
    for (number, (name, rows)) in kinds.enumerate() {
        let (compute, features, threshold) =
            (rows.floats("compute")?, rows.floats("features")?, rows.floats("threshold")?);
        (from, to) = compute.iter().fold((from, to), |(a, b), c| (a.min(*c), b.max(*c)));
        let points = compute
            .into_iter()
            .zip(features.into_iter().zip(threshold).map(|(n, r)| n / r))
            .collect();
        marks.push(draw::marks(name, number, points, vec![]));
    }
    let line = |limit| Line {
        name: "limits".into(),
        points: vec![(from, limit), (to, limit)],
        color: Color::Muted,
        dash: Dash::Dashed,
        width: 1.0,
    };
    let panel = limits.map(line).fold(panel, Panel::with);
    Ok(marks.into_iter().fold(panel, Panel::with))
}

/// The figure of which side of the threshold has the lower loss, over both exponents: a map for
/// each law of amplitudes.
///
/// # Errors
/// If a column is missing.
pub fn side_figure(rows: &Table, name: &str) -> Result<FigureWithData, ChapterError> {
    let rows = rows.matching("task", "map")?;
    let (mut panels, mut data) = (Vec::new(), Table::default());
    for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
        let rows = rows.matching("name", amplitude.to_string())?;
        panels.push(side_panel(&rows, amplitude)?);
        let (alphas, betas) = (rows.floats("features")?, rows.floats("samples")?);
        for ((alpha, beta), ratio) in alphas.into_iter().zip(betas).zip(rows.floats("ratio")?) {
            data.push(row! { amplitude: amplitude.to_string(), alpha, beta, ratio })?;
        }
    }
    let title = "Which side of the threshold has the lower loss".into();
    Ok(FigureWithData {
        name: name.into(),
        caption: "Least loss with fewer features than the threshold over least loss with more, at one budget: above 1 (purple) the larger model wins".into(),
        figure: Figure { title, panels, columns: 2, width: 900.0, height: 400.0, ..Figure::default() },
        data,
        keys: &["amplitude", "alpha", "beta"],
        drift: &[("ratio", Drift { absolute: 0.0, relative: 1e-3 })],
    })
}

fn side_panel(rows: &Table, amplitude: Amplitude) -> Result<Panel, ChapterError> {
    let (mut alphas, mut betas, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (_, row) in rows.group_by(&["samples"])? {
        alphas = row.floats("features")?;
        betas.push(row.floats("samples")?[0]);
        values.extend(row.floats("ratio")?);
    }
    let grid = Grid { x: alphas, y: betas, values };
    let title = match amplitude {
        Amplitude::Gaussian => "Gaussian amplitudes",
        Amplitude::Rademacher => "Rademacher amplitudes",
    };
    let (alpha, beta) =
        (draw::linear("spectral exponent $α$"), draw::linear("activity exponent $β$"));
    let colors = draw::log("$L_{under}/L_{over}$").range(0.3, 3.0);
    // Both ends of the map are dark: in grey the levels beside 1 tell them apart.
    let levels = vec![0.5, 1.0, 2.0];
    Ok(Panel::new(title, alpha, beta)
        .with(Heat { grid: grid.clone(), colors, map: ColorMap::Diverging(1.0) })
        .with(Contours { grid, levels, scale: Scale::Log, ..Contours::default() }))
}
