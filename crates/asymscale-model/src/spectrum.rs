//! The variances of the coordinates, `λ_i`, and their partial sums.

use crate::{ModelError, PowerLaw, Table, power_sum};

/// Smallest and largest variance of a table: their squares and their products with sample sizes
/// are floats.
const TABLE: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

/// The spectrum of the population covariance `Σ = diag(λ)`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Spectrum {
    /// `λ_i = i^{−(1+alpha)}`.
    PowerLaw {
        /// Exponent `α` in `0.01..=100`.
        alpha: f64,
    },
    /// `λ_i` given one by one, in any order, and possibly continued by a power law.
    Table(Table),
}

impl Spectrum {
    /// The power law `λ_i = i^{−(1+alpha)}` (dimensionless, `alpha` in `0.01..=100`).
    ///
    /// Below, the variance of all coordinates, `1/α`, comes from ever farther ones; above, that of
    /// the second coordinate is less than the rounding of the first.
    ///
    /// # Errors
    /// [`ModelError::Alpha`] outside that domain, NaN included.
    pub fn power_law(alpha: f64) -> Result<Self, ModelError> {
        check_alpha(alpha)?;
        Ok(Self::PowerLaw { alpha })
    }

    /// A table of variances, coordinate 1 first, in any order and any unit.
    ///
    /// # Errors
    /// [`ModelError::TableSize`] for none or more than 10⁷, [`ModelError::TableEntry`] for the
    /// first outside `1e-100..=1e100`.
    ///
    /// ```
    /// use asymscale_model::Spectrum;
    /// let spectrum = Spectrum::table(vec![0.5, 2.0, 0.125])?;
    /// assert_eq!((spectrum.eigenvalue(2.0), spectrum.mass(1.0, 4.0)), (2.0, 2.625));
    /// let wrong = Spectrum::table(vec![1.0, 0.0]).unwrap_err();
    /// assert_eq!(wrong.to_string(), "variance table entry 2 = 0: must lie in 1e-100..1e100");
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn table(variances: Vec<f64>) -> Result<Self, ModelError> {
        let allowed = ("must lie in 1e-100..1e100", |value| TABLE.contains(&value));
        Table::new("variance", variances, allowed).map(Self::Table)
    }

    /// A table that goes on with `λ_i = front · i^{−(1+alpha)}` after its last entry; a power law
    /// stays what it is.
    ///
    /// # Errors
    /// [`ModelError::Alpha`] outside `0.01..=100`; [`ModelError::Front`] unless
    /// `1e-100 ≤ front ≤ 1e100`.
    ///
    /// ```
    /// use asymscale_model::Spectrum;
    /// // Two coordinates as measured, all others as i^−2.
    /// let spectrum = Spectrum::table(vec![0.9, 0.3])?.continued(1.0, 1.0)?;
    /// assert_eq!(spectrum.eigenvalue(4.0), 1.0 / 16.0);
    /// let zeta2 = std::f64::consts::PI.powi(2) / 6.0;
    /// assert!((spectrum.mass(1.0, f64::INFINITY) - (1.2 + zeta2 - 1.25)).abs() < 1e-14);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn continued(self, front: f64, alpha: f64) -> Result<Self, ModelError> {
        check_alpha(alpha)?;
        if !TABLE.contains(&front) {
            return Err(ModelError::Front { quantity: "variance", value: front });
        }
        Ok(match self {
            Self::Table(table) => Self::Table(
                table.with_tail(PowerLaw { log_front: front.ln(), exponent: 1.0 + alpha }),
            ),
            power_law @ Self::PowerLaw { .. } => power_law,
        })
    }

    /// The exponent `α` of the variances of rare coordinates, `λ_i ∝ i^{−(1+α)}`; none for a table
    /// that does not go on.
    pub fn alpha(&self) -> Option<f64> {
        self.tail().map(|law| law.exponent - 1.0)
    }

    /// The power law that all coordinates after the listed ones follow.
    pub fn tail(&self) -> Option<PowerLaw> {
        match self {
            Self::PowerLaw { alpha } => Some(PowerLaw { log_front: 0.0, exponent: 1.0 + alpha }),
            Self::Table(table) => table.tail(),
        }
    }

    /// How many coordinates are given one by one, 0 for a power law.
    pub fn listed(&self) -> usize {
        match self {
            Self::PowerLaw { .. } => 0,
            Self::Table(table) => table.values().len(),
        }
    }

    /// `λ_i` at coordinate `i ≥ 1`; real arguments are accepted for quadrature over coordinates (a
    /// table is read at `⌊i⌋`). It is 0 after the end of a table that does not go on.
    pub fn eigenvalue(&self, i: f64) -> f64 {
        match self {
            Self::PowerLaw { alpha } => i.powf(-(1.0 + alpha)),
            Self::Table(table) => table.at(i),
        }
    }

    /// `Σ_{from ≤ i < to} λ_i` for integers `1 ≤ from ≤ to`, `to = ∞` allowed.
    ///
    /// Relative accuracy 1e-13, also where the two ends are close: nothing is had by subtraction.
    /// Cost: constant for a power law, as many additions as entries for a table.
    ///
    /// ```
    /// use asymscale_model::Spectrum;
    /// let spectrum = Spectrum::power_law(1.0)?;
    /// let zeta2 = std::f64::consts::PI.powi(2) / 6.0;
    /// assert!((spectrum.mass(1.0, f64::INFINITY) - zeta2).abs() < 1e-14);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn mass(&self, from: f64, to: f64) -> f64 {
        match self {
            Self::PowerLaw { alpha } => power_sum(1.0 + alpha, from, to),
            Self::Table(table) => table.sum(from, to),
        }
    }
}

fn check_alpha(alpha: f64) -> Result<(), ModelError> {
    if (0.01..=100.0).contains(&alpha) { Ok(()) } else { Err(ModelError::Alpha(alpha)) }
}
