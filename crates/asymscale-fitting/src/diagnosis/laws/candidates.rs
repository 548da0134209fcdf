//! The laws of activity that are tried: how well each fits, how well it forecasts all of the data
//! from parts of them, and which of them may be relied on.

use serde::{Deserialize, Serialize};

use super::activity_fit::ActivityFit;
use super::model::{Kind, Model, with_undetected_component};
use super::power_law::ActivityLaw;
use super::{MixedLaw, Shape, Tables, fit_to_window, fit_widest, variance};
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::counts::cells::Cells;
use crate::diagnosis::estimate::{jackknife, normal_quantile, student_inflation};
use crate::diagnosis::method::Method;

/// Factors from a part of the data to all of them over which laws are validated.
const PARTS: [f64; 3] = [2.0, 4.0, 16.0];

/// The least number of units a part must have, and of features seen in it.
const LEAST_UNITS: f64 = 6.0;
const LEAST_SEEN: f64 = 60.0;

/// Goodness of fit below which a law is rejected, and below which it is out of the question.
const SIGNIFICANCE: f64 = 0.05;
const IMPLAUSIBLE: f64 = 0.005;

/// A forecast from a part that is off by no more than this share, or by no more than the first
/// number of standard errors, does not reject a law; one that is off by more than the second number
/// of standard errors makes the law implausible. The share is for tables so large that standard
/// errors are smaller than any law of two parameters can promise; a tolerated error widens the
/// interval.
const TOLERATED: f64 = 0.05;
const TOLERATED_DEVIATIONS: f64 = 2.0;
const IMPLAUSIBLE_DEVIATIONS: f64 = 3.0;

/// The least error (in logarithms, for each factor e of the data) that every law is taken to have:
/// laws are idealisations, and parts of the data do not show a smaller one.
const LEAST_EXCESS: f64 = 0.01;

/// A fitted law with its tests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The law, as a way to forecast.
    pub method: Method,
    /// Its parameters, where it is not the power law, whose parameters stand at [`ActivityFit`].
    pub law: Option<MixedLaw>,
    /// Goodness of fit to the counts in its window.
    pub p_value: f64,
    /// How it forecasts all of the data from parts.
    pub trials: Vec<Backtest>,
    /// Whether it was tried and is rejected neither by its fit (5 %) nor by a trial (two standard
    /// errors), nor expects more features than are known to be there.
    pub survives: bool,
    /// Whether it is not out of the question: by its fit at 0.5 %, by trials at three standard
    /// errors. The interval of a forecast holds the forecasts of all plausible laws, since chance
    /// may reject the one that is true.
    pub plausible: bool,
}

/// A forecast of the features seen in all of the data from a part. The expected counts of a random
/// part are known without drawing one (each is a sum of hypergeometric probabilities), so the error
/// is that of the law and not of a draw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// How many times the part all of the data are.
    pub factor: f64,
    /// Logarithm of the new features forecast over those found.
    pub error: f64,
    /// Its standard error were the law true.
    pub chance: f64,
}

impl Backtest {
    fn within(&self, deviations: f64) -> bool {
        self.error.abs() <= TOLERATED.max(deviations * self.chance)
    }

    /// The part of the error that chance does not explain.
    fn excess(&self) -> f64 {
        (self.error * self.error - self.chance * self.chance).max(0.0).sqrt()
    }
}

impl Candidate {
    fn new(method: Method, law: Option<MixedLaw>, p_value: f64, trials: Vec<Backtest>) -> Self {
        let all =
            |deviations| !trials.is_empty() && trials.iter().all(|trial| trial.within(deviations));
        let survives = p_value >= SIGNIFICANCE && all(TOLERATED_DEVIATIONS);
        let plausible = p_value >= IMPLAUSIBLE && all(IMPLAUSIBLE_DEVIATIONS);
        Self { method, law, p_value, trials, survives, plausible }
    }

    /// The largest factor of the data to which it is relied on: the fourth power of that over which
    /// it was tried, so that a law validated on halves is used up to 16 times the data. (With the
    /// square, fewer forecasts were known and they were covered as often: the example
    /// `populations`.) Parts are whole numbers of units, hence the tenth more.
    pub(crate) fn horizon(&self) -> f64 {
        self.trials.iter().map(|trial| trial.factor).fold(0.0, f64::max).powi(4) * 1.1
    }

