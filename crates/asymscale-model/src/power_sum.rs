//! Sums of powers over a range of integers, by Euler and Maclaurin.

/// Below this index terms are added one by one: the asymptotic series of the remainder needs
/// `index ≫ exponent`.
const DIRECT: f64 = 16.0;

/// `B_{2k} / (2k)!` for k = 1…8 (Abramowitz & Stegun, table 23.2).
const BERNOULLI: [f64; 8] = [
    8.333_333_333_333_333e-2,
    -1.388_888_888_888_889e-3,
    3.306_878_306_878_307e-5,
    -8.267_195_767_195_767e-7,
    2.087_675_698_786_81e-8,
    -5.284_190_138_687_493e-10,
    1.338_253_653_068_468e-11,
    -3.389_680_296_322_582_8e-13,
];

/// `Σ_{from ≤ i < to} i^{−s}` for whole numbers `1 ≤ from ≤ to` given as floats, and `s ≥ 0`.
///
/// `to = ∞` is allowed and gives the Hurwitz zeta function ζ(s, from), infinite for `s ≤ 1`.
/// Relative accuracy 1e-13 for `s ≤ 40`, 1e-12 beyond; nothing is subtracted, so short and far
/// ranges are as accurate as long ones. Cost: at most about `60 + s` powers.
///
/// Source: Euler–Maclaurin summation, Abramowitz & Stegun 23.1.30.
///
/// ```
/// use asymscale_model::power_sum;
/// assert!((power_sum(4.0, 1.0, f64::INFINITY) - std::f64::consts::PI.powi(4) / 90.0).abs() < 1e-15);
/// assert_eq!(power_sum(1.0, 2.0, 4.0), 1.0 / 2.0 + 1.0 / 3.0);
/// ```
pub fn power_sum(s: f64, from: f64, to: f64) -> f64 {
    let front = |a: f64| a.powf(1.0 - s);
    sum(s, from, to, |i| i.powf(-s), front)
}

/// `Σ_{from ≤ i < to} (scale/i)^s`, where neither `scale^s` nor the sum of powers alone need be
/// floats.
pub(crate) fn scaled_power_sum(scale: f64, s: f64, from: f64, to: f64) -> f64 {
    let term = |i: f64| (scale / i).powf(s);
    sum(s, from, to, term, |a| a * term(a))
}

/// The sum of terms `∝ i^{−s}`, with `front(a)` the term at `a` times `a`.
fn sum(s: f64, from: f64, to: f64, term: impl Fn(f64) -> f64, front: impl Fn(f64) -> f64) -> f64 {
    if to <= from {
        return 0.0;
    }
    if to == f64::INFINITY && s <= 1.0 {
        return f64::INFINITY;
    }
    let start = asymptotic_from(s).max(from).min(to);
    let head: f64 = direct(from, start, &term);
    if to - start <= 32.0 {
        return head + direct(start, to, &term);
    }
    head + euler_maclaurin(s, (start, to), term, front)
}

/// The first index from which the asymptotic series has all digits of a float.
fn asymptotic_from(s: f64) -> f64 {
    DIRECT + s.ceil()
}

fn direct(from: f64, to: f64, term: impl Fn(f64) -> f64) -> f64 {
    // Past 2^53 a step of 1 is lost: such a short range is one value repeated.
    if from + 1.0 == from {
        return (to - from) * term(from);
    }
    // Smallest terms first.
    (0..(to - from) as u64).rev().map(|k| term(from + k as f64)).sum()
}

