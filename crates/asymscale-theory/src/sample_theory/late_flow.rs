//! Gradient flow with finitely many features, early and late, and the loss over time of any
//! learner, with what all times share.

use super::{SampleTheory, check, teacher_flow::TeacherFlow};
use crate::{
    TheoryError,
    sample_theory::flow::{self, Flow, Limit},
};

/// The end of gradient flow with few features.
struct LateFlow<'a> {
    flow: Flow<'a>,
    limit: Limit,
    /// The value of `κs` from which on the loss no longer changes.
    over: f64,
    loss: f64,
}

/// The loss of gradient flow at any time, of which the parts that times share are made when first
/// needed.
pub(crate) enum LossOverTime<'a> {
    /// Of an iid teacher.
    Iid(Box<IidFlow<'a>>),
    /// Of any other, with infinitely many features.
    Own(Box<TeacherFlow<'a>>),
}

/// Equation (50).
pub(crate) struct IidFlow<'a> {
    start: f64,
    /// The loss of the posterior mean, which interpolates with infinitely many features: no learner
    /// has a smaller one, and the error of a transform may not feign it.
    least: f64,
    flow: Flow<'a>,
    late: Option<LateFlow<'a>>,
}

impl LossOverTime<'_> {
    /// The loss at a time in the range of [`SampleTheory::flow`].
    pub(crate) fn at(&mut self, time: f64) -> f64 {
        match self {
            Self::Iid(flow) => flow.at(time),
            Self::Own(flow) => flow.at(time),
        }
    }
}

impl IidFlow<'_> {
    fn at(&mut self, time: f64) -> f64 {
        let loss = match &mut self.late {
            _ if time < flow::SHORTEST => self.start,
            Some(late) if time * late.limit.kappa > late.over => late.loss,
            Some(late) if time * late.limit.kappa > flow::LATE => late.flow.loss(time),
            _ => self.flow.loss(time),
        };
        loss.max(self.least)
    }
}

impl SampleTheory {
    /// The loss of gradient flow with `features = N ≥ 1` features, averaged over designs; see
    /// [`SampleTheory::flow`].
    ///
    /// Equation (50) of [`derivations`](crate::derivations). For `N < r` the loss is not monotone
    /// in time, and late in the flow its accuracy as a transform is 1e-4 of itself.
    ///
    /// # Errors
    /// [`TheoryError::Features`] outside of its range, [`TheoryError::Time`] outside of `0..=1e18`,
    /// [`TheoryError::IidTeacher`] for finitely many features and any other teacher.
    pub fn flow_with_features(
        &self,
        features: f64,
        times: &[f64],
    ) -> Result<Vec<f64>, TheoryError> {
        check(features)?;
        times.iter().try_for_each(|time| flow::check_time(*time))?;
        let last = times.iter().fold(0.0, |last: f64, time| last.max(*time));
        let mut loss = self.loss_over_time(features, last)?;
        Ok(times.iter().map(|time| loss.at(*time)).collect())
    }

