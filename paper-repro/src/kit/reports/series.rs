//! The loss of a learner on one kind of data along a ladder of sizes, beside what theory says.

use super::ladders::{Ladder, Logarithm, Rung};
use super::names::learner_in_words;
use crate::kit::{Case, Learner, log_space};
use crate::{ChapterError, Finding, Measured, Prediction, Tolerance, draw};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_montecarlo::Estimate;
use asymscale_plots::{Color, Dash, Legend, Line, Panel, Points};
use asymscale_sweep::{SweepError, Table, Tolerance as Drift, row};
use asymscale_theory::{KernelTheory, OrthogonalModes, SampleTheory};

/// One learner on one kind of data.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The data.
    pub case: Case,
    /// The exponent of their spectrum.
    pub alpha: f64,
    /// The learner.
    pub learner: Learner,
    /// Whether sizes are numbers of features; of samples otherwise.
    pub in_features: bool,
    /// What was measured.
    pub ladder: Ladder,
    /// The loss of linear features: in features the exact one of the same designs, in samples
    /// theory's, for as many samples as collisions of rare coordinates leave.
    pub linear: Vec<f64>,
    /// Theory's loss of the learner, with the even modes of its kernel, where they were measured;
    /// that of linear features elsewhere.
    pub theory: Vec<f64>,
    /// Both theories on a fine grid of sizes, where the even modes were measured.
    curves: Option<Curves>,
}

/// Theory along a fine grid of sizes.
#[derive(Debug, Clone, PartialEq)]
struct Curves {
    linear: Vec<(f64, f64)>,
    learner: Vec<(f64, f64)>,
}

/// Sizes of the grid of [`Curves`].
const FINE: usize = 60;

impl Series {
    /// Reads rows of [`paired_rows`](crate::kit::paired_rows); with `blind`, losses lack the unseen
    /// mass and theory knows of no even modes.
    ///
    /// # Errors
    /// If columns or rows are missing; as theory.
    pub fn read(
        rows: &Table,
        (case, alpha): (Case, f64),
        learner: Learner,
        in_features: bool,
        blind: bool,
    ) -> Result<Self, ChapterError> {
        let rows = rows.filter(|row| row.text("case") == Some(case.name));
        let rows = rows.matching("learner", learner.name)?;
        let ladder = Ladder::read(&rows, in_features, blind)?;
        let model = case.model(alpha)?;
        let linear = linear(&ladder, &model, in_features)?;
        let even = learner.activation.linear_part().filter(|_| !blind && measures_modes(&rows));
        let (theory, curves) = match even {
            Some(scale) => {
                let (theory, curves) = nonlinear(&rows, &ladder, &model, scale, in_features)?;
                (theory, Some(curves))
            }
            None => (linear.clone(), None),
        };
        Ok(Self { case, alpha, learner, in_features, ladder, linear, theory, curves })
    }

    /// Learner and data, the name of its findings.
    pub fn name(&self) -> String {
        format!("{}-{}", self.learner.name, self.case.label)
    }

    /// The sizes of its rungs.
    pub fn sizes(&self) -> Vec<f64> {
        self.ladder.rungs.iter().map(|rung| rung.size).collect()
    }

    /// What sizes count.
    pub fn size(&self) -> &'static str {
        if self.in_features { "features" } else { "samples" }
    }

    /// The exponent of losses, one per rung, fitted over the ladder as the measured ones are.
    pub fn slope(&self, losses: &[f64]) -> f64 {
        self.ladder.slope(&losses.iter().map(|loss| loss.ln()).collect::<Vec<_>>())
    }
}

/// Across machines the last bits of a factorisation differ, and the numerical ridge of 1e-10
/// amplifies them.
const SIMULATED: Drift = Drift { absolute: 0.0, relative: 1e-4 };

/// How far the columns of [`series_table`] may drift.
pub const SERIES_DRIFT: [(&str, Drift); 5] = [
    ("loss", SIMULATED),
    ("error", SIMULATED),
    ("linear", SIMULATED),
    ("unseen", SIMULATED),
    ("theory", SIMULATED),
];

