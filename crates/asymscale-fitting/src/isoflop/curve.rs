//! The curve of one budget: its parabola, the minimum with intervals, or why it is refused.

use asymscale_numerics::mean;
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor};

use super::clusters::{NEEDED_SIZES, distinct};
use super::interval::student_quantile;
use super::parabola::{Grid, Parabola};
use super::{IsoflopOptions, interval_of};
use crate::ParameterInterval;
use crate::runs::Runs;

/// Largest over smallest compute of the runs of one budget.
const LARGEST_COMPUTE_RATIO: f64 = 1.5;
/// A budget whose scatter is above that of the others by a test of this size has its own.
const SIGNIFICANCE: f64 = 0.01;

/// The runs of one budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Curve {
    /// C: the geometric mean of what was given, or of factor·N·D.
    pub compute: f64,
    /// `factor·N·D`, the geometric mean over the runs.
    pub spent: f64,
    /// Rows of the runs, counted from 0.
    pub rows: Vec<usize>,
    /// Distinct N.
    pub sizes: usize,
    /// Where the loss is smallest, or why that is not said.
    pub minimum: Result<Minimum, Refusal>,
}

/// The minimum of a curve. Where errors leave the curvature in doubt, N, D and D/N are anything:
/// from 0 to ∞.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Minimum {
    /// N\*.
    pub features: ParameterInterval,
    /// `D* = spent/(factor·N*)`.
    pub samples: ParameterInterval,
    /// D\*/N\*.
    pub ratio: ParameterInterval,
    /// The loss there.
    pub loss: ParameterInterval,
}

/// Why no minimum is reported for a budget.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Fewer than four distinct N.
    TooFewSizes(usize),
    /// The largest N·D over the smallest, above 1.5.
    SeveralComputes(f64),
    /// The parabola has no minimum.
    NotConvex,
    /// The minimum is within the step to the smallest N, or below that.
    AtSmallest,
    /// The minimum is within the step to the largest N, or above that.
    AtLargest,
}

impl Refusal {
    /// The word that tables use for it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooFewSizes(_) => "too_few_sizes",
            Self::SeveralComputes(_) => "several_computes",
            Self::NotConvex => "not_convex",
            Self::AtSmallest => "at_smallest",
            Self::AtLargest => "at_largest",
        }
    }

    /// The reason in words.
    pub fn reason(&self) -> String {
        match self {
            Self::TooFewSizes(found) => {
                format!("{found} distinct N where a parabola needs {NEEDED_SIZES}")
            }
            Self::SeveralComputes(times) => {
                format!("its runs are not of one compute: N·D differs by a factor {times:.3}")
            }
            Self::NotConvex => "the parabola has no minimum".to_owned(),
            Self::AtSmallest => "the minimum is at the edge: smaller N would tell".to_owned(),
            Self::AtLargest => "the minimum is at the edge: larger N would tell".to_owned(),
        }
    }
}

/// A curve with a minimum, as numbers to compute with.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    /// Its place among the curves.
    pub(crate) curve: usize,
    pub(crate) log_compute: f64,
    /// `ln` of N·D.
    pub(crate) log_product: f64,
    pub(crate) grid: Grid,
    pub(crate) parabola: Parabola,
    /// Standard deviation of the errors, in units of the loss, and its degrees of freedom.
    pub(crate) spread: f64,
    pub(crate) dof: usize,
    /// Whether its scatter is larger than that of the others, and is used by itself.
    pub(crate) own_scatter: bool,
}

/// All curves, those with a minimum, and the relative scatter about parabolas.
pub(crate) fn measure(
    runs: &Runs,
    computes: &[f64],
    groups: Vec<Vec<usize>>,
    options: &IsoflopOptions,
) -> (Vec<Curve>, Vec<Measured>, f64) {
    let mut measured = Vec::new();
    let mut refusals = Vec::new();
    for (curve, rows) in groups.iter().enumerate() {
        let found =
            one(runs, computes, rows).map(|found| measured.push(Measured { curve, ..found }));
        refusals.push(found.err());
    }
    let scatter = pooled_scatter(&mut measured);
    let mut minima = measured.iter().map(|found| found.minimum(options.level));
    let mean = |rows: &[usize], of: &dyn Fn(usize) -> f64| {
        mean(rows.iter().map(|&row| of(row).ln())).exp()
    };
    let mut curve = |(rows, refusal): (Vec<usize>, Option<Refusal>)| Curve {
        compute: mean(&rows, &|row| computes[row]),
        spent: options.factor * mean(&rows, &|row| runs.features()[row] * runs.samples()[row]),
        sizes: distinct(runs, &rows).len(),
        minimum: match refusal {
            Some(refusal) => Err(refusal),
            None => minima.next().ok_or(Refusal::NotConvex),
        },
        rows,
    };
    let curves = groups.into_iter().zip(refusals).map(&mut curve).collect();
    (curves, measured, scatter)
}

