//! Answers of all methods to one question, and their distances.

use crate::question::Question;
use asymscale_model::SparseModel;
use asymscale_montecarlo::{Estimate, Settings, simulate};
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{
    Curve, DesignSpectrum, Regression, SolverError, StochasticSpectrum, conditional_curve,
    explicit_curve,
};
use asymscale_theory::SampleTheory;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// Designs a question.
const DESIGNS: u64 = 12;
/// Teachers a design, for methods that draw them.
const TEACHERS: usize = 8;
/// Probes a design.
const PROBES: usize = 32;
/// Probes are for designs of more samples than coordinates; of so many times more coordinates they
/// are slow.
const WIDEST: usize = 3;
/// Closer to the rank, means over features have no variance to standardise by.
const CLOSE: f64 = 8.0;

/// Relative rounding that all methods stay within.
const ROUNDING: f64 = 1e-7;
/// What methods that draw features may leave of a variance of one where nothing is left.
const NOTHING: f64 = 1e-25;

/// How large a design is asked: beyond, only theory is.
pub(crate) struct Limits {
    /// Expected numbers of a design.
    pub(crate) entries: f64,
    /// Directions of a design that is decomposed.
    pub(crate) directions: usize,
    /// Weights of the features that are drawn, and of their Gram matrix.
    pub(crate) weights: usize,
    /// Directions squared times seen coordinates.
    pub(crate) work: f64,
}

/// What became of a question.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Standardised distances of pairs of methods.
    pub(crate) distances: Vec<(&'static str, f64)>,
    /// Bounds that do not hold.
    pub(crate) faults: Vec<String>,
    pub(crate) refused: bool,
}

impl Outcome {
    fn require(&mut self, holds: bool, fault: impl FnOnce() -> String) {
        if !holds {
            self.faults.push(fault());
        }
    }
}

/// A solver that draws features.
type Drawn = fn(&Design, &Teachers, &[usize], Regression, &Key) -> Result<Curve, SolverError>;

/// Losses of one design.
struct Losses {
    averaged: f64,
    truncation: f64,
    probed: Option<(f64, f64)>,
    conditional: Option<f64>,
    explicit: Option<f64>,
    /// Whether drawn features have a mean and a variance there.
    regular: bool,
}

pub(crate) fn answer(question: &Question, limits: &Limits) -> Outcome {
    let mut outcome = Outcome::default();
    let model = question.model();
    let theory = by_theory(question, &model, &mut outcome);
    if question.samples as f64 * model.active_per_sample() > limits.entries {
        return outcome;
    }
    let mut all = Vec::new();
    for k in 0..DESIGNS {
        let key = question.key.index(k);
        let Ok(design) =
            Design::sample(&model, question.samples, &mut key.label("design").stream())
        else {
            outcome.refused = true;
            return outcome;
        };
        match losses(question, &design, (&key, limits), &mut outcome) {
            Ok(Some(losses)) => all.push(losses),
            Ok(None) => return outcome,
            Err(error) => outcome.faults.push(format!("design {k}: {error}")),
        }
    }
    compare(&all, &mut outcome);
    if let Some((loss, error)) = theory {
        against_theory(question, &model, (loss, error), &mut outcome);
    }
    outcome
}

/// The loss and its finite-size error, where theory gives both; bounds hold wherever it gives a
/// loss.
fn by_theory(
    question: &Question,
    model: &SparseModel,
    outcome: &mut Outcome,
) -> Option<(f64, f64)> {
    let regression = question.regression;
    let answer = SampleTheory::new(model, question.samples as f64).and_then(|theory| {
        let loss = theory.loss_with(question.features.as_f64(), regression)?;
        let error = theory.finite_size_error_with(question.features.as_f64(), regression)?;
        Ok((loss, error, theory.coverage().unseen_mass))
    });
    let Ok((loss, error, unseen)) = answer else {
        outcome.refused = true;
        return None;
    };
    let total = model.total_variance();
    outcome.require(loss >= unseen * (1.0 - 1e-9), || {
        format!("theory {loss:e} below the unseen mass {unseen:e}")
    });
    if question.features.is_infinite() && regression.noise() == 0.0 {
        outcome.require(loss <= total * (1.0 + 1e-9), || {
            format!("theory {loss:e} above the variance {total:e}")
        });
    }
    outcome.require(error >= 0.0, || format!("finite-size error {error:e}"));
    (loss.is_finite() && error < 1.0).then_some((loss, error))
}

/// Nothing for designs too large to decompose here.
fn losses(
    question: &Question,
    design: &Design,
    (key, limits): (&Key, &Limits),
    outcome: &mut Outcome,
) -> Result<Option<Losses>, SolverError> {
    let (features, regression) = (question.features.as_f64(), question.regression);
    let (directions, seen) = (design.seen().min(design.samples()), design.seen());
    if directions > limits.directions
        || (directions * directions) as f64 * seen as f64 > limits.work
    {
        return Ok(None);
    }
    let spectrum = DesignSpectrum::for_noise(design)?;
    let averaged = spectrum.corrected_loss(features, regression)?;
    bounds(question, design, &spectrum, averaged.loss, outcome);
    let probed =
        if seen > WIDEST * design.samples() { None } else { probe(question, design, key)? };
    let drawable = question.features.finite().filter(|n| n * (seen + n) <= limits.weights);
    let drawn = |method: Drawn| {
        let draw = |features| {
            let teachers =
                Teachers::draw(design, TEACHERS, TeacherLaw::Gaussian, &key.label("teachers"));
            let curve = method(design, &teachers, &[features], regression, key)?;
            Ok::<_, SolverError>(curve.teacher_means()[0])
        };
        drawable.map(draw).transpose()
    };
    let rank = spectrum.rank() as f64;
    Ok(Some(Losses {
        averaged: averaged.loss,
        truncation: averaged.truncation,
        probed,
        conditional: drawn(conditional_curve)?,
        explicit: drawn(explicit_curve)?,
        regular: regression.ridge() > 0.0 || (features - rank).abs() >= CLOSE,
    }))
}

