//! Gauss rules: for integrals over an interval and over a half-line, and for sums over a block of
//! whole numbers.

/// Points of [`gauss_legendre`] and of [`gauss_gram`].
pub const GAUSS_ORDER: usize = 10;

/// Gauss–Legendre abscissae in (0, 1) and weights; the rule is symmetric on [−1, 1].
const LEGENDRE: [(f64, f64); GAUSS_ORDER / 2] = [
    (0.14887433898163122, 0.2955242247147528),
    (0.4333953941292472, 0.2692667193099965),
    (0.6794095682990244, 0.219086362515982),
    (0.8650633666889845, 0.1494513491505804),
    (0.9739065285171717, 0.06667134430868814),
];

/// Gauss–Laguerre abscissae and weights on [0, ∞) for the weight e^{−v}.
const LAGUERRE: [(f64, f64); 12] = [
    (0.11572211735802068, 0.26473137105544319),
    (0.61175748451513067, 0.37775927587313798),
    (1.5126102697764188, 0.24408201131987756),
    (2.8337513377435072, 0.090449222211680931),
    (4.5992276394183485, 0.020102381154634097),
    (6.8445254531151773, 0.0026639735418653159),
    (9.621316842456867, 0.00020323159266299939),
    (13.006054993306348, 8.3650558568197987e-6),
    (17.116855187462256, 1.6684938765409103e-7),
    (22.151090379397006, 1.3423910305150041e-9),
    (28.487967250984, 3.0616016350350208e-12),
    (37.09912104446692, 8.1480774674262417e-16),
];

/// The ten points `(x, w)` of Gauss and Legendre: `∫_{−1}^{1} f = Σ w f(x)`.
///
/// Points come in pairs of opposite sign from the middle outwards, which fixes the last bit of a
/// sum. An integral over `[a, b]` is `½(b − a) Σ w f(½(a + b) + ½(b − a) x)`.
///
/// **Accuracy.** Exact but for rounding, 1e-15, for polynomials up to degree 19; for an analytic
/// `f` the error falls as `ρ^−20` with `ρ` the sum of the half-axes of the largest ellipse around
/// ±1 in which `f` is analytic. **Fails** to converge so fast at singularities on the interval or
/// next to it.
///
/// Source: P. J. Davis & P. Rabinowitz, *Methods of Numerical Integration*, 2nd edition (1984),
/// §2.7; the numbers are those of M. Abramowitz & I. A. Stegun, *Handbook of Mathematical
/// Functions* (1964), table 25.4.
///
/// ```
/// use asymscale_numerics::gauss_legendre;
/// let integral: f64 = gauss_legendre().map(|(x, w)| w * x.exp()).sum();
/// assert!((integral - 2.0 * 1f64.sinh()).abs() < 1e-14);
/// ```
#[inline]
pub fn gauss_legendre() -> impl Iterator<Item = (f64, f64)> {
    LEGENDRE.iter().flat_map(|&(x, w)| [(-x, w), (x, w)])
}

/// The twelve points `(v, w)` of Gauss and Laguerre, ascending: `∫₀^∞ e^{−v} f(v) dv = Σ w f(v)`.
///
/// **Accuracy.** Exact but for rounding, 1e-13, for polynomials up to degree 23. **Fails** to
/// converge fast for functions with a singularity near the positive axis or that grow as `e^{v/2}`.
///
/// Source: table 25.9 of M. Abramowitz & I. A. Stegun, *Handbook of Mathematical Functions* (1964),
/// to 17 digits.
///
/// ```
/// use asymscale_numerics::gauss_laguerre;
/// let factorial: f64 = gauss_laguerre().iter().map(|(v, w)| w * v.powi(6)).sum();
/// assert!((factorial / 720.0 - 1.0).abs() < 1e-13);
/// ```
#[inline]
pub fn gauss_laguerre() -> &'static [(f64, f64); 12] {
    &LAGUERRE
}

