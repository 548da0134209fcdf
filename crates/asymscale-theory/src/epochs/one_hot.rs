//! Stochastic gradient descent on one-hot samples, exact at any step size and number of epochs:
//! equation (131) of [`derivations`](crate::derivations).

use super::check_passes;
use crate::TheoryError;
use crate::coordinates::{CoordinateRule, Node};
use asymscale_model::{Amplitude, SparseModel};
use asymscale_numerics::gauss_legendre;
use std::f64::consts::{FRAC_2_PI, LN_2};

/// Beyond this value of `Kq` the moment is that of large `z` alone, or a sum without cancellation.
const STEEP: f64 = 50.0;
/// Up to so many epochs, that sum.
const FEW: u32 = 8;
/// Where the normal density is below rounding.
const END: f64 = 10.0;
/// Panels are added until what is beyond the last changes the loss by this share at most.
const SMALL: f64 = 1e-13;
/// Most distance in `ln i` by which panels are added.
const FURTHEST: f64 = 2000.0;

/// The mean population loss, over designs and teachers, of infinitely many features after
/// `epochs = K` passes over `samples = D` one-hot samples in batches of one with steps of
/// `rate = η`, in any order in which every pass takes each sample once: fixed, or new each time.
///
/// A sample with coordinate `i` active multiplies what is left of that coordinate by `1 − η a_i²
/// z²`, and nothing else, so that factors may be taken in any order. Exact at any step: no limit is
/// taken. Where steps are large it is infinite, or beyond floats: a coordinate that a few passes
/// blow up has a mean that says little of a typical run. For Gaussian amplitudes that begins at `η
/// a² K` of about 1. With infinitely many coordinates and `δ = β − 1 − α > 0` the mean is infinite
/// from `2Kδ ≥ β + (b − 1)/D` on, `b − 1 = α` for an iid teacher.
///
/// Draws with replacement are slower on every design, by the inequality of arithmetic and geometric
/// means, (132).
///
/// Relative accuracy 1e-9 for infinitely many coordinates, 1e-12 else. Cost: some milliseconds.
///
/// # Errors
/// [`TheoryError::NotOneHot`]; [`TheoryError::EpochSamples`], [`TheoryError::Rate`] outside of
/// their ranges.
///
/// ```
/// use asymscale_model::{Activity, Amplitude, Coordinates, SparseModel, Spectrum};
/// use asymscale_theory::one_hot_descent_loss;
/// let model = SparseModel::new(
///     Spectrum::power_law(1.0)?,
///     Activity::one_hot(0.0)?, // each of two in half of the samples: a² = 2 and 1/2
///     Amplitude::Rademacher,
///     Coordinates::Finite(2),
/// )?;
/// // One sample, twice, η = 0.2: the coordinate it shows keeps (1 − ηa²)⁴ of its share.
/// let loss = one_hot_descent_loss(&model, 1.0, 2, 0.2)?;
/// let exact = 0.5 + 0.5 * 0.6f64.powi(4) + 0.25 * (0.5 + 0.5 * 0.9f64.powi(4));
/// assert!((loss - exact).abs() < 1e-14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn one_hot_descent_loss(
    model: &SparseModel,
    samples: f64,
    epochs: u32,
    rate: f64,
) -> Result<f64, TheoryError> {
    if !model.is_one_hot() {
        return Err(TheoryError::NotOneHot);
    }
    check_passes(samples, rate)?;
    let mut rule = CoordinateRule::new(model, samples);
    rule.extend_for_coverage();
    let drift = rule.powers.drift();
    let fall = model.rare_law().map_or(0.0, |law| law.target.exponent - 1.0);
    let growth = 2.0 * f64::from(epochs) * drift - rule.powers.beta;
    if rule.is_infinite() && drift > 0.0 && growth >= fall / samples {
        return Ok(f64::INFINITY);
    }
    let left = |node: &Node| {
        let square = node.scale * samples;
        let gone = complement(model.amplitude(), rate * square, epochs);
        (samples * (-node.activity * gone).ln_1p()).exp()
    };
    let sum = |nodes: &[Node]| nodes.iter().map(|node| node.target * left(node)).sum::<f64>();
    let mut loss = sum(&rule.nodes);
    let Some(first) = rule.cuts.last().map(|cut| cut.x) else { return Ok(loss) };
    // Where activity is rare the rest is learned in proportion to it, and never grows again.
    let mut x = first;
    while x < first + FURTHEST {
        let edge = left(&rule.edge(x)) - 1.0;
        if (edge * rule.powers.target_beyond(x)).abs() <= SMALL * loss {
            break;
        }
        let from = rule.nodes.len();
        rule.extend_to(x + f64::EPSILON * x.abs());
        x = rule.cuts.last().map_or(x, |cut| cut.x);
        loss += sum(&rule.nodes[from..]);
    }
    Ok(loss + rule.powers.target_beyond(x))
}

