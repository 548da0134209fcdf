//! A standard error with its degrees of freedom, and Student's t for it.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// From here on the library's incomplete beta function loses digits (its quantile is off by 0.1 at
/// 9e6), and Wallace's normal approximation (Biometrika 46 (1959) 124) is good to better than 1e-8
/// where an interval ends.
const WALLACE_FROM: f64 = 1e3;

/// A standard error and how well it is known itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Uncertainty {
    pub(crate) standard_error: f64,
    /// Infinite for an error that is given.
    pub(crate) degrees_of_freedom: f64,
}

impl Uncertainty {
    /// Half the width of the symmetric interval of this level.
    pub(crate) fn half_width(self, level: f64) -> f64 {
        self.standard_error * quantile(0.5 * (1.0 + level), self.degrees_of_freedom)
    }

    /// Two-sided p-value of a number that should be 0; an exact number (error 0) is either 0 or
    /// not.
    pub(crate) fn p_value(self, value: f64) -> f64 {
        if self.standard_error == 0.0 {
            return f64::from(u8::from(value == 0.0));
        }
        let t = (value / self.standard_error).abs();
        2.0 * upper_tail(t, self.degrees_of_freedom)
    }
}

fn quantile(probability: f64, dof: f64) -> f64 {
    match student(dof) {
        Some(law) => law.inverse_cdf(probability),
        None => from_normal(Normal::standard().inverse_cdf(probability), dof),
    }
}

fn upper_tail(t: f64, dof: f64) -> f64 {
    match student(dof) {
        Some(law) => law.sf(t),
        None => Normal::standard().sf(to_normal(t, dof)),
    }
}

fn student(dof: f64) -> Option<StudentsT> {
    (dof < WALLACE_FROM).then(|| StudentsT::new(0.0, 1.0, dof).ok()).flatten()
}

/// `z = (8ν+1)/(8ν+3) √(ν ln(1 + t²/ν))` for `t >= 0`.
fn to_normal(t: f64, dof: f64) -> f64 {
    if dof == f64::INFINITY {
        return t;
    }
    (8.0 * dof + 1.0) / (8.0 * dof + 3.0) * (dof * (t * t / dof).ln_1p()).sqrt()
}

/// The inverse of [`to_normal`].
fn from_normal(z: f64, dof: f64) -> f64 {
    if dof == f64::INFINITY {
        return z;
    }
    let scaled = z * (8.0 * dof + 3.0) / (8.0 * dof + 1.0);
    (dof * (scaled * scaled / dof).exp_m1()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of Student's t (Abramowitz and Stegun, table 26.10; NIST/SEMATECH e-Handbook
    /// 1.3.6.7.2) to the digits they print.
    #[test]
    fn quantiles_match_printed_tables() {
        let table = [
            (1.0, 12.706),
            (4.0, 2.776),
            (9.0, 2.262),
            (30.0, 2.042),
            (120.0, 1.980),
            (f64::INFINITY, 1.960),
        ];
        for (dof, expected) in table {
            let found = quantile(0.975, dof);
            assert!((found - expected).abs() < 6e-4, "t(0.975, {dof}) = {found}, table {expected}");
        }
    }

    /// The tail inverts the quantile, with fractional degrees of freedom and across the switch to
    /// the normal.
    #[test]
    fn tail_inverts_quantile() {
        for dof in [1.0, 2.5, 17.3, 400.0, 999.0, 1001.0, 2e7, f64::INFINITY] {
            for level in [0.5, 0.9, 0.95, 0.999] {
                let uncertainty = Uncertainty { standard_error: 2.0, degrees_of_freedom: dof };
                let p = uncertainty.p_value(-uncertainty.half_width(level));
                // statrs inverts the incomplete beta function to about 1e-8.
                assert!((p - (1.0 - level)).abs() < 1e-6, "dof {dof}, level {level}: p = {p}");
            }
        }
    }

    /// The approximation meets the exact law where it takes over.
    #[test]
    fn approximation_joins_the_exact_law() {
        let exact = StudentsT::new(0.0, 1.0, WALLACE_FROM).expect("freedom is positive");
        for probability in [0.75, 0.95, 0.975, 0.9995] {
            let (found, expected) =
                (quantile(probability, WALLACE_FROM), exact.inverse_cdf(probability));
            // The inverse incomplete beta function is the coarser of the two.
            assert!((found - expected).abs() < 1e-6, "{probability}: {found} for {expected}");
        }
    }

    #[test]
    fn exact_numbers_are_zero_or_not() {
        let exact = Uncertainty { standard_error: 0.0, degrees_of_freedom: 3.0 };
        assert_eq!((exact.p_value(0.0), exact.p_value(1e-9)), (1.0, 0.0));
    }
}
