//! Laws as they might as well have been fitted: draws about the fit.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Poisson};

use super::prior::Law;
use crate::diagnosis::counts::ActivationCounts;
use crate::diagnosis::laws::activity_fit::ActivityFit;
use crate::diagnosis::laws::candidates::Parts;
use crate::diagnosis::laws::model::Model;
use crate::diagnosis::laws::power_law_cells::{LARGEST_INVERSE, SMALLEST_INVERSE};
use crate::diagnosis::laws::{Tables, fit_to_window};
use crate::diagnosis::{ActivityLaw, Candidate, Diagnosis, Method, MixedLaw};

/// The fit, and what draws about it need.
pub(super) enum LawDraws {
    /// Draws of the parametric bootstrap, and by how much the variance of the parameters exceeds
    /// that of independent features.
    Power { law: ActivityLaw, draws: Vec<ActivityLaw>, inflation: f64 },
    /// The tally that the law was fitted to: draws are fits to tallies resampled by feature.
    Mixed { law: MixedLaw, tables: Tables, tally: Vec<f64>, inflation: f64 },
}

/// The laws that diagnosed counts may follow, the best first; none where that does not survive its
/// tests.
pub(super) fn plausible_laws(
    counts: &ActivationCounts,
    diagnosis: &Diagnosis,
    level: f64,
) -> Vec<(Method, LawDraws)> {
    let candidates = &diagnosis.candidates;
    if !candidates.first().is_some_and(|best| best.survives) {
        return Vec::new();
    }
    let fit = diagnosis.activity.as_ref();
    let inflations = inflations(counts, fit, level);
    let tables = Tables::new(counts.floor(), counts.units());
    let tally = tables.cells().tally(counts);
    let draws = |candidate: &Candidate| {
        let known = inflations.iter().find(|(method, _)| *method == candidate.method);
        let inflation = known.map_or(1.0, |found| found.1);
        let draws = match (candidate.law, fit) {
            (Some(law), _) => {
                LawDraws::Mixed { law, tables: tables.clone(), tally: tally.clone(), inflation }
            }
            (None, Some(fit)) => {
                LawDraws::Power { law: fit.law(), draws: fit.draws.clone(), inflation }
            }
            (None, None) => return None,
        };
        Some((candidate.method, draws))
    };
    candidates.iter().filter(|law| law.survives || law.plausible).filter_map(draws).collect()
}

impl LawDraws {
    /// The fitted law.
    pub(super) fn fitted(&self) -> Law {
        match self {
            Self::Power { law, .. } => Law::Power(*law),
            Self::Mixed { law, .. } => Law::Mixed(*law),
        }
    }

    /// One draw.
    pub(super) fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> Law {
        match self {
            Self::Power { law, draws, .. } if draws.is_empty() => Law::Power(*law),
            Self::Power { law, draws, inflation } => {
                let drawn = draws[rng.random_range(0..draws.len())];
                let stretch = inflation.sqrt();
                let inverse = law.inverse() + stretch * (drawn.inverse() - law.inverse());
                let onset = law.onset * (drawn.onset / law.onset).powf(stretch);
                let beta = inverse.clamp(SMALLEST_INVERSE, LARGEST_INVERSE).recip();
                Law::Power(ActivityLaw { beta, onset })
            }
            Self::Mixed { law, tables, tally, inflation } => {
                let resampled: Vec<f64> = tally
                    .iter()
                    .map(|&n| {
                        if n > 0.0 { Poisson::new(n).map_or(n, |law| law.sample(rng)) } else { 0.0 }
                    })
                    .collect();
                let refit = fit_to_window(law.shape, tables, &resampled, law.max_count as f64);
                let Some(refit) = refit else { return Law::Mixed(*law) };
                let stretch = inflation.sqrt();
                let bounds = law.shape.bounds();
                let moved = [0, 1].map(|k| {
                    let by = stretch * (refit.law.parameters[k] - law.parameters[k]);
                    (law.parameters[k] + by).clamp(bounds[k].0, bounds[k].1)
                });
                Law::Mixed(refit.moved(moved))
            }
        }
    }
}

/// By how much the variance of the parameters of each law exceeds that of independent features;
/// none where it is not known which features were active together.
fn inflations(
    counts: &ActivationCounts,
    fit: Option<&ActivityFit>,
    level: f64,
) -> Vec<(Method, f64)> {
    if !counts.has_incidence() {
        return Vec::new();
    }
    let parts = Parts::new(counts);
    let of = |model: &Model<'_>| (model.candidate.method, model.inflation);
    parts.models(fit, level).iter().map(of).collect()
}
