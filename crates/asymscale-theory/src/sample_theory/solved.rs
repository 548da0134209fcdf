//! The loss at one number of features together with what it was computed from, so that estimates of
//! its error need not solve for it again; and what such estimates need of the samples alone, which
//! is kept.

use super::{SampleTheory, margins::Fluctuations};
use crate::{
    Regression, TheoryError,
    coordinates::coverage,
    response::Response,
    response::sums::Sums,
    sample_theory::loss::{Equivalent, InverseCounts},
};
use std::{cell::OnceCell, sync::OnceLock};

/// The number of always active coordinates that are checked for coinciding Rademacher columns;
/// others weigh less than 1 %.
const SURE: f64 = 64.0;

/// The loss at one point, and its solution.
#[derive(Debug)]
pub(crate) struct Solved {
    pub(crate) features: f64,
    pub(crate) regression: Regression,
    /// [`SampleTheory::loss_with`].
    pub(crate) loss: f64,
    /// The sums at the `G` of the loss, which is infinite where all that is seen is learned.
    pub(crate) equivalent: Equivalent,
    /// The responses of the nodes there, computed when first needed.
    pub(super) responses: OnceCell<Vec<Response>>,
}

/// What does not depend on the number of features, computed when first needed.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    past_threshold: OnceLock<Equivalent>,
    fluctuations_past_threshold: OnceLock<Fluctuations>,
    /// The sums where all samples are used up, `f = D`, if more coordinates are seen than that.
    saturated: OnceLock<Sums>,
    inverse_counts: OnceLock<InverseCounts>,
    unseen_squares: OnceLock<f64>,
    coinciding_variance: OnceLock<f64>,
    rank_spread: OnceLock<f64>,
    /// None where all samples are effective.
    at_effective_samples: OnceLock<Result<Option<Box<SampleTheory>>, TheoryError>>,
}

impl SampleTheory {
    /// The loss at `features`, and its solution.
    ///
    /// # Errors
    /// As [`SampleTheory::loss_with`].
    pub(super) fn solve(
        &self,
        features: f64,
        regression: Regression,
    ) -> Result<Solved, TheoryError> {
        self.check_loss(features, regression)?;
        let equivalent = if regression.ridge() > 0.0 {
            self.ridge_equivalent(&mut self.search(), features, regression.ridge())
        } else if features < self.threshold() {
            let sums = self.search().sums_where(self.hint(features), self.learns(features));
            // As in the loss.
            self.equivalent(Sums { learned: features, ..sums })
        } else {
            *self.past_threshold()
        };
        let loss = self.loss_of(&equivalent, features, regression);
        Ok(Solved { features, regression, loss, equivalent, responses: OnceCell::new() })
    }

    /// The loss at a solution, which does not depend on the noise.
    pub(super) fn loss_of(
        &self,
        solution: &Equivalent,
        features: f64,
        regression: Regression,
    ) -> f64 {
        let (ridge, noise) = (regression.ridge(), regression.noise());
        if ridge > 0.0 || features < self.threshold() {
            solution.loss(features, noise)
        } else {
            self.overparameterized(features, noise)
        }
    }

    /// Whether the solution is that of all numbers of features past the threshold.
    pub(super) fn is_past_threshold(&self, solved: &Solved) -> bool {
        solved.regression.ridge() == 0.0 && solved.features >= self.threshold()
    }

    /// The solution past the threshold without ridge.
    pub(super) fn past_threshold(&self) -> &Equivalent {
        self.kept.past_threshold.get_or_init(|| {
            self.equivalent(if self.seen > self.samples {
                Sums { learned: self.samples, ..self.saturated_sums() }
            } else {
                let left = self.unseen_mass();
                Sums { log_stieltjes: f64::INFINITY, learned: self.seen, left, ..Sums::default() }
            })
        })
    }

    /// The fluctuations there.
    pub(super) fn fluctuations_past_threshold(&self) -> Fluctuations {
        let kept = &self.kept.fluctuations_past_threshold;
        *kept.get_or_init(|| self.fluctuations(&self.past_threshold().sums, &OnceCell::new()))
    }

    /// The sums where `f = D < S`, up to the accuracy of the root.
    pub(super) fn saturated_sums(&self) -> Sums {
        *self.kept.saturated.get_or_init(|| {
            self.search().sums_where(self.hint(self.samples), self.learns(self.samples))
        })
    }

    /// The two sums of equation (30).
    pub(super) fn inverse_counts(&self) -> &InverseCounts {
        let kept = &self.kept.inverse_counts;
        kept.get_or_init(|| InverseCounts::new(&self.rule, &self.responder))
    }

    /// The variance of the unseen target energy.
    pub(super) fn unseen_squares(&self) -> f64 {
        let kept = &self.kept.unseen_squares;
        *kept.get_or_init(|| coverage::unseen_squares(&self.model, &self.rule))
    }

    /// The variance of always active coordinates, each as often as there are such before it.
    pub(super) fn coinciding_variance(&self) -> f64 {
        *self.kept.coinciding_variance.get_or_init(|| {
            let model = &self.model;
            let sure = |i: &u32| model.activity(f64::from(*i)) == 1.0;
            let last = model.coordinates().as_f64().min(SURE) as u32;
            let pairs = (1..=last).take_while(sure);
            pairs.map(|i| f64::from(i - 1) * model.eigenvalue(f64::from(i))).sum()
        })
    }

    /// The spread of the rank, by a function that is called at most once.
    pub(super) fn kept_rank_spread(&self, spread: impl FnOnce() -> f64) -> f64 {
        *self.kept.rank_spread.get_or_init(spread)
    }

    /// The theory at the effective samples; none where these are all samples.
    pub(super) fn at_effective_samples(&self) -> Result<Option<&Self>, TheoryError> {
        let kept = self.kept.at_effective_samples.get_or_init(|| {
            let effective = self.effective_samples();
            if effective == self.samples {
                return Ok(None);
            }
            Self::new(&self.model, effective).map(|theory| Some(Box::new(theory)))
        });
        kept.as_ref().map(Option::as_deref).map_err(Clone::clone)
    }
}