fn one(runs: &Runs, computes: &[f64], rows: &[usize]) -> Result<Measured, Refusal> {
    let sizes = distinct(runs, rows);
    if sizes.len() < NEEDED_SIZES {
        return Err(Refusal::TooFewSizes(sizes.len()));
    }
    let products: Vec<f64> =
        rows.iter().map(|&row| runs.features()[row].ln() + runs.samples()[row].ln()).collect();
    let spread = products
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| (l.min(*p), h.max(*p)));
    let times = (spread.1 - spread.0).exp();
    if times > LARGEST_COMPUTE_RATIO {
        return Err(Refusal::SeveralComputes(times));
    }
    let logs: Vec<f64> = rows.iter().map(|&row| runs.features()[row].ln()).collect();
    let losses: Vec<f64> = rows.iter().map(|&row| runs.losses()[row]).collect();
    let grid = Grid::new(&logs);
    let parabola = grid.fit(&losses);
    let mean = |logs: &mut dyn Iterator<Item = f64>| logs.sum::<f64>() / rows.len() as f64;
    if !parabola.is_convex() {
        return Err(Refusal::NotConvex);
    }
    let vertex = grid.vertex(&parabola);
    if vertex < sizes[1].ln() {
        return Err(Refusal::AtSmallest);
    }
    if vertex > sizes[sizes.len() - 2].ln() {
        return Err(Refusal::AtLargest);
    }
    Ok(Measured {
        curve: 0,
        log_compute: mean(&mut rows.iter().map(|&row| computes[row].ln())),
        log_product: mean(&mut products.iter().copied()),
        spread: 0.0,
        dof: grid.dof(),
        own_scatter: false,
        grid,
        parabola,
    })
}

/// The scatter of the errors: one relative scatter for all curves, except that a curve that
/// scatters more than the others keeps its own.
fn pooled_scatter(measured: &mut [Measured]) -> f64 {
    let share = |found: &Measured| found.parabola.squares() / found.parabola.mean().powi(2);
    let sums = |of: &dyn Fn(usize) -> bool, measured: &[Measured]| {
        let some = measured.iter().enumerate().filter(|(k, _)| of(*k));
        some.fold((0.0, 0), |(squares, dof), (_, m)| (squares + share(m), dof + m.grid.dof()))
    };
    let own: Vec<bool> = (0..measured.len())
        .map(|k| {
            let (squares, dof) = sums(&|other| other != k, measured);
            let found = &measured[k];
            let f = share(found) / found.grid.dof() as f64 / (squares / dof as f64);
            FisherSnedecor::new(found.grid.dof() as f64, dof as f64)
                .is_ok_and(|law| f.is_finite() && law.sf(f) < SIGNIFICANCE)
        })
        .collect();
    let all = own.iter().all(|own| *own);
    let (squares, dof) = sums(&|k| all || !own[k], measured);
    for (k, found) in measured.iter_mut().enumerate() {
        found.own_scatter = own[k] && !all;
        let (squares, dof) =
            if found.own_scatter { (share(found), found.grid.dof()) } else { (squares, dof) };
        found.spread = found.parabola.mean() * (squares / dof as f64).sqrt();
        found.dof = dof;
    }
    (squares / dof as f64).sqrt()
}

impl Measured {
    /// `ln N*`.
    pub(crate) fn vertex(&self) -> f64 {
        self.grid.vertex(&self.parabola)
    }

    fn minimum(&self, level: f64) -> Minimum {
        self.minimum_of(level, self.spread, (0.0, 0.0))
    }

    /// The minimum with errors of size `spread`, freed of a bias of `ln N` and a relative one of
    /// the loss.
    pub(crate) fn minimum_of(
        &self,
        level: f64,
        spread: f64,
        (bias, of_loss): (f64, f64),
    ) -> Minimum {
        let reach = student_quantile(level, self.dof);
        let (low, high) = self.grid.fieller_interval(&self.parabola, spread, reach);
        let (loss, error) = self.grid.extremum(&self.parabola, spread);
        let (loss, error) = (loss / (1.0 + of_loss), error / (1.0 + of_loss));
        let features = interval_of(
            (self.vertex() - bias).exp(),
            ((low - bias).exp(), (high - bias).exp()),
            level,
        );
        let product = self.log_product.exp();
        Minimum {
            features,
            samples: of_decreasing(&features, |n| product / n),
            ratio: of_decreasing(&features, |n| product / n / n),
            loss: interval_of(loss, (loss - reach * error, loss + reach * error), level),
        }
    }
}

/// The interval of a falling function of N.
pub(crate) fn of_decreasing(
    of: &ParameterInterval,
    falling: impl Fn(f64) -> f64,
) -> ParameterInterval {
    interval_of(falling(of.estimate), (falling(of.upper), falling(of.lower)), of.level)
}
