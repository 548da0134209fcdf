//! The population loss from the sums at one value of `G`.

use crate::{
    SampleTheory, TheoryError, coordinates::CoordinateRule, response::Responder,
    response::sums::Sums, response::teacher::TeacherSums,
};
use asymscale_model::{Amplitude, ModelError, Regression};

/// From this `ln λG` on, `1/(λG)²` is no float with all its digits.
const FAR: f64 = 340.0;

/// A difference of sums that is less than this share of them is computed in another way, because
/// interpolated sums are accurate to `5e-10`.
const CANCELLED: f64 = 1e-3;

/// A ridge and a noise that do not come as one [`Regression`] yet.
pub(crate) fn regression(ridge: f64, noise: f64) -> Result<Regression, TheoryError> {
    Regression::new(ridge, noise).map_err(|error| match error {
        ModelError::Ridge(ridge) => TheoryError::Ridge(ridge),
        _ => TheoryError::Noise(noise),
    })
}

/// The deterministic equivalent at `κ = (1 − f/D)/G`: the parts of equation (16) of
/// [`derivations`](crate::derivations), in the form (22), in which every part is a sum of positive
/// terms, also where `κ = 0`.
///
/// One-hot designs have an exactly diagonal `XᵀX`: then `κ = 1/G` and `e = 1`, as for `D = ∞`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Equivalent {
    pub(crate) sums: Sums,
    /// `T + dT/d ln G = Σ λ E[1/(1 + yχ)²]`.
    pub(crate) squares: f64,
    /// D, or ∞ where coordinates do not compete for samples (one-hot activity).
    pub(crate) shared_samples: f64,
    /// D.
    pub(crate) samples: f64,
    /// The sums of a teacher whose weights are not iid.
    pub(crate) teacher: Option<TeacherSums>,
    /// The features and samples that are not used up, where they are known more accurately than
    /// from `f`.
    pub(crate) unused: Option<Unused>,
}

impl SampleTheory {
    /// The equivalent at some sums.
    pub(super) fn equivalent(&self, mut sums: Sums) -> Equivalent {
        let shared_samples = self.shared_samples();
        let mut squares = sums.left - sums.left_slope;
        // Where everything is learned up to a slight ridge, the difference would cancel; far out,
        // slopes of what is learned best are below floats.
        let far = sums.log_stieltjes + self.model.total_variance().ln() > FAR;
        if far {
            let mut rule = self.rule.clone();
            rule.extend_for(sums.log_stieltjes);
            squares = rule.squares(&self.responder, sums.log_stieltjes);
            sums.left_slope = sums.left - squares;
        } else if squares < CANCELLED * sums.left {
            squares = self.rule.squares(&self.responder, sums.log_stieltjes);
        }
        let teacher = (!self.model.has_iid_teacher()).then(|| self.teacher_sums(&sums));
        Equivalent { sums, squares, shared_samples, samples: self.samples, teacher, unused: None }
    }
}

/// `N − f` and `1 − f/D`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unused {
    pub(crate) features: f64,
    pub(crate) samples: f64,
}

impl Equivalent {
    /// `e = −G dκ/d ln G`.
    pub(crate) fn jacobian(&self) -> f64 {
        match self.unused {
            Some(unused) => unused.samples + self.sums.learned_slope / self.shared_samples,
            None => 1.0 + (self.sums.learned_slope - self.sums.learned) / self.shared_samples,
        }
    }

    /// `κ² tr Σ(Σ̂+κ)⁻² = T − κT'`, equation (22).
    pub(crate) fn bias(&self) -> f64 {
        let s = &self.sums;
        self.squares + s.left_slope * s.learned_slope / (self.shared_samples * self.jacobian())
    }

    /// `tr ΣΣ̂(Σ̂+κ)⁻² = T'`.
    fn variance(&self) -> f64 {
        self.sums.left_slope * self.sums.stieltjes() / self.jacobian()
    }

