//! The population loss from the sums at one resolution.

use crate::{TheoryError, coordinates::CoordinateRule, response::Responder, response::sums::Sums};
use asymscale_model::{Amplitude, ModelError, Regression};

/// A ridge and a noise that do not come as one [`Regression`] yet.
pub(crate) fn regression(ridge: f64, noise: f64) -> Result<Regression, TheoryError> {
    Regression::new(ridge, noise).map_err(|error| match error {
        ModelError::Ridge(ridge) => TheoryError::Ridge(ridge),
        _ => TheoryError::Noise(noise),
    })
}

/// What the loss is made of, at `κ = (1 − f/D)/G`.
///
/// Given the design, with `Σ̂ = XᵀX/D` and `df_1 = tr Σ̂(Σ̂+κ)⁻¹ = f`, `κ tr Σ(Σ̂+κ)⁻¹ = T`:
/// derivatives along κ give `κ² tr Σ(Σ̂+κ)⁻² = T − κT'`, `tr ΣΣ̂(Σ̂+κ)⁻² = T'`,
/// `tr Σ̂(Σ̂+κ)⁻² = −f'` and `df_2 = f + κf'`, and
///
/// ```text
/// L = (T − κT')/(1 − df_2/N) + (σ²/D) [T' + (T − κT')(−f')/(N − df_2)].
/// ```
///
/// Along `ln G`, `dκ/d ln G = −e/G` with `e = 1 + (f_G − f)/D`, `f_G = df/d ln G`: so every quantity
/// above is a sum of positive terms, also where `κ = 0`.
///
/// One-hot designs have `XᵀX` exactly diagonal: then `κ = 1/G` and `e = 1`, as for `D = ∞`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Equivalent {
    pub(crate) sums: Sums,
    /// `T − dT/d ln(1/G) = Σ λ E[1/(1 + yχ)²]`.
    pub(crate) squares: f64,
    /// D, or ∞ where coordinates do not compete for samples (one-hot activity).
    pub(crate) shared_samples: f64,
    /// D.
    pub(crate) samples: f64,
    /// What is left of features and samples, where it is known to more digits than `f` says.
    pub(crate) room: Option<Room>,
}

/// `N − f` and `1 − f/D`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    pub(crate) features: f64,
    pub(crate) samples: f64,
}

impl Equivalent {
    /// `e`.
    pub(crate) fn spread(&self) -> f64 {
        match self.room {
            Some(room) => room.samples + self.sums.learned_slope / self.shared_samples,
            None => 1.0 + (self.sums.learned_slope - self.sums.learned) / self.shared_samples,
        }
    }

    /// `κ² tr Σ(Σ̂+κ)⁻² = T − κT'`.
    pub(crate) fn bias(&self) -> f64 {
        let s = &self.sums;
        self.squares + s.left_slope * s.learned_slope / (self.shared_samples * self.spread())
    }

    /// `tr ΣΣ̂(Σ̂+κ)⁻² = T'`.
    fn variance(&self) -> f64 {
        self.sums.left_slope * self.sums.resolution() / self.spread()
    }

    /// `tr Σ̂(Σ̂+κ)⁻² = −f'`.
    fn leverage(&self) -> f64 {
        self.sums.learned_slope * self.sums.resolution() / self.spread()
    }

    /// `df_1 − df_2 = −κf'`.
    fn degrees_gap(&self) -> f64 {
        let spare = self
            .room
            .map_or_else(|| (1.0 - self.sums.learned / self.shared_samples).max(0.0), |room| room.samples);
        self.sums.learned_slope * spare / self.spread()
    }

    /// `N − df_2 = (N − df_1) + (df_1 − df_2)`, where `f ≤ N` up to rounding.
    pub(crate) fn free(&self, features: f64) -> f64 {
        let rest = self.room.map_or_else(|| (features - self.sums.learned).max(0.0), |room| room.features);
        rest + self.degrees_gap()
    }

    /// The loss at `features = N` (∞ allowed), where `f ≤ N` up to rounding.
    pub(crate) fn loss(&self, features: f64, noise: f64) -> f64 {
        let free = self.free(features);
        let inflation = if features == f64::INFINITY { 1.0 } else { features / free };
        let mut loss = self.bias() * inflation;
        if noise > 0.0 && self.samples.is_finite() {
            loss += noise / self.samples * (self.variance() + self.bias() * self.leverage() / free);
        }
        loss
    }
}

/// The limits, as `κ → 0` with all seen coordinates learned, of `G` times the slopes of `T` and `f`:
/// `Σ λ_i E[1/χ_i]/(a_i²/D)` and the same without `λ_i`, over seen coordinates.
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

    /// The loss per unit of label noise, at the limit `f = S`, `T = U`.
    pub(crate) fn noise_gain(&self, limit: &Equivalent, features: f64) -> f64 {
        let spread = limit.samples * limit.spread();
        let fitted = limit.sums.left * self.learned_slope / (features - limit.sums.learned);
        let fitted = if features == f64::INFINITY || limit.sums.left == 0.0 { 0.0 } else { fitted };
        (self.left_slope + fitted) / spread
    }
}