/// A row per learner, kind of data and size.
///
/// # Errors
/// None but those of the table, which these rows cannot cause.
pub fn series_table(all: &[Series]) -> Result<Table, SweepError> {
    let mut data = Table::default();
    for series in all {
        for ((rung, linear), theory) in
            series.ladder.rungs.iter().zip(&series.linear).zip(&series.theory)
        {
            let loss = Estimate::of(&rung.losses);
            data.push(row! {
                case: series.case.name, learner: series.learner.name, size: rung.size,
                designs: rung.losses.len() as i64, loss: loss.mean, error: loss.standard_error,
                linear: *linear, unseen: Estimate::of(&rung.unseen).mean, theory: *theory
            })?;
        }
    }
    Ok(data)
}

/// For which series the exponent of linear features was measured to persist, for which not, and for
/// which neither is known, whatever was predicted: by whether the 95 % interval of the exponent of
/// the loss over that of linear features lies below `none`, above it, or holds it.
pub fn growth_condition<'a>(all: impl Iterator<Item = &'a Series>, none: f64) -> String {
    let (mut persists, mut lost, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for series in all {
        let ratio = |rung: &Rung| Logarithm::ratio(&rung.whole, &rung.linear);
        let (_, (low, high)) = series.ladder.exponent(ratio);
        let Series { case, alpha, learner, .. } = series;
        let signs = if case.label == case.name { "" } else { ", Rademacher" };
        let learner = learner_in_words(learner);
        let name = format!("{learner} ({alpha}, {}, {}{signs})", case.beta, case.onset);
        let group = match (low > none, high < none) {
            (_, true) => &mut persists,
            (true, _) => &mut lost,
            _ => &mut open,
        };
        group.push(name);
    }
    let kinds =
        [("the exponent persists for", persists), ("not for", lost), ("not known for", open)];
    let known = kinds.into_iter().filter(|(_, names)| !names.is_empty());
    let texts: Vec<_> = known.map(|(kind, names)| format!("{kind} {}", names.join(", "))).collect();
    format!("at (α, β, c) {}", texts.join("; "))
}

/// The loss of several series over that of linear features, with lines of the predicted exponent of
/// that ratio through the middle of each ladder.
pub fn ratio_panel(title: &str, all: &[(&Series, f64)]) -> Panel {
    let y = draw::log("loss over that of linear features");
    let mut panel = Panel::new(title, draw::log("samples $D$"), y).legend(Legend::Below);
    for (number, (series, exponent)) in all.iter().enumerate() {
        let ratio = |rung: &Rung| Logarithm::ratio(&rung.whole, &rung.linear).interval();
        let rungs: Vec<_> =
            series.ladder.rungs.iter().map(|rung| (rung.size, ratio(rung))).collect();
        let (first, last) = (rungs[0], rungs[rungs.len() - 1]);
        let middle = (first.0 * last.0).sqrt();
        let level = rungs.iter().map(|rung| rung.1.0.ln()).sum::<f64>() / rungs.len() as f64;
        let at = |size: f64| (size, (level + exponent * (size / middle).ln()).exp());
        let Series { case, alpha, learner, .. } = series;
        let signs = if case.label == case.name { "" } else { ", Rademacher" };
        let name = format!(
            "{}: $α$ = {alpha}, $β$ = {}, $c$ = {}{signs}",
            learner_in_words(learner),
            case.beta,
            case.onset
        );
        let points = rungs.iter().map(|rung| (rung.0, rung.1.0)).collect();
        let intervals = rungs.iter().map(|rung| rung.1.1).collect();
        // Colours and shapes come around after six, hollow the second time.
        let marks = draw::marks("", number, points, intervals);
        let measured = Points { filled: number < 6, ..marks };
        let line = vec![at(first.0), at(last.0)];
        panel = draw::both(name, number, line, measured).into_iter().fold(panel, Panel::with);
    }
    panel
}

/// The panel of one kind of data: theory on a fine grid of sizes, and every learner.
pub fn series_panel(all: &[Series], case: &Case) -> Panel {
    let own: Vec<&Series> = all.iter().filter(|series| series.case.name == case.name).collect();
    let first = own[0];
    let symbol = if first.in_features { "N" } else { "D" };
    let law = if case.amplitude == Amplitude::Rademacher { ", Rademacher" } else { "" };
    let title = format!("in {}: $α$ = {}, $β$ = {}{law}", first.size(), first.alpha, case.beta);
    let line = |name: &str, dash: Dash, points: &[(f64, f64)]| {
        let points = points.to_vec();
        Line { name: name.into(), points, color: Color::Ink, dash, ..Line::default() }
    };
    let x = draw::log(&format!("{} ${symbol}$", first.size()));
    let mut panel = Panel::new(title, x, draw::log("population loss $L$"));
    if let Some(Curves { linear, learner }) = &first.curves {
        panel = panel.with(line("linear, theory", Dash::Solid, linear));
        let name = format!("{}, theory", learner_in_words(&first.learner));
        panel = panel.with(line(&name, Dash::Dotted, learner));
    }
    for (number, series) in own.iter().enumerate() {
        let losses: Vec<&[f64]> = series.ladder.rungs.iter().map(|r| r.losses.as_slice()).collect();
        let name = learner_in_words(&series.learner);
        panel = panel.with(draw::means(name, number, &series.sizes(), &losses));
    }
    panel
}

fn measures_modes(rows: &Table) -> bool {
    rows.floats("trace").is_ok_and(|traces| traces.iter().all(|trace| *trace > 0.0))
}

fn linear(
    ladder: &Ladder,
    model: &SparseModel,
    in_features: bool,
) -> Result<Vec<f64>, ChapterError> {
    if in_features {
        return Ok(ladder.rungs.iter().map(|rung| Estimate::of(&rung.linear).mean).collect());
    }
    ladder.rungs.iter().map(|rung| linear_loss(model, f64::INFINITY, rung.size)).collect()
}

/// Theory's loss of linear features for as many samples as collisions of rare coordinates leave.
fn linear_loss(model: &SparseModel, features: f64, samples: f64) -> Result<f64, ChapterError> {
    let worth = SampleTheory::new(model, samples)?.effective_samples();
    Ok(SampleTheory::new(model, worth)?.loss(features)?)
}

/// Theory's loss of the learner at every size of the ladder, and both theories on a fine grid.
fn nonlinear(
    rows: &Table,
    ladder: &Ladder,
    model: &SparseModel,
    scale: f64,
    in_features: bool,
) -> Result<(Vec<f64>, Curves), ChapterError> {
    let theory = KernelTheory::new(model, scale, even_modes(rows)?)?;
    let samples = rows.floats("samples")?[0];
    let learner = |size: f64| -> Result<f64, ChapterError> {
        Ok(if in_features {
            theory.loss_in_features(size, samples)?
        } else {
            theory.loss_in_samples(size)?
        })
    };
    let linear = |size: f64| {
        let (n, d) = if in_features { (size, samples) } else { (f64::INFINITY, size) };
        linear_loss(model, n, d)
    };
    let sizes: Vec<f64> = ladder.rungs.iter().map(|rung| rung.size).collect();
    let fine = log_space(sizes[0], sizes[sizes.len() - 1], FINE);
    let along = |loss: &dyn Fn(f64) -> Result<f64, ChapterError>| {
        fine.iter().map(|size| Ok((*size, loss(*size)?))).collect::<Result<_, ChapterError>>()
    };
    let curves = Curves { linear: along(&linear)?, learner: along(&learner)? };
    Ok((sizes.into_iter().map(learner).collect::<Result<_, _>>()?, curves))
}

/// The even modes of a kernel, from the traces at every size.
fn even_modes(rows: &Table) -> Result<OrthogonalModes, ChapterError> {
    let mut points = Vec::new();
    for (size, rows) in rows.group_by(&["size"])? {
        let size = size[0].as_float().ok_or("a size that is no number")?;
        points.push((Estimate::of(&rows.floats("trace")?).mean.recip(), size));
    }
    Ok(OrthogonalModes::new(&points)?)
}

/// The finding that test inputs do not decide: their share of the standard error of a mean, over
/// the mean, is at most `bound`.
///
/// # Errors
/// If columns of [`paired_rows`](crate::kit::paired_rows) are missing.
pub fn input_precision(rows: &Table, bound: f64) -> Result<Finding, ChapterError> {
    let mut worst: f64 = 0.0;
    for (_, rows) in rows.group_by(&["case", "learner", "size"])? {
        let error = rows.floats("error")?.iter().map(|e| e * e).sum::<f64>().sqrt();
        worst = worst.max(error / rows.floats("loss")?.iter().sum::<f64>());
    }
    let statement =
        "where theory gives the loss: largest standard error from test inputs over the loss";
    Ok(Finding::of("precision", statement)
        .claim("C10")
        .predicted(Prediction::AtMost(bound))
        .measured(Measured::NoInterval(worst))
        .within(Tolerance::exact("a bound set before")))
}