    /// `tr Σ̂(Σ̂+κ)⁻² = −f'`.
    fn leverage(&self) -> f64 {
        self.sums.learned_slope * self.sums.stieltjes() / self.jacobian()
    }

    /// `df_1 − df_2 = −κf'`.
    fn degrees_gap(&self) -> f64 {
        self.sums.learned_slope * self.spare() / self.jacobian()
    }

    /// `1 − f/D`.
    pub(crate) fn spare(&self) -> f64 {
        self.unused.map_or_else(
            || (1.0 - self.sums.learned / self.shared_samples).max(0.0),
            |unused| unused.samples,
        )
    }

    /// `κ² E wᵀRΣRw`, equation (91): the bias of the teacher itself, at `N = ∞`.
    fn teacher_bias(&self, teacher: &TeacherSums) -> f64 {
        teacher.squares
            + teacher.slope * self.sums.left_slope / (self.shared_samples * self.jacobian())
    }

    /// `E wᵀΣ̂²R²w`, equation (92): the weights that are learned, which finitely many features
    /// confuse with others.
    fn learned_weights(&self, teacher: &TeacherSums) -> f64 {
        (teacher.learned - teacher.slope * (self.spare() / self.jacobian())).max(0.0)
    }

    /// `N − df_2 = (N − df_1) + (df_1 − df_2)`, where `f ≤ N` up to rounding.
    pub(crate) fn free(&self, features: f64) -> f64 {
        let rest = self
            .unused
            .map_or_else(|| (features - self.sums.learned).max(0.0), |unused| unused.features);
        rest + self.degrees_gap()
    }

    /// The loss (25) at `features = N` (∞ allowed), where `f ≤ N` up to rounding.
    pub(crate) fn loss(&self, features: f64, noise: f64) -> f64 {
        let free = self.free(features);
        let mut loss = match &self.teacher {
            None if features == f64::INFINITY => self.bias(),
            None => self.bias() * (features / free),
            Some(teacher) if features == f64::INFINITY => self.teacher_bias(teacher),
            Some(teacher) => {
                self.teacher_bias(teacher) + self.bias() * (self.learned_weights(teacher) / free)
            }
        };
        if noise > 0.0 && self.samples.is_finite() {
            loss += noise / self.samples * (self.variance() + self.bias() * self.leverage() / free);
        }
        loss
    }
}

/// The limits, as `κ → 0` with all seen coordinates learned, of `G` times the slopes of `T` and
/// `f`: the two sums of equation (30), over seen coordinates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InverseCounts {
    left_slope: f64,
    learned_slope: f64,
}

impl InverseCounts {
    pub(crate) fn new(rule: &CoordinateRule, responder: &Responder) -> Self {
        let sometimes = |p: f64| p > 0.0 && p < 1.0;
        // E[1/χ] is infinite for a coordinate that can be seen in one or two samples only.
        let singular = responder.amplitude == Amplitude::Gaussian
            && (responder.samples <= 2.0 || rule.nodes.iter().any(|node| sometimes(node.activity)));
        if singular {
            return Self { left_slope: f64::INFINITY, learned_slope: f64::INFINITY };
        }
        let (mut left_slope, mut learned_slope) = (0.0, rule.rare_inverse_counts());
        for node in rule.nodes.iter().filter(|node| node.count > 0.0) {
            // λ/(a²/D) = Dp.
            let share = node.weight * responder.inverse_count(node);
            left_slope += share * node.count;
            learned_slope += share / node.scale;
        }
        Self { left_slope, learned_slope }
    }

    /// The loss (30) per unit of label noise, at the limit `f = S`, `T = U`.
    pub(crate) fn noise_gain(&self, limit: &Equivalent, features: f64) -> f64 {
        let scale = limit.samples * limit.jacobian();
        let fitted = limit.sums.left * self.learned_slope / (features - limit.sums.learned);
        let fitted = if features == f64::INFINITY || limit.sums.left == 0.0 { 0.0 } else { fitted };
        (self.left_slope + fitted) / scale
    }
}