    /// By how much (a logarithm) forecasts of `factor` times the data may be off by what the law
    /// leaves out: as much as those of parts were beyond chance.
    pub(crate) fn excess(&self, factor: f64) -> f64 {
        let per_log = |trial: &Backtest| trial.excess() / trial.factor.ln();
        self.trials.iter().map(per_log).fold(LEAST_EXCESS, f64::max) * factor.ln()
    }

    /// What candidates are ranked by: the mean square of the errors of trials.
    pub(crate) fn score(&self) -> f64 {
        let squares = self.trials.iter().map(|trial| (trial.error / trial.factor.ln()).powi(2));
        squares.sum::<f64>() / self.trials.len().max(1) as f64
    }
}

/// The tables that fits need: of all of the data, and of each part with its factor.
pub(crate) struct Parts {
    whole: Part,
    smaller: Vec<(f64, Part)>,
    /// Changes of the tally as blocks of units are left out.
    tally_changes: Vec<Vec<f64>>,
    /// Features never active, where the number of all is known.
    never_active: Option<f64>,
}

struct Part {
    units: f64,
    tables: Tables,
    tally: Vec<f64>,
    /// Features seen, with at least the smallest count.
    seen: f64,
}

impl Parts {
    pub(crate) fn new(counts: &ActivationCounts) -> Self {
        let tables = Tables::new(counts.floor(), counts.units());
        let tally = tables.cells().tally(counts);
        let tally_changes = tally_changes(counts, tables.cells());
        let seen = counts.active_in(counts.units());
        let whole = Part { units: counts.units(), tables, tally, seen };
        let parts = PARTS.iter().filter_map(|&factor| {
            let kept = (counts.units() / factor).round();
            let seen = counts.active_in(kept);
            let enough = kept >= LEAST_UNITS && seen >= LEAST_SEEN;
            if !enough || (whole.seen - seen) < 1.0 {
                return None;
            }
            let tables = whole.tables.scaled(counts.units(), kept);
            let tally = counts.expected_in(kept, tables.cells());
            Some((counts.units() / kept, Part { units: kept, tables, tally, seen }))
        });
        let smaller = parts.collect();
        let never_active = counts.total().map(|_| counts.never_active() as f64);
        Self { whole, smaller, tally_changes, never_active }
    }