/// The loss by random probes and its error; nothing where these take the rank for no more than the
/// features, or do not converge, which they say.
fn probe(
    question: &Question,
    design: &Design,
    key: &Key,
) -> Result<Option<(f64, f64)>, SolverError> {
    let spectrum = StochasticSpectrum::new(design, PROBES, &key.label("probes"))?;
    match spectrum.corrected_loss(question.features.as_f64(), question.regression) {
        Ok(estimate) => {
            Ok(Some((estimate.loss, estimate.standard_error + estimate.truncation / 3.0)))
        }
        Err(
            SolverError::ProbedRank { .. }
            | SolverError::Iterations { .. }
            | SolverError::EffectiveRidge { .. },
        ) => Ok(None),
        Err(error) => Err(error),
    }
}

fn bounds(
    question: &Question,
    design: &Design,
    spectrum: &DesignSpectrum,
    loss: f64,
    outcome: &mut Outcome,
) {
    let least = design.unseen_mass();
    outcome.require(loss >= least * (1.0 - 1e-9), || {
        format!("loss {loss:e} below the unseen mass {least:e}")
    });
    let total = design.unseen_mass() + design.eigenvalues().iter().sum::<f64>();
    let sum = spectrum.residual_mass() + spectrum.weights().iter().sum::<f64>();
    outcome.require((sum / total - 1.0).abs() < 1e-9, || {
        format!("variances add up to {sum:e} of {total:e}")
    });
    if question.features.is_infinite() && question.regression.noise() == 0.0 {
        outcome.require(loss <= total * (1.0 + 1e-9), || {
            format!("loss {loss:e} above the variance {total:e}")
        });
    }
}

/// Theory within its finite-size error against the mean over designs within its interval.
fn against_theory(
    question: &Question,
    model: &SparseModel,
    (loss, error): (f64, f64),
    outcome: &mut Outcome,
) {
    let settings = Settings {
        samples: question.samples,
        features: vec![question.features],
        repeats: DESIGNS as usize,
        regression: question.regression,
        seed: question.number,
        ..Settings::default()
    };
    match simulate(model, &settings).map(|simulation| simulation.summaries()) {
        Ok(summaries) => {
            if let (Some(mean), Some((low, high))) = (summaries[0].mean, summaries[0].interval) {
                let half = if loss > mean { high - mean } else { mean - low };
                let stated = error * loss.max(mean) + summaries[0].truncation + ROUNDING * loss;
                let distance = ((loss - mean).abs() - stated).max(0.0);
                let distance = if distance == 0.0 { 0.0 } else { distance / (half / 1.96) };
                outcome.distances.push(("theory, averaged", distance));
            }
        }
        Err(error) => outcome.faults.push(format!("simulate: {error}")),
    }
}

fn compare(all: &[Losses], outcome: &mut Outcome) {
    let probed = all.iter().filter_map(|l| l.probed.map(|(loss, error)| (l, loss, error)));
    for (losses, loss, error) in probed {
        if losses.averaged.is_finite() && losses.truncation.is_finite() {
            let stated = error.hypot(losses.truncation / 3.0) + ROUNDING * losses.averaged;
            let distance =
                if loss == losses.averaged { 0.0 } else { (loss - losses.averaged) / stated };
            outcome.distances.push(("iterative, averaged", distance));
        }
    }
    if all.len() < 3 || all.iter().any(|l| !l.regular) {
        return;
    }
    for (pair, pick) in [
        ("conditional, averaged", (|l: &Losses| l.conditional) as fn(&Losses) -> Option<f64>),
        ("explicit, averaged", |l: &Losses| l.explicit),
    ] {
        let differences: Vec<f64> =
            all.iter().filter_map(|l| pick(l).map(|x| x - l.averaged)).collect();
        let truncation = all.iter().map(|l| l.truncation).sum::<f64>() / all.len() as f64;
        let level = all.iter().map(|l| l.averaged).sum::<f64>() / all.len() as f64;
        if differences.len() == all.len() && truncation.is_finite() {
            let estimate = Estimate::of(&differences);
            let allowance = if level == 0.0 { NOTHING } else { truncation + ROUNDING * level };
            outcome.distances.push((pair, standardised(estimate, allowance)));
        }
    }
}

/// As a normal deviate of the same probability as Student's; what is within `allowance` is no
/// distance.
fn standardised(estimate: Estimate, allowance: f64) -> f64 {
    let distance = (estimate.mean.abs() - allowance).max(0.0);
    if distance == 0.0 {
        return 0.0;
    }
    let student = StudentsT::new(0.0, 1.0, estimate.count as f64 - 1.0).unwrap();
    let tail = student.sf(distance / estimate.standard_error);
    let normal = Normal::new(0.0, 1.0).unwrap();
    if tail > 0.0 { -normal.inverse_cdf(tail) } else { f64::INFINITY }
}
