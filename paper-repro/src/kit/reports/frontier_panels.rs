//! Panels of the compute-optimal frontier.

use super::splits::{BestSplits, Rungs, SplitQuantity};
use super::statistics::bootstrap_interval;
use crate::kit::{SEED, log_space};
use crate::{ChapterError, draw};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_plots::{ColorMap, Contours, Grid, Heat, Legend, Panel, Reference, Scale};
use asymscale_sweep::Table;
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
    for (number, compute) in [SIMULATED, 1e5, 1e6].into_iter().enumerate() {
        let loss = |n: f64| -> Result<_, ChapterError> {
            Ok((n, SampleTheory::new(model, compute / n)?.loss(n)?))
        };
        let points: Result<Vec<_>, _> =
            log_space(4.0, compute / 8.0, 160).into_iter().map(loss).collect();
        panel = panel.with(draw::named(format!("$C = 10^{}$", 4 + number), number, points?));
        let budget = Budget { compute, factor: 1.0, ridge: Ridge::Fixed(0.0), noise: 0.0 };
        let best = frontier(model, budget)?.best();
        let name = format!("best of $10^{}$", 4 + number);
        panel = panel.with(draw::marks(name, number, vec![(best.features, best.loss)], vec![]));
    }
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
    Ok(panel.with(draw::marks("simulation, $10^4$", 3, points, intervals)))
}

/// The best model size or its loss against the budget: of each kind of data its name, rows of
/// theory with columns `compute`, `features` and `loss`, and simulated splits.
///
/// # Errors
/// If a column is missing.
pub fn growth_panel(
    quantity: SplitQuantity,
    kinds: &[(&str, &Table, &BestSplits)],
) -> Result<Panel, ChapterError> {
    let label = match quantity {
        SplitQuantity::Features => "best model size $N^*$",
        SplitQuantity::Loss => "best loss $L^*$",
    };
    let mut panel = Panel::new(label, draw::log("compute $C = ND$"), draw::log(label));
    for (number, (name, theory, splits)) in kinds.iter().enumerate() {
        let values = theory.floats(quantity.name())?;
        let line = theory.floats("compute")?.into_iter().zip(values).collect();
        panel = panel.with(draw::named(format!("theory, {name}"), number, line));
        let (points, intervals) = splits.simulated(quantity);
        panel = panel.with(draw::marks(format!("simulation, {name}"), number, points, intervals));
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
    let mut panel =
        Panel::new("over the threshold", draw::log("compute $C = ND$"), draw::log("$N^*/r$"))
            .legend(Legend::Below);
    for (number, (name, rows)) in kinds.enumerate() {
        let (compute, features, threshold) =
            (rows.floats("compute")?, rows.floats("features")?, rows.floats("threshold")?);
        let points = compute
            .into_iter()
            .zip(features.into_iter().zip(threshold).map(|(n, r)| n / r))
            .collect();
        panel = panel.with(draw::marks(name, number, points, vec![]));
    }
    Ok(limits.fold(panel, |panel, limit| panel.with(Reference::horizontal(limit, ""))))
}

/// The map of which side of the threshold has the lower loss, over both exponents, from the rows of
/// one law of amplitudes.
///
/// # Errors
/// If a column is missing.
pub fn side_panel(rows: &Table, amplitude: Amplitude) -> Result<Panel, ChapterError> {
    let (name, mut values) = (amplitude.to_string(), Vec::new());
    let (mut alphas, mut betas) = (Vec::new(), Vec::new());
    for (_, row) in
        rows.matching("task", "map")?.matching("name", name.as_str())?.group_by(&["samples"])?
    {
        alphas = row.floats("features")?;
        betas.push(row.floats("samples")?[0]);
        values.extend(row.floats("ratio")?);
    }
    let grid = Grid { x: alphas, y: betas, values };
    let (alpha, beta) =
        (draw::linear("spectral exponent $α$"), draw::linear("activity exponent $β$"));
    let colors = draw::log("$L_{under}/L_{over}$").range(0.3, 3.0);
    Ok(Panel::new(name, alpha, beta)
        .with(Heat { grid: grid.clone(), colors, map: ColorMap::Diverging(1.0) })
        .with(Contours { grid, levels: vec![1.0], scale: Scale::Log, ..Contours::default() }))
}