/// Ten points `(x, w)` with `Σ_{k=0}^{length−1} f(k) = Σ w f(x)`: the Gauss rule of the uniform
/// measure on whole numbers, so that a sum needs neither an integral nor its end corrections.
///
/// The nodes are the zeros of the discrete Chebyshev (Gram) polynomial, found by Newton's method
/// from those of Legendre, which it becomes for long blocks. Recurrence: `π_{k+1} = x π_k − b_k
/// π_{k−1}`, `b_k = k²(1 − k²/m²)/(4k² − 1)` on the block scaled to `(−1, 1)`.
///
/// **Accuracy.** Exact but for rounding, 1e-12, for polynomials up to degree 19. **Cost.** Ten
/// points and some 15 evaluations of the polynomial, for any length.
///
/// # Panics
/// If `length < 20` or it is infinite or NaN.
///
/// Source: W. Gautschi, *Orthogonal Polynomials: Computation and Approximation* (2004), table 1.2.
///
/// ```
/// use asymscale_numerics::gauss_gram;
/// // 0² + 1² + … + 99².
/// let sum: f64 = gauss_gram(100.0).map(|(k, w)| w * k * k).sum();
/// assert!((sum - 328_350.0).abs() < 1e-7);
/// ```
pub fn gauss_gram(length: f64) -> impl Iterator<Item = (f64, f64)> {
    assert!(
        length >= (2 * GAUSS_ORDER) as f64 && length < f64::INFINITY,
        "length = {length}: must be finite and >= {}",
        2 * GAUSS_ORDER
    );
    let b: [f64; GAUSS_ORDER] = std::array::from_fn(|k| {
        let k2 = (k * k) as f64;
        k2 * (1.0 - k2 / (length * length)) / (4.0 * k2 - 1.0)
    });
    let norm = length * b[1..].iter().product::<f64>();
    let middle = 0.5 * (length - 1.0);
    LEGENDRE.into_iter().flat_map(move |(guess, _)| {
        let (z, w) = gram_node(guess, &b, norm);
        [(middle - 0.5 * length * z, w), (middle + 0.5 * length * z, w)]
    })
}

fn gram_node(guess: f64, b: &[f64; GAUSS_ORDER], norm: f64) -> (f64, f64) {
    let mut z = guess;
    loop {
        let (value, slope, previous) = gram_polynomial(z, b);
        let step = value / slope;
        z -= step;
        if step.abs() < 1e-9 {
            // The step just taken was quadratically convergent, so the node is exact to rounding.
            let (_, slope, previous_now) = gram_polynomial(z, b);
            debug_assert!(previous * previous_now > 0.0);
            return (z, norm / (slope * previous_now));
        }
    }
}

/// `(π_n, π_n', π_{n−1})` at `z`, `n = GAUSS_ORDER`.
fn gram_polynomial(z: f64, b: &[f64; GAUSS_ORDER]) -> (f64, f64, f64) {
    let (mut before, mut now) = (0.0, 1.0);
    let (mut slope_before, mut slope) = (0.0, 0.0);
    for b in b {
        (before, now, slope_before, slope) =
            (now, z * now - b * before, slope, now + z * slope - b * slope_before);
    }
    (now, slope, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ_{k=0}^{m−1} k^j by exact integer arithmetic against the rule, j up to 18.
    #[test]
    fn a_block_of_whole_numbers_is_summed_exactly() {
        for length in (20_u32..200).chain([1000]) {
            let middle = 0.5 * (f64::from(length) - 1.0);
            for degree in [0, 2, 4, 10, 18] {
                let scaled = |k: f64| ((k - middle) / middle).powi(degree);
                let direct: f64 = (0..length).map(|k| scaled(f64::from(k))).sum();
                let rule: f64 = gauss_gram(f64::from(length)).map(|(k, w)| w * scaled(k)).sum();
                assert!(
                    (rule / direct - 1.0).abs() < 1e-12,
                    "m={length} j={degree}: {rule} {direct}"
                );
            }
        }
    }

    #[test]
    fn long_blocks_become_legendre() {
        let far: Vec<_> = gauss_gram(1e9).collect();
        for ((k, w), (x, v)) in far.iter().zip(gauss_legendre()) {
            assert!((k / 5e8 - 1.0 - x).abs() < 1e-8 && (w / 5e8 - v).abs() < 1e-8);
        }
    }

    /// Moments that the rules have by definition, up to the last degree, and one that they have
    /// not.
    #[test]
    fn polynomials_are_integrated_up_to_the_degree_of_the_rule() {
        for degree in 0..20 {
            let rule: f64 = gauss_legendre().map(|(x, w)| w * x.powi(degree)).sum();
            let expected = if degree % 2 == 0 { 2.0 / f64::from(degree + 1) } else { 0.0 };
            assert!((rule - expected).abs() < 1e-15, "{degree}: {rule}");
        }
        let beyond: f64 = gauss_legendre().map(|(x, w)| w * x.powi(20)).sum();
        // (n!)⁴ 2^(2n+1)/((2n+1) ((2n)!)²), the error of the rule at degree 2n.
        let short = 2.0 / 21.0 - beyond;
        assert!((short / 2.92559033073759e-06 - 1.0).abs() < 1e-6, "{short:e}");
        let mut factorial = 1.0;
        for degree in 0..24 {
            let rule: f64 = gauss_laguerre().iter().map(|(v, w)| w * v.powi(degree)).sum();
            assert!((rule / factorial - 1.0).abs() < 1e-13, "{degree}: {rule}");
            factorial *= f64::from(degree + 1);
        }
    }

    #[test]
    #[should_panic(expected = "length = 19: must be finite and >= 20")]
    fn short_blocks_are_refused() {
        let _ = gauss_gram(19.0).count();
    }
}
