//! Test inputs, with the rare coordinates boosted and the boost weighed out.
//!
//! **Derivation.** Let `R` be the rarest (largest) active coordinate of an input. Coordinates are
//! active independently, so `P(R = r) = p_r Π_{i>r} (1 − p_i)`, and given `R = r` the coordinates
//! below `r` are as in any input. Half of the inputs are drawn from the model. The other half are
//! *planted*: `r` from a law `q` on `r ≥ r₀`, everything from `r` on taken out of an input of the
//! model, and `r` put in. The likelihood ratio of planted to plain is `q(R)/P(R)`, whatever else is
//! active, so the balance heuristic (Veach & Guibas 1995, doi:10.1145/218380.218498) weighs an
//! input by `2 / (1 + q(R)/P(R))`: unbiased, and never above 2.

use crate::sparse::SampleRows;
use crate::{Design, SamplingError};
use asymscale_model::{Amplitude, PowerLaw, RareLaw, SparseModel, power_sum};
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

/// Weighted inputs: a mean over them, with their weights, is a mean over the model.
#[derive(Debug, Clone, PartialEq)]
pub struct TestInputs {
    entries: Vec<Vec<(f64, f64)>>,
    weights: Vec<f64>,
    /// The first so many are plain, the others planted.
    plain: usize,
}

impl TestInputs {
    /// Draws `count` inputs; where rare coordinates are boosted, half of them from coordinate `r₀`
    /// on, the first with `p ≤ 1/max(samples, 2)`: those that a training set of `samples` samples
    /// hardly shows.
    ///
    /// The boost's law is `q(r) ∝ ∫ x^{−(1+α)}` over the cell of `r`, the share of the variance, so
    /// that `q/P` grows as the squared scale of the coordinate and no rare large value has a large
    /// weight. Only power laws with `β > 1` are boosted; elsewhere inputs are plain and have the
    /// weight 1.
    ///
    /// # Errors
    /// As [`Design::sample`].
    ///
    /// ```
    /// use asymscale_model::SparseModel;
    /// use asymscale_sampling::{Key, TestInputs};
    /// let model = SparseModel::power_law(1.0, 1.5, 1.0)?;
    /// let inputs = TestInputs::draw(&model, 64, 100, &mut Key::new(1).stream())?;
    /// assert!(inputs.weights().iter().all(|w| *w > 0.0 && *w <= 2.0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn draw<R: Rng + ?Sized>(
        model: &SparseModel,
        samples: usize,
        count: usize,
        rng: &mut R,
    ) -> Result<Self, SamplingError> {
        let mut entries = rows(&Design::sample(model, count, rng)?);
        let Some(boost) = Boost::new(model, samples) else {
            return Ok(Self { weights: vec![1.0; count], plain: count, entries });
        };
        let plain = count.div_ceil(2);
        entries[plain..].iter_mut().for_each(|input| boost.plant(model, input, rng));
        let weights = entries.iter().map(|input| boost.weight(model, input)).collect();
        Ok(Self { entries, weights, plain })
    }

    /// How many inputs.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// (coordinate, value) of what is active in input `k`, ascending.
    ///
    /// # Panics
    /// If `k` is not below [`TestInputs::count`].
    pub fn input(&self, k: usize) -> &[(f64, f64)] {
        &self.entries[k]
    }

    /// The weight of every input, in `(0, 2]`.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The mean of a function of the input from its values, and its standard error: each half is a
    /// stratum.
    pub fn mean(&self, values: &[f64]) -> (f64, f64) {
        let weighted: Vec<f64> = values.iter().zip(&self.weights).map(|(v, w)| v * w).collect();
        let (plain, planted) = weighted.split_at(self.plain);
        let count = weighted.len() as f64;
        let mean = weighted.iter().sum::<f64>() / count;
        (mean, (scatter(plain) + scatter(planted)).sqrt() / count)
    }
}

