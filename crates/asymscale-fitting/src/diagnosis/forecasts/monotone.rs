//! Forecasts that are monotone in the amount of data: on a grid of factors, interpolated in
//! between.

use super::forecaster::{Forecaster, Quantity, UNSMOOTHED_FACTOR};
use super::prediction::Prediction;
use crate::diagnosis::estimate::Estimate;

/// The factor of the data at a point of the grid; between these points forecasts are interpolated.
pub(crate) fn grid_factor(step: i32) -> f64 {
    2_f64.powf(0.25 * f64::from(step))
}

impl Forecaster<'_> {
    /// The forecast at a factor that is monotone in the data: over the grid of factors new features
    /// never fall and unseen mass never rises. There is no estimate beyond the first point of the
    /// grid that has none. Where nothing can be unseen the estimate is 0.
    pub(crate) fn monotone(&self, quantity: Quantity<'_>, factor: f64) -> Prediction {
        let mut found = self.unconstrained(quantity, factor);
        if self.counts.total().is_some() && self.counts.never_active() == 0 {
            found.estimate = Some(Estimate { value: 0.0, lower: 0.0, upper: 0.0 });
            return found;
        }
        let mut below = match quantity {
            Quantity::New => Estimate { value: 0.0, lower: 0.0, upper: 0.0 },
            Quantity::Unseen { now, .. } => match now {
                Some(now) => now,
                None => return Prediction { estimate: None, recommended: None, ..found },
            },
        };
        found.estimate = None;
        // Unseen mass does not rise above the upper end of an estimate for fewer data.
        let mut least = f64::INFINITY;
        for step in 1.. {
            let (low, high) = (grid_factor(step - 1), grid_factor(step));
            let there = self.at_grid_point(quantity, step);
            let Some(above) = there.estimate else { break };
            let above = monotone_step(quantity, below, above);
            if high >= UNSMOOTHED_FACTOR && !self.is_informative(quantity, &above) {
                break;
            }
            if factor <= high * (1.0 + 1e-12) {
                let part = ((factor - low) / (high - low)).min(1.0);
                found.estimate = Some(if step == 1 && matches!(quantity, Quantity::New) {
                    first(above, part)
                } else {
                    self.between(quantity, below, above, part)
                });
                found.recommended = found.recommended.or(there.recommended);
                break;
            }
            below = above;
            if high >= UNSMOOTHED_FACTOR && matches!(quantity, Quantity::Unseen { .. }) {
                least = below.upper;
            }
        }
        found.recommended = found.recommended.filter(|_| found.estimate.is_some());
        if found.estimate.is_none() {
            found.at_most = found.at_most.map(|most| most.min(least));
        }
        found
    }

    /// The forecast at a point of the grid by itself; each is computed once.
    pub(crate) fn at_grid_point(&self, quantity: Quantity<'_>, step: i32) -> Prediction {
        let what = match quantity {
            Quantity::New => 0,
            Quantity::Unseen { counts, .. } => 1 + u8::from(counts.has_second_moments()),
        };
        let known = self.cache.borrow().get(&(what, step)).copied();
        known.unwrap_or_else(|| {
            let made = self.unconstrained(quantity, grid_factor(step));
            self.cache.borrow_mut().insert((what, step), made);
            made
        })
    }

    /// An estimate interpolated between two. Where both are informative and the interpolated one
    /// would not be, the nearest informative one is taken.
    fn between(
        &self,
        quantity: Quantity<'_>,
        below: Estimate,
        above: Estimate,
        part: f64,
    ) -> Estimate {
        let at = |part: f64| {
            let mix = |from: f64, to: f64| from + part * (to - from);
            Estimate {
                value: mix(below.value, above.value),
                lower: mix(below.lower, above.lower),
                upper: mix(below.upper, above.upper),
            }
        };
        let found = at(part);
        if part >= 1.0 {
            return above;
        }
        if self.is_informative(quantity, &found)
            || !(self.is_informative(quantity, &below) && self.is_informative(quantity, &above))
        {
            return found;
        }
        // This is the place where the ends of the interval are exactly a factor of ten apart.
        let apart = |estimate: &Estimate| estimate.upper - 10.0 * estimate.lower;
        at(apart(&below) / (apart(&below) - apart(&above)))
    }
}

/// New features at less data than the first point of the grid has: their number in proportion, with
/// the scatter of a number that much smaller.
fn first(rung: Estimate, part: f64) -> Estimate {
    let value = part * rung.value;
    let scatter = part.sqrt();
    Estimate {
        value,
        lower: (value - scatter * (rung.value - rung.lower)).max(0.0),
        upper: value + scatter * (rung.upper - rung.value),
    }
}

/// The estimate after more data, held to what the estimate before it allows: new features do not
/// fall, unseen mass does not rise.
pub(crate) fn monotone_step(quantity: Quantity<'_>, before: Estimate, then: Estimate) -> Estimate {
    let join = |before: f64, then: f64| match quantity {
        Quantity::New => then.max(before),
        Quantity::Unseen { .. } => then.min(before),
    };
    Estimate {
        value: join(before.value, then.value),
        lower: join(before.lower, then.lower),
        upper: join(before.upper, then.upper),
    }
}