    /// The loss over times up to `last`, both in the range of [`SampleTheory::flow_with_features`].
    ///
    /// # Errors
    /// [`TheoryError::Features`] and [`TheoryError::IidTeacher`].
    pub(crate) fn loss_over_time(
        &self,
        features: f64,
        last: f64,
    ) -> Result<LossOverTime<'_>, TheoryError> {
        check(features)?;
        if features == f64::INFINITY && !self.model.has_iid_teacher() {
            return Ok(LossOverTime::Own(Box::new(TeacherFlow::new(self))));
        }
        self.check_iid_teacher("gradient flow of finitely many features")?;
        let flow = self.new_flow(features);
        let late = self.late_flow(&flow, features, last)?;
        let (start, least) = (self.model.total_variance(), self.loss(f64::INFINITY)?);
        Ok(LossOverTime::Iid(Box::new(IidFlow { start, least, flow, late })))
    }

    /// Of an iid teacher, before any time is asked.
    fn new_flow(&self, features: f64) -> Flow<'_> {
        Flow::new(&self.rule, &self.responder, self.shared_samples(), features)
    }

    /// The loss of an iid teacher at a single time, as [`SampleTheory::flow_with_features`] has it,
    /// to 5e-4 and at a fraction of the cost; late times as there.
    pub(crate) fn flow_at_once(&self, features: f64, time: f64) -> Result<f64, TheoryError> {
        if time < flow::SHORTEST {
            return Ok(self.model.total_variance());
        }
        let early = time * self.model.total_variance() <= flow::SOON * features;
        if early || features >= self.threshold() {
            return Ok(self.new_flow(features).loss_at_once(time));
        }
        Ok(self.flow_with_features(features, &[time])?[0])
    }

    /// The limit of gradient flow, if times up to `last` are late enough for it to matter.
    fn late_flow<'a>(
        &'a self,
        flow: &Flow<'a>,
        features: f64,
        last: f64,
    ) -> Result<Option<LateFlow<'a>>, TheoryError> {
        // κ ≤ tr Σ/N.
        let soon = last * self.model.total_variance() <= flow::LATE * features;
        if features >= self.threshold() || soon || self.check_depth(features).is_err() {
            return Ok(None);
        }
        let sums = self.search().sums_where(self.hint(features), self.learns(features));
        let loss = self.loss(features)?;
        let gap = 1.0 - features / self.threshold();
        let mut flow = flow.clone();
        let limit = flow.limit(sums.log_stieltjes);
        let flow = flow.with_limit(limit);
        Ok(Some(LateFlow { flow, limit, over: flow::OVER / (gap * gap), loss }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::{Amplitude, SparseModel};

    /// Few features end at the loss of the limit, whichever formula tells of the end.
    #[test]
    fn with_few_features_the_flow_ends_at_the_loss() {
        for (alpha, beta, onset) in [(1.0, 1.5, 1.0), (0.5, 2.5, 4.0)] {
            for amplitude in [Amplitude::Gaussian, Amplitude::Rademacher] {
                let model = SparseModel::power_law(alpha, beta, onset).unwrap();
                let theory = SampleTheory::new(&model.with_amplitude(amplitude), 100.0).unwrap();
                for share in [0.1, 0.5] {
                    let features = share * theory.threshold();
                    let (loss, flow) = (theory.loss(features).unwrap(), theory.new_flow(features));
                    let kappa =
                        theory.late_flow(&flow, features, 1e18).unwrap().unwrap().limit.kappa;
                    let unit = 1.0 / (kappa * (1.0 - share).powi(2));
                    let times = [50.0, 90.0, 200.0, 700.0].map(|time| time * unit);
                    for (time, found) in
                        times.iter().zip(theory.flow_with_features(features, &times).unwrap())
                    {
                        let at = format!("{alpha} {beta} {amplitude} {share} {time}");
                        assert!((found / loss - 1.0).abs() < 1e-5, "{at}: {found} {loss}");
                        let at_once = theory.flow_at_once(features, *time).unwrap();
                        assert!((at_once / loss - 1.0).abs() < 5e-4, "{at}: {at_once} {loss}");
                    }
                }
            }
        }
    }

    /// Far beyond its digits the transform does not tell of a loss below that of the best learner.
    #[test]
    fn the_flow_is_never_below_the_loss_of_the_posterior_mean() {
        let model = SparseModel::power_law(3.0, 0.5, 1.0).unwrap();
        let model = model.with_coordinates(asymscale_model::Coordinates::Finite(10_000)).unwrap();
        let theory = SampleTheory::new(&model, 1000.0).unwrap();
        let least = theory.loss(f64::INFINITY).unwrap();
        let losses = theory.flow(&[1e9, 1e12, 1e15]).unwrap();
        assert!(least > 0.0 && losses.iter().all(|loss| *loss >= least), "{losses:?} {least}");
    }
}