    /// The laws that fit at all, each with its trials, the best first.
    pub(crate) fn models<'a>(&'a self, fit: Option<&ActivityFit>, level: f64) -> Vec<Model<'a>> {
        let mut models: Vec<Model<'a>> = Vec::new();
        models.extend(fit.map(|fit| self.power(fit, level)));
        models.extend(Shape::ALL.iter().filter_map(|&shape| self.mixed(shape, level)));
        for model in &mut models {
            model.rule_out_if_too_many_unseen(self.never_active);
        }
        models.sort_by(|a, b| {
            let survives = b.candidate.survives.cmp(&a.candidate.survives);
            survives.then(a.candidate.score().total_cmp(&b.candidate.score()))
        });
        models
    }

    fn power(&self, fit: &ActivityFit, level: f64) -> Model<'_> {
        let floor = self.whole.tables.cells().edges[0];
        let tried = |(factor, part): &(f64, Part)| {
            let least = 4.0 * (floor as f64 + 1.0);
            let cells = part.tables.cells().up_to((fit.max_count as f64 / factor).max(least));
            let tally = &part.tally[..cells.len()];
            let features: f64 = tally.iter().sum();
            let inverse = cells.fit_growing(tally);
            let law = cells.scaled_law(tally, inverse, part.units);
            let low = floor as f64;
            let forecast = |law: &ActivityLaw| {
                law.more_active(self.whole.units, low) - law.more_active(part.units, low)
            };
            let found = self.whole.seen - part.seen;
            let step = 1e-4;
            let moved = |by: f64| forecast(&cells.scaled_law(tally, inverse + by, part.units)).ln();
            let slope = (moved(step) - moved(-step)) / (2.0 * step);
            let parameter = slope * cells.standard_error(tally, inverse);
            let chance = (parameter.powi(2) + features.recip() + found.recip()).sqrt();
            Backtest { factor: *factor, error: (forecast(&law) / found).ln(), chance }
        };
        let trials = self.smaller.iter().map(tried).collect();
        let law = fit.law();
        let cells = self.whole.tables.cells().up_to(fit.max_count as f64);
        let candidate = Candidate::new(Method::PowerLaw, None, fit.p_value, trials);
        let kind = Kind::Power { law, draws: fit.draws.clone(), units: self.whole.units };
        let few = student_inflation(self.tally_changes.len(), level);
        let inflation = (few * self.power_inflation(&cells, law.inverse())).max(1.0);
        Model { candidate, kind, inflation, features: fit.features as f64 }
    }

    /// By how much blocks of units say that the variance of `a` exceeds that of independent
    /// features.
    fn power_inflation(&self, cells: &Cells, inverse: f64) -> f64 {
        if self.tally_changes.is_empty() {
            return 1.0;
        }
        let tally = &self.whole.tally[..cells.len()];
        let step = 1e-4;
        let shares = |by: f64| cells.shares(inverse + by);
        let scores: Vec<f64> = shares(step)
            .iter()
            .zip(shares(-step))
            .map(|(up, down)| (up / down).ln() / (2.0 * step))
            .collect();
        let independent = cells.standard_error(tally, inverse).powi(2);
        let change = |delta: &Vec<f64>| {
            independent * delta.iter().zip(&scores).map(|(n, s)| n * s).sum::<f64>()
        };
        jackknife(self.tally_changes.iter().map(change)) / independent
    }

    fn mixed(&self, shape: Shape, level: f64) -> Option<Model<'_>> {
        let whole = &self.whole;
        let fitted = fit_widest(shape, &whole.tables, &whole.tally)?;
        let tried = |(factor, part): &(f64, Part)| {
            let window = fitted.law.max_count as f64 / factor;
            let there = fit_to_window(shape, &part.tables, &part.tally, window)?;
            let kernel = there.kernel();
            let low = whole.tables.cells().edges[0];
            let forecast = |law: &MixedLaw| law.newly_active(kernel, low, *factor);
            let found = whole.seen - part.seen;
            let slope = there.slope(&forecast);
            let parameters = variance(slope, there.covariance());
            let chance = (parameters + there.law.features.recip() + found.recip()).sqrt();
            Some(Backtest { factor: *factor, error: (forecast(&there.law) / found).ln(), chance })
        };
        let trials = self.smaller.iter().filter_map(tried).collect();
        let inflation = if self.tally_changes.is_empty() {
            1.0
        } else {
            let (blocks, independent) =
                (fitted.covariance_of_blocks(&self.tally_changes), fitted.covariance());
            let slope = fitted.slope(&|law: &MixedLaw| law.newly_active(fitted.kernel(), 0, 4.0));
            let few = student_inflation(self.tally_changes.len(), level);
            (few * variance(slope, blocks) / variance(slope, independent)).clamp(1.0, 1e3)
        };
        let deviations = normal_quantile(level) * inflation.sqrt();
        let kernel = fitted.kernel();
        let boundary = fitted.region_boundary(deviations * deviations);
        let boundary = boundary.iter().map(|law| law.at_nodes(kernel)).collect();
        let with_undetected = if shape == Shape::Gamma {
            with_undetected_component(&fitted, deviations)
        } else {
            Vec::new()
        };
        let method = match shape {
            Shape::Lognormal => Method::LognormalLaw,
            Shape::Finite => Method::FiniteLaw,
            Shape::Gamma => Method::GammaLaw,
        };
        let mut candidate = Candidate::new(method, Some(fitted.law), fitted.law.p_value, trials);
        candidate.survives &= !fitted.is_limit();
        let features = fitted.law.features;
        Some(Model {
            candidate,
            kind: Kind::Mixed {
                kernel,
                law: fitted.law.at_nodes(kernel),
                boundary,
                with_undetected,
            },
            inflation,
            features,
        })
    }
}

/// Changes of the tally of cells as blocks of units are left out.
fn tally_changes(counts: &ActivationCounts, cells: &Cells) -> Vec<Vec<f64>> {
    let delta = |left: &crate::diagnosis::counts::incidence::LeftOutBlock| {
        let mut delta = vec![0.0; cells.len()];
        for change in &left.changes {
            if let Some(cell) = cells.of(change.from) {
                delta[cell] -= change.features;
            }
            if let Some(cell) = cells.of(change.to) {
                delta[cell] += change.features;
            }
        }
        delta
    };
    counts.left_out_blocks().iter().map(delta).collect()
}
