//! Losses over epochs, as a report reads them, beside theory.

use crate::kit::{Case, EPOCH_EXCESS, EPOCH_RATE, Entry, ResourceLaw, WORN, log_space};
use crate::{ChapterError, draw};
use asymscale_model::SparseModel;
use asymscale_plots::{Axis, Legend, Panel};
use asymscale_theory::{EpochCollapse, Epochs};

/// Excesses over the floor, in units of it, between which curves are compared with the collapse.
const EXCESSES: std::ops::Range<f64> = 0.2..3.0;
/// Coordinates that sums over one-hot activities are written out for.
const LAST: u32 = 100_000;

/// What was measured with one number of samples.
#[derive(Debug, Clone)]
pub struct EpochSeries {
    /// `D`.
    pub samples: f64,
    /// Numbers of passes.
    pub passes: Vec<f64>,
    /// Losses after each.
    pub losses: Vec<Entry>,
    /// Excesses over the floor, in units of it, after each.
    pub excesses: Vec<Entry>,
    /// The mean logarithm of the losses.
    pub level: Entry,
    /// The loss over that of the flow on the same designs.
    pub over_flow: Entry,
    /// The passes after which the excess is [`EPOCH_EXCESS`].
    pub saturation: Entry,
}

/// The series of one kind of data, in the order of samples.
///
/// # Errors
/// Entries that are missing, or not named by numbers.
pub fn epoch_series(all: &[Entry], name: &str) -> Result<Vec<EpochSeries>, ChapterError> {
    let levels = all.iter().filter(|e| e.kind == "level");
    let own = levels.filter(|e| e.of.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
    let mut series = Vec::new();
    for level in own {
        let of = |kind: &str| {
            let here = all.iter().filter(|e| e.kind == kind && e.of == level.of);
            here.cloned().collect::<Vec<_>>()
        };
        let one = |kind: &str| of(kind).pop().ok_or(format!("no {kind} of {}", level.of));
        let losses = of("loss");
        let passes = losses.iter().map(|e| e.quantity.parse()).collect::<Result<_, _>>()?;
        series.push(EpochSeries {
            samples: level.of[name.len() + 1..].parse()?,
            passes,
            losses,
            excesses: of("excess"),
            level: level.clone(),
            over_flow: one("over flow")?,
            saturation: one("saturation")?,
        });
    }
    Ok(series)
}

impl EpochSeries {
    /// Theory at the passes; `share` is what time is taken for, of what it is.
    ///
    /// # Errors
    /// As [`Epochs`].
    pub fn theory(&self, model: &SparseModel, share: f64) -> Result<Vec<f64>, ChapterError> {
        let passes: Vec<f64> = self.passes.iter().map(|pass| share * pass).collect();
        Ok(self.epochs(model)?.losses(&passes)?)
    }

    /// Theory of these passes.
    ///
    /// # Errors
    /// As [`Epochs`].
    pub fn epochs(&self, model: &SparseModel) -> Result<Epochs, ChapterError> {
        Ok(Epochs::new(model, self.samples, f64::INFINITY, EPOCH_RATE)?)
    }

    /// The passes that are enough in theory.
    ///
    /// # Errors
    /// As [`Epochs`].
    pub fn enough(&self, model: &SparseModel) -> Result<f64, ChapterError> {
        Ok(self.epochs(model)?.saturation(EPOCH_EXCESS)?)
    }

    /// Excesses with their intervals over passes in units of `enough`.
    pub fn collapsed(&self, enough: f64) -> Vec<(f64, &Entry)> {
        self.passes.iter().map(|pass| pass / enough).zip(&self.excesses).collect()
    }
}

/// The excess on the common curve at passes in units of the enough ones.
fn common_excess(collapse: &EpochCollapse, passes: f64) -> Result<f64, ChapterError> {
    Ok(collapse.excess(collapse.units(EPOCH_EXCESS)? * passes))
}

/// The excess over that of the common curve, geometric mean over all sizes where the latter is
/// between 0.2 and 3, for passes in units of the enough ones of theory times `factor(D)`: with its
/// interval, and as theory has it at these sizes.
///
/// The errors of one size are taken to be the same at all passes, which is the worst case; sizes
/// are independent.
///
/// # Errors
/// Models without a common curve, and those of theory.
pub(super) fn falling_ratio(
    series: &[EpochSeries],
    model: &SparseModel,
    factor: impl Fn(f64) -> f64,
) -> Result<((f64, (f64, f64)), f64), ChapterError> {
    let collapse = EpochCollapse::of(model).ok_or("no common curve of this model")?;
    let (mut sum, mut known, mut square, mut count) = (0.0, 0.0, 0.0, 0.0);
    for one in series {
        let (epochs, enough) = (one.epochs(model)?, one.enough(model)?);
        let losses = epochs.losses(&one.passes)?;
        let mut error = 0.0;
        for (k, excess) in one.excesses.iter().enumerate() {
            let limit = common_excess(&collapse, one.passes[k] / enough)?;
            if EXCESSES.contains(&limit) {
                let taken =
                    common_excess(&collapse, one.passes[k] / (enough * factor(one.samples)))?;
                sum += (excess.value / taken).ln();
                known += ((losses[k] / epochs.floor() - 1.0) / limit).ln();
                error += 0.5 * (excess.interval.1 - excess.interval.0) / excess.value;
                count += 1.0;
            }
        }
        square += error * error;
    }
    let (middle, reach) = (sum / count, f64::sqrt(square) / count);
    Ok(((middle.exp(), ((middle - reach).exp(), (middle + reach).exp())), (known / count).exp()))
}

/// The mean loss after so many passes of draws with replacement from one-hot samples with signs for
/// amplitudes, in the limit of many draws. A sample is drawn a Poisson number of times, and each
/// draw leaves `(1 − ηa²)²` of its coordinate.
pub fn replacement_loss(model: &SparseModel, samples: f64, epochs: f64, rate: f64) -> f64 {
    let mut loss = 0.0;
    for i in (1..=LAST).map(f64::from) {
        let (p, lambda) = (model.activity(i), model.eigenvalue(i));
        let kept = (1.0 - rate * lambda / p).powi(2);
        let gone = -(-epochs * (1.0 - kept)).exp_m1();
        loss += lambda * (samples * (-p * gone).ln_1p()).exp();
    }
    // Of those beyond, hardly any is in a sample: λ = i^{−2} adds up to the inverse of the last.
    loss + 1.0 / f64::from(LAST)
}

/// Errors of the laws of repeated data: of the fit, and where model sizes are left out.
pub fn resource_panel(all: &[Entry]) -> Panel {
    let mut panel = Panel::new(
        "296 public runs with repeated data",
        Axis::names("law", ["tied", "sum", "joined", "published"]),
        Axis::linear("typical error of the loss", "%"),
    )
    .legend(Legend::Below);
    let order: Vec<&str> =
        ResourceLaw::ALL.map(ResourceLaw::name).into_iter().chain([WORN]).collect();
    let kinds = [
        ("all", "median", "all runs"),
        ("all", "held-out median", "all, sizes left out"),
        ("unharmed", "median", "runs not harmed"),
        ("unharmed", "held-out median", "not harmed, sizes left out"),
    ];
    for (number, (set, quantity, name)) in kinds.into_iter().enumerate() {
        let value = |(k, law): (usize, &&str)| {
            let of = format!("{set} {law}");
            let found =
                all.iter().find(|e| e.kind == "resources" && e.of == of && e.quantity == quantity);
            found.map(|e| (k as f64 + 1.0 + 0.12 * (number as f64 - 1.5), 100.0 * e.value))
        };
        let points: Vec<(f64, f64)> = order.iter().enumerate().filter_map(value).collect();
        if !points.is_empty() {
            panel = panel.with(draw::marks(name, number, points, vec![]));
        }
    }
    panel
}

/// Losses over passes for every number of samples, beside theory.
///
/// # Errors
/// As [`Epochs`].
pub fn epochs_panel(
    mut panel: Panel,
    series: &[EpochSeries],
    model: &SparseModel,
) -> Result<Panel, ChapterError> {
    for (number, one) in series.iter().enumerate() {
        let theory = one.passes.iter().copied().zip(one.theory(model, 1.0)?).collect();
        let points = one.passes.iter().zip(&one.losses).map(|(k, e)| (*k, e.value)).collect();
        let ends = one.losses.iter().map(|e| e.interval).collect();
        let marks = draw::marks("", number, points, ends);
        let name = format!("{} samples", one.samples);
        panel = draw::both(name, number, theory, marks).into_iter().fold(panel, Panel::with);
    }
    Ok(panel)
}

/// Excesses over the floor on the common curve of one kind of data.
///
/// # Errors
/// As [`Epochs`].
pub fn collapse_panel(
    panel: Panel,
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    number: usize,
) -> Result<Panel, ChapterError> {
    let model = case.model(alpha)?;
    let collapse = EpochCollapse::of(&model).ok_or("no common curve of this model")?;
    let (mut points, mut ends) = (Vec::new(), Vec::new());
    for one in series {
        for (at, excess) in one.collapsed(one.enough(&model)?) {
            points.push((at, excess.value));
            ends.push(excess.interval);
        }
    }
    let of = |by: fn(f64, f64) -> f64, from| points.iter().map(|p: &(f64, f64)| p.0).fold(from, by);
    let grid = log_space(of(f64::min, f64::INFINITY), of(f64::max, 0.0), 40);
    let curve = grid.into_iter().map(|at| Ok((at, common_excess(&collapse, at)?)));
    let curve = curve.collect::<Result<Vec<_>, ChapterError>>()?;
    let marks = draw::marks("", number, points, ends);
    let name = format!("$α$ = {alpha}, $β$ = {}", case.beta);
    Ok(draw::both(name, number, curve, marks).into_iter().fold(panel, Panel::with))
}

/// The passes that are enough over samples, beside theory.
///
/// # Errors
/// As [`Epochs`].
pub fn enough_panel(
    panel: Panel,
    (case, alpha): (&Case, f64),
    series: &[EpochSeries],
    number: usize,
) -> Result<Panel, ChapterError> {
    let model = case.model(alpha)?;
    let theory = series.iter().map(|one| Ok((one.samples, one.enough(&model)?)));
    let theory = theory.collect::<Result<Vec<_>, ChapterError>>()?;
    let points = series.iter().map(|one| (one.samples, one.saturation.value)).collect();
    let ends = series.iter().map(|one| one.saturation.interval).collect();
    let marks = draw::marks("", number, points, ends);
    let name = format!("$α$ = {alpha}, $β$ = {}", case.beta);
    Ok(draw::both(name, number, theory, marks).into_iter().fold(panel, Panel::with))
}