/// `1 − E (1 − q z²)^{2K}`, which may be as low as `−∞`.
fn complement(amplitude: Amplitude, q: f64, epochs: u32) -> f64 {
    let doubled = 2.0 * f64::from(epochs);
    match amplitude {
        Amplitude::Rademacher => -(doubled * (1.0 - q).abs().ln()).exp_m1(),
        Amplitude::Gaussian if epochs == 0 || q == 0.0 => 0.0,
        Amplitude::Gaussian if q * f64::from(epochs) <= STEEP => by_panels(q, doubled),
        Amplitude::Gaussian if epochs <= FEW => 1.0 - by_moments(q, epochs),
        Amplitude::Gaussian => 1.0 - by_large_values(q, doubled),
    }
}

/// Where `φ(z)(qz² − 1)^{2K}` is largest, and the logarithm of twice it there.
fn summit(q: f64, doubled: f64) -> (f64, f64) {
    let square = 2.0 * doubled + q.recip();
    (square.sqrt(), log_density(square, q, doubled))
}

/// `ln 2φ(z)|1 − qz²|^{2K}`.
fn log_density(square: f64, q: f64, doubled: f64) -> f64 {
    0.5 * FRAC_2_PI.ln() - 0.5 * square + doubled * (1.0 - q * square).abs().ln()
}

/// Over panels as narrow as the integrand is where it is narrowest.
fn by_panels(q: f64, doubled: f64) -> f64 {
    let (at, height) = summit(q, doubled);
    let end = if height > -60.0 { END.max(at) + END } else { END + 2.0 };
    let panels = (end * 2.0 * (1.0 + 2.0 * doubled * q).sqrt()).ceil();
    let half = 0.5 * end / panels;
    let panel = |k: u32| {
        let value = |(x, weight): (f64, f64)| {
            let z = half * (2.0 * f64::from(k) + 1.0 + x);
            let square = z * z;
            let power = doubled * (1.0 - q * square).abs().ln();
            let density = (0.5 * FRAC_2_PI.ln() - 0.5 * square).exp();
            // Far out the power may overflow before the density makes it small.
            let kept = if power > LN_2 {
                density - log_density(square, q, doubled).exp()
            } else {
                -density * power.exp_m1()
            };
            half * weight * kept
        };
        gauss_legendre().map(value).sum::<f64>()
    };
    (0..panels as u32).map(panel).sum()
}

/// `Σ_j C(2K, j) (−q)^j (2j − 1)!!`.
fn by_moments(q: f64, epochs: u32) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for j in 0..2 * epochs {
        term *= -q * f64::from(2 * epochs - j) / f64::from(j + 1) * f64::from(2 * j + 1);
        sum += term;
    }
    sum
}

/// Over positive `z` around the summit, next to which all else is below rounding: negative ones
/// are in the density, which is doubled.
fn by_large_values(q: f64, doubled: f64) -> f64 {
    let (at, height) = summit(q, doubled);
    let (from, half) = ((at - END).max(0.0), 0.125);
    let panel = |k: u32| {
        let value = |(x, weight): (f64, f64)| {
            let z = from + half * (2.0 * f64::from(k) + 1.0 + x);
            half * weight * (log_density(z * z, q, doubled) - height).exp()
        };
        gauss_legendre().map(value).sum::<f64>()
    };
    height.exp() * (0..80).map(panel).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two of the three ways, where both are right.
    #[test]
    fn gaussian_moments_agree() {
        for (q, epochs) in [(0.01, 1), (0.3, 2), (2.0, 1), (3.0, 4), (8.0, 6)] {
            let (panels, moments) = (by_panels(q, f64::from(2 * epochs)), by_moments(q, epochs));
            let exact = 1.0 - moments;
            // The sum cancels to some 1e-14 of its largest term.
            assert!((panels / exact - 1.0).abs() < 1e-11, "{q} {epochs}: {panels} {exact}");
        }
        let (large, moments) = (by_large_values(60.0, 16.0), by_moments(60.0, 8));
        assert!((large / moments - 1.0).abs() < 1e-12, "{large} {moments}");
        // Also where the summit is near 0, on both sides of where the way changes.
        for epochs in [9, 16, 24, 30] {
            let large = by_large_values(60.0, f64::from(2 * epochs));
            let ratio = large / by_moments(60.0, epochs);
            assert!((ratio - 1.0).abs() < 1e-11, "{epochs}: {ratio}");
        }
        assert_eq!(complement(Amplitude::Gaussian, 1.0, 100_000), f64::NEG_INFINITY);
        // Small steps: 2Kq, to second order in q.
        let small = complement(Amplitude::Gaussian, 1e-9, 5);
        assert!((small / 1e-8 - 1.0).abs() < 1e-7, "{small}");
    }
}