/// The variance of a sum of independent values; infinite for a single one.
fn scatter(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let square: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    match values.len() {
        0 => 0.0,
        1 => f64::INFINITY,
        _ => n * square / (n - 1.0),
    }
}

/// The entries of each sample, by the numbers of their coordinates.
fn rows(design: &Design) -> Vec<Vec<(f64, f64)>> {
    let entry = |(j, x): &(u32, f64)| (design.index(*j as usize), *x);
    SampleRows::of(design).iter().map(|sample| sample.iter().map(entry).collect()).collect()
}

/// The law `q` of planted coordinates.
struct Boost {
    first: f64,
    /// One past the last coordinate.
    end: f64,
    exponent: f64,
}

impl Boost {
    fn new(model: &SparseModel, samples: usize) -> Option<Self> {
        let RareLaw { first, variance, activity, .. } =
            model.rare_law().filter(|_| !model.is_one_hot())?;
        let beta = activity.exponent;
        // p ≤ 1/max(D, 2), and no listed or always active coordinate.
        let onset = (activity.log_front / beta).exp();
        let first = (onset * (samples.max(2) as f64).powf(1.0 / beta)).ceil().max(first);
        let end = model.coordinates().as_f64() + 1.0;
        // Any exponent is unbiased; a floor keeps planted numbers within the range of floats.
        let exponent = (variance.exponent - 1.0).max(0.1);
        (beta > 1.0 && first < end).then_some(Self { first, end, exponent })
    }

    /// `((r ± ½)/(r₀ − ½))^{−a}` at a cell's edge.
    fn tail(&self, edge: f64) -> f64 {
        (edge / (self.first - 0.5)).powf(-self.exponent)
    }

    fn plant<R: Rng + ?Sized>(
        &self,
        model: &SparseModel,
        input: &mut Vec<(f64, f64)>,
        rng: &mut R,
    ) {
        let left = self.tail(self.end - 0.5);
        let u = 1.0 - rng.random::<f64>() * (1.0 - left);
        let r = ((self.first - 0.5) * u.powf(-1.0 / self.exponent))
            .round()
            .clamp(self.first, self.end - 1.0);
        input.retain(|entry| entry.0 < r);
        let z = match model.amplitude() {
            Amplitude::Gaussian => rng.sample(StandardNormal),
            Amplitude::Rademacher => {
                if rng.random() {
                    1.0
                } else {
                    -1.0
                }
            }
        };
        input.push((r, model.scale_squared(r).sqrt() * z));
    }

    fn weight(&self, model: &SparseModel, input: &[(f64, f64)]) -> f64 {
        match input.last() {
            Some((r, _)) if *r >= self.first => 2.0 / (1.0 + self.density(*r) / rarest(model, *r)),
            _ => 2.0,
        }
    }

    fn density(&self, r: f64) -> f64 {
        // (r−½)^{−a} − (r+½)^{−a} without cancellation.
        let cell = self.tail(r - 0.5) * -(-self.exponent * (1.0 / (r - 0.5)).ln_1p()).exp_m1();
        cell / (1.0 - self.tail(self.end - 0.5))
    }
}

/// `P(R = r) = p_r Π_{i>r} (1 − p_i)`, for a power law with `p_r ≤ ½`:
/// `−Σ ln(1 − p_i) = Σ_k c^{kβ} ζ(kβ, r+1)/k`.
fn rarest(model: &SparseModel, r: f64) -> f64 {
    let Some(PowerLaw { log_front, exponent: beta }) = model.activity_law().tail() else {
        return f64::NAN;
    };
    let (p, end) = (model.activity(r), model.coordinates().as_f64() + 1.0);
    let mut hazard = 0.0;
    for k in 1..=60 {
        let power = f64::from(k) * beta;
        let term = (f64::from(k) * log_front).exp() * power_sum(power, r + 1.0, end) / f64::from(k);
        hazard += term;
        if term <= 1e-16 * hazard {
            break;
        }
    }
    p * (-hazard).exp()
}
