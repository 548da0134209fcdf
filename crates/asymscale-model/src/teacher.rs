//! The energy of the teacher: how much of the labels' variance each coordinate carries.

use crate::{ModelError, PowerLaw, Table};

/// Largest target energy of a table.
const LARGEST: f64 = 1e100;

/// The law of the teacher `y = Σ w_i x_i`, whose weights are independent and of mean 0.
///
/// The **target energy** of coordinate `i` is `g_i = λ_i E[w_i²]`, its part of the variance of the
/// labels; `E[w_i²] = g_i/λ_i` is the **weight energy**.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Teacher {
    /// Weights of variance 1: `g_i = λ_i`.
    #[default]
    Iid,
    /// `g_i = i^{−exponent}`, whatever the spectrum (a *source condition*): `1 + α` is the iid
    /// teacher of a power law, less puts more of the labels on rare coordinates.
    PowerLaw {
        /// Exponent `b` in `1.01..=101`.
        exponent: f64,
    },
    /// `g_i` given one by one, possibly continued by a power law.
    Table(Table),
}

impl Teacher {
    /// A teacher of target energies `g_i = i^{−exponent}`, `exponent` in `1.01..=101`.
    ///
    /// # Errors
    /// [`ModelError::TargetExponent`] outside that domain, NaN included.
    ///
    /// ```
    /// use asymscale_model::Teacher;
    /// assert_eq!(Teacher::power_law(1.5)?.energy(4.0), Some(0.125));
    /// let wrong = Teacher::power_law(1.0).unwrap_err();
    /// assert!(wrong.to_string().starts_with("target-exponent = 1: must be a number in 1.01..101"));
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn power_law(exponent: f64) -> Result<Self, ModelError> {
        check_exponent(exponent)?;
        Ok(Self::PowerLaw { exponent })
    }

    /// A table of target energies `g_i`, coordinate 1 first. An entry of 0 is a coordinate that the
    /// labels do not depend on.
    ///
    /// # Errors
    /// [`ModelError::TableSize`] for none or more than 10⁷, [`ModelError::TableEntry`] for the
    /// first outside `0..=1e100`.
    pub fn table(energies: Vec<f64>) -> Result<Self, ModelError> {
        let allowed = ("must lie in 0..1e100", |value: f64| (0.0..=LARGEST).contains(&value));
        Table::new("target energy", energies, allowed).map(Self::Table)
    }

    /// A table that goes on with `g_i = front · i^{−exponent}` after its last entry; other laws
    /// stay what they are.
    ///
    /// # Errors
    /// [`ModelError::TargetExponent`] outside `1.01..=101`; [`ModelError::Front`] unless
    /// `1e-100 ≤ front ≤ 1e100`.
    pub fn continued(self, front: f64, exponent: f64) -> Result<Self, ModelError> {
        check_exponent(exponent)?;
        if !(1e-100..=LARGEST).contains(&front) {
            return Err(ModelError::Front { quantity: "target energy", value: front });
        }
        Ok(match self {
            Self::Table(table) => {
                Self::Table(table.with_tail(PowerLaw { log_front: front.ln(), exponent }))
            }
            other => other,
        })
    }

    /// `g_i` at coordinate `i ≥ 1`, a real number (a table is read at `⌊i⌋`); none where it is the
    /// `λ_i` of whatever spectrum.
    pub fn energy(&self, i: f64) -> Option<f64> {
        match self {
            Self::Iid => None,
            Self::PowerLaw { exponent } => Some(i.powf(-exponent)),
            Self::Table(table) => Some(table.at(i)),
        }
    }

    /// The power law of `g_i` after the listed coordinates, where there is one of its own.
    pub fn tail(&self) -> Option<PowerLaw> {
        match self {
            Self::Iid => None,
            Self::PowerLaw { exponent } => Some(PowerLaw { log_front: 0.0, exponent: *exponent }),
            Self::Table(table) => table.tail(),
        }
    }

    /// How many target energies are given one by one.
    pub fn listed(&self) -> usize {
        match self {
            Self::Table(table) => table.values().len(),
            _ => 0,
        }
    }
}

fn check_exponent(exponent: f64) -> Result<(), ModelError> {
    if (1.01..=101.0).contains(&exponent) {
        Ok(())
    } else {
        Err(ModelError::TargetExponent(exponent))
    }
}