fn euler_maclaurin(
    s: f64,
    (a, b): (f64, f64),
    term: impl Fn(f64) -> f64,
    front: impl Fn(f64) -> f64,
) -> f64 {
    let log_ratio = (b / a).ln();
    let integral = if s == 1.0 {
        front(a) * log_ratio
    } else {
        front(a) * ((1.0 - s) * log_ratio).exp_m1() / (1.0 - s)
    };
    let (fa, fb) = (term(a), if b == f64::INFINITY { 0.0 } else { term(b) });
    let mut sum = integral + 0.5 * (fa - fb);
    // Minus the (2k−1)-th derivatives at both ends: s(s+1)…(s+2k−2) x^{−s−2k+1}.
    let (mut da, mut db) = (s * fa / a, s * fb / b);
    for (k, bernoulli) in BERNOULLI.iter().enumerate() {
        sum += bernoulli * (da - db);
        let m = s + 2.0 * k as f64 + 1.0;
        da *= m * (m + 1.0) / (a * a);
        db *= m * (m + 1.0) / (b * b);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the Hurwitz zeta function to 16 digits (mpmath 1.3, 50 digits).
    const HURWITZ: [(f64, f64, f64); 6] = [
        (1.5, 1.0, 2.612_375_348_685_488),
        (2.0, 1.0, 1.644_934_066_848_226_4),
        (1.05, 1.0, 20.580_844_302_036_99),
        (6.0, 1.0, 1.017_343_061_984_449),
        (3.0, 2.0, 0.202_056_903_159_594_3),
        (2.0, 5.0, 0.221_322_955_737_115_4),
    ];

    #[test]
    fn infinite_sums_are_the_hurwitz_zeta_function() {
        for (s, from, expected) in HURWITZ {
            let got = power_sum(s, from, f64::INFINITY);
            assert!((got / expected - 1.0).abs() < 1e-13, "s={s} from={from}: {got} {expected}");
        }
    }

    /// Where neither factor is a float: `Σ (c/i)^100` past `c = 1e12`, an integral up to half of
    /// its first term.
    #[test]
    fn scaled_sums_hold_beyond_the_range_of_floats() {
        let (c, s) = (1e12, 100.0);
        let got = scaled_power_sum(c, s, c + 1.0, f64::INFINITY);
        assert!((got / (c / (s - 1.0) - 0.5) - 1.0).abs() < 1e-12, "{got}");
        let plain = 3f64.powf(2.5) * power_sum(2.5, 4.0, 1e6);
        assert!((scaled_power_sum(3.0, 2.5, 4.0, 1e6) / plain - 1.0).abs() < 1e-13);
    }

    /// What the series leaves out is at most its next term, the ninth, here in units of the first
    /// term summed by it: `2 (s)_17/(2π a)^18 · a`. It is a few units in the last place at most:
    /// 6e-16 at s = 40, and less than 2e-17 up to s = 12. A beginning four terms earlier would
    /// leave out 2e-15. The cost is no higher than is said.
    #[test]
    fn the_series_begins_where_it_has_all_digits_and_not_later() {
        for s in [0.0, 0.5, 1.0, 1.5, 2.0, 5.0, 12.0, 40.0] {
            let a = asymptotic_from(s);
            let rising: f64 = (0..17).map(|k| s + f64::from(k)).product();
            let next = 2.0 * rising * a / (std::f64::consts::TAU * a).powi(18);
            assert!(next < 1e-15, "s = {s}: {next:e}");
            assert!(a + 32.0 <= 60.0 + s, "s = {s}: {a}");
        }
    }

    #[test]
    fn finite_sums_equal_adding_up() {
        for s in [0.0, 0.3, 1.0, 1.05, 2.0, 6.0, 20.0, 101.0] {
            for (from, to) in
                [(1.0, 2.0), (1.0, 1000.0), (7.0, 500.0), (1000.0, 1500.0), (3.0, 3.0)]
            {
                let added: f64 = (from as u64..to as u64).rev().map(|i| (i as f64).powf(-s)).sum();
                let got = power_sum(s, from, to);
                assert!((got - added).abs() <= 1e-13 * added, "s={s} {from}..{to}: {got} {added}");
            }
        }
    }

    #[test]
    fn ranges_past_exact_integers_are_finite_and_positive() {
        let far = power_sum(1.5, 1e20, 2e20);
        let integral = 2.0 * (1e20f64.powf(-0.5) - 2e20f64.powf(-0.5));
        assert!((far / integral - 1.0).abs() < 1e-13);
        assert!(power_sum(1.5, 1e20, 1e20 + 32_768.0) > 0.0);
    }
}
