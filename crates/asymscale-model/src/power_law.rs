//! A quantity that is a power of the number of the coordinate, and tables that such a power law
//! continues.

use crate::{ModelError, power_sum};
use std::sync::{Arc, OnceLock};

/// The most entries of a table: 10⁷.
const LONGEST: usize = 10_000_000;

/// `e^{log_front} i^{−exponent}` at coordinate `i`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PowerLaw {
    /// Logarithm of the value that the law has, or would have, at coordinate 1.
    pub log_front: f64,
    /// How fast it falls, at least 0.
    pub exponent: f64,
}

impl PowerLaw {
    /// The value at coordinate `i ≥ 1`, a real number.
    ///
    /// ```
    /// let law = asymscale_model::PowerLaw { log_front: 8f64.ln(), exponent: 1.5 };
    /// assert!((law.at(4.0) - 1.0).abs() < 1e-15);
    /// ```
    pub fn at(&self, i: f64) -> f64 {
        if self.log_front == 0.0 {
            i.powf(-self.exponent)
        } else {
            (self.log_front - self.exponent * i.ln()).exp()
        }
    }

    /// The sum of the values at `from ≤ i < to`, whole numbers, `to = ∞` allowed.
    pub(crate) fn sum(&self, from: f64, to: f64) -> f64 {
        let sum = power_sum(self.exponent, from, to);
        if self.log_front == 0.0 { sum } else { (self.log_front + sum.ln()).exp() }
    }
}

/// Values of the first coordinates, given one by one, and the power law that goes on after the last
/// of them, if there is one.
///
/// Clones share the values.
#[derive(Debug, Clone)]
pub struct Table {
    listed: Arc<Listed>,
    tail: Option<PowerLaw>,
}

#[derive(Debug)]
struct Listed {
    values: Vec<f64>,
    /// Positions of the values, largest first, once somebody asks.
    descending: OnceLock<Vec<u32>>,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.tail == other.tail && self.listed.values == other.listed.values
    }
}

impl Table {
    /// Checks every value: the first that is not allowed is an error that names it, and what is
    /// allowed in words.
    pub(crate) fn new(
        quantity: &'static str,
        values: Vec<f64>,
        allowed: (&'static str, impl Fn(f64) -> bool),
    ) -> Result<Self, ModelError> {
        if values.is_empty() || values.len() > LONGEST {
            return Err(ModelError::TableSize { quantity, entries: values.len() });
        }
        let (range, allowed) = allowed;
        if let Some(at) = values.iter().position(|value| !allowed(*value)) {
            let (index, value) = (at + 1, values[at]);
            return Err(ModelError::TableEntry { quantity, index, value, allowed: range });
        }
        let listed = Arc::new(Listed { values, descending: OnceLock::new() });
        Ok(Self { listed, tail: None })
    }

    pub(crate) fn with_tail(self, tail: PowerLaw) -> Self {
        Self { tail: Some(tail), ..self }
    }

    /// The values, coordinate 1 first.
    pub fn values(&self) -> &[f64] {
        &self.listed.values
    }

    /// The positions of the values in [`Table::values`], those of the largest values first, and of
    /// equal ones in their order. Cost: that of sorting, once for all clones.
    ///
    /// ```
    /// use asymscale_model::Activity;
    /// let Activity::Table(table) = Activity::table(vec![0.1, 0.9, 0.1])? else { unreachable!() };
    /// assert_eq!(table.descending(), [1, 0, 2]);
    /// # Ok::<(), asymscale_model::ModelError>(())
    /// ```
    pub fn descending(&self) -> &[u32] {
        self.listed.descending.get_or_init(|| {
            let mut order: Vec<u32> = (0..self.values().len() as u32).collect();
            order.sort_by(|a, b| self.values()[*b as usize].total_cmp(&self.values()[*a as usize]));
            order
        })
    }

    /// The law of all coordinates after the last entry.
    pub fn tail(&self) -> Option<PowerLaw> {
        self.tail
    }

    /// The value at coordinate `i`, a real number (read at `⌊i⌋` within the table); 0 after the
    /// last entry if nothing goes on.
    pub(crate) fn at(&self, i: f64) -> f64 {
        match self.values().get(i as usize - 1) {
            Some(value) => *value,
            None => self.tail.map_or(0.0, |law| law.at(i)),
        }
    }

    /// The sum of the values at `from ≤ i < to`, whole numbers, `to = ∞` allowed.
    pub(crate) fn sum(&self, from: f64, to: f64) -> f64 {
        let end = self.values().len() as f64 + 1.0;
        let listed = if from < to.min(end) {
            self.values()[from as usize - 1..to.min(end) as usize - 1].iter().rev().sum()
        } else {
            0.0
        };
        match self.tail {
            Some(law) if to > end => listed + law.sum(from.max(end), to),
            _ => listed,
        }
    }
}
