//! What the theory needs of a teacher whose weights are not iid: equations (91) to (94) of
//! [`derivations`](crate::derivations).

use super::SampleTheory;
use crate::TheoryError;
use crate::coordinates::coverage;
use crate::response::{sums::Sums, teacher::TeacherSums};

impl SampleTheory {
    pub(crate) fn check_iid_teacher(&self, quantity: &'static str) -> Result<(), TheoryError> {
        if self.model.has_iid_teacher() {
            Ok(())
        } else {
            Err(TheoryError::IidTeacher { quantity })
        }
    }

    /// The sums of the teacher at the `G` of others.
    pub(super) fn teacher_sums(&self, sums: &Sums) -> TeacherSums {
        let v = sums.log_stieltjes;
        if v == f64::INFINITY || self.rule.covers(v) {
            return self.rule.teacher_sums(&self.responder, v);
        }
        let mut rule = self.rule.clone();
        rule.extend_for(v);
        rule.teacher_sums(&self.responder, v)
    }

    /// The mean of `Σ w²` over seen coordinates.
    pub(super) fn seen_weights(&self) -> f64 {
        *self.seen_weights.get_or_init(|| coverage::seen_weights(&self.whole_rule()))
    }

    /// `Σ g_i (1 − p_i)^D`.
    pub(super) fn unseen_target(&self) -> f64 {
        if self.model.has_iid_teacher() {
            return self.unseen_mass();
        }
        *self.unseen_target.get_or_init(|| coverage::unseen_target(&self.model, &self.whole_rule()))
    }
}
