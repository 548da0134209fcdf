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
        match &mut self.late {
            _ if time < flow::SHORTEST => self.start,
            Some(late) if time * late.limit.kappa > late.over => late.loss,
            Some(late) if time * late.limit.kappa > flow::LATE => late.flow.loss(time),
            _ => self.flow.loss(time),
        }
    }
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
        let start = self.model.total_variance();
        Ok(LossOverTime::Iid(Box::new(IidFlow { start, flow, late })))
    }

    /// Of an iid teacher, before any time is asked.
    fn new_flow(&self, features: f64) -> Flow<'_> {
        Flow::new(&self.rule, &self.responder, self.shared_samples(), features)
    }

    /// The loss of an iid teacher at a single time, as [`SampleTheory::flow_with_features`] has it,
    /// to 1e-4 and at a fraction of the cost; late times as there.
    pub(crate) fn flow_at_once(&self, features: f64, time: f64) -> Result<f64, TheoryError> {
        if time < flow::SHORTEST {
            return Ok(self.model.total_variance());
        }
        let early = time * self.model.total_variance() <= flow::LATE * features;
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
