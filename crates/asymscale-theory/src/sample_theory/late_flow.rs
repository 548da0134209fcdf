//! Gradient flow with finitely many features, early and late.

use super::{SampleTheory, check};
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

impl SampleTheory {
    /// The loss of gradient flow with `features = N ≥ 1` features, averaged over designs; see
    /// [`SampleTheory::flow`].
    ///
    /// Equation (50) of [`derivations`](crate::derivations). For `N < r` the loss is not monotone
    /// in time.
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
        if features == f64::INFINITY && !self.model.has_iid_teacher() {
            return Ok(self.teacher_flow(times));
        }
        self.check_iid_teacher("gradient flow of finitely many features")?;
        let shared_samples = self.shared_samples();
        let mut flow = Flow::new(&self.rule, &self.responder, shared_samples, features);
        let start = self.model.total_variance();
        let mut late = self.late_flow(&flow, features, times)?;
        let at = |time: &f64| match &mut late {
            _ if *time < flow::SHORTEST => start,
            Some(late) if *time * late.limit.kappa > late.over => late.loss,
            Some(late) if *time * late.limit.kappa > flow::LATE => late.flow.loss(*time),
            _ => flow.loss(*time),
        };
        Ok(times.iter().map(at).collect())
    }

    /// The limit of gradient flow, if some of `times` are late enough for it to matter.
    fn late_flow<'a>(
        &'a self,
        flow: &Flow<'a>,
        features: f64,
        times: &[f64],
    ) -> Result<Option<LateFlow<'a>>, TheoryError> {
        let last = times.iter().fold(0.0, |last: f64, time| last.max(*time));
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
