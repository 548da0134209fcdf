//! Epochs of inputs of which only the laws are known, as they can be fitted to counts and second
//! moments.

use super::{EpochCollapse, Epochs};
use crate::TheoryError;
use asymscale_model::{Amplitude, SparseModel};

/// Laws of rare inputs: activities `p_i = (c/i)^β`, and the mean square `a²(p) = A p^g` of an input
/// of activity `p` where it is active. The model needs no more, since `λ = p a²`.
///
/// ```
/// use asymscale_model::{Amplitude, SparseModel};
/// use asymscale_theory::{Epochs, InputLaws};
/// // α = 1, β = 1.6, c = 2 again, with inputs that are larger by a factor of 10.
/// let model = SparseModel::power_law(1.0, 1.6, 2.0)?;
/// let (beta, onset, amplitude) = (1.6, 2.0, Amplitude::Gaussian);
/// let laws = InputLaws { beta, onset, scale: 10.0 * 0.25, power: 0.25, amplitude };
/// let large = laws.epochs(500.0, 0.01)?.saturation(0.5)?;
/// let epochs = Epochs::new(&model, 500.0, f64::INFINITY, 0.1)?.saturation(0.5)?;
/// assert!((large / epochs - 1.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InputLaws {
    /// `β > 1`.
    pub beta: f64,
    /// `c > 0`.
    pub onset: f64,
    /// `A > 0`.
    pub scale: f64,
    /// `g > 1/β − 1`; `1 + α = β (1 + g)`.
    pub power: f64,
    /// The law of the values of an active input.
    pub amplitude: Amplitude,
}

impl InputLaws {
    /// The limit of many samples.
    ///
    /// # Errors
    /// [`TheoryError::Collapse`] where a law is outside of its range.
    pub fn collapse(&self) -> Result<EpochCollapse, TheoryError> {
        let share = if self.beta > 1.0 { 1.0 + self.power - self.beta.recip() } else { f64::NAN };
        EpochCollapse::of_inputs(share, self.scale, self.power, self.amplitude)
    }

    /// Passes over `samples = D` with steps of `rate = η` and infinitely many features, at this
    /// size, an iid teacher taken for granted. Losses are in units of `A c^{1+α}`, the variance
    /// that the laws give the first input.
    ///
    /// # Errors
    /// As [`Epochs::new`], and [`TheoryError::Collapse`] where a law is outside of its range.
    pub fn epochs(&self, samples: f64, rate: f64) -> Result<Epochs, TheoryError> {
        self.collapse()?;
        let steepness = self.beta * (1.0 + self.power);
        let model = SparseModel::power_law(steepness - 1.0, self.beta, self.onset);
        let model = model.map_err(|_| TheoryError::Collapse {
            share: 1.0 + self.power - self.beta.recip(),
            scale: self.scale,
            power: self.power,
        })?;
        // λ_i = A p_i^{1+g} = A c^{1+α} i^{−(1+α)}: variances in units of their front are time.
        let front = self.scale * self.onset.powf(steepness);
        Epochs::new(&model.with_amplitude(self.amplitude), samples, f64::INFINITY, rate * front)
    }
}
