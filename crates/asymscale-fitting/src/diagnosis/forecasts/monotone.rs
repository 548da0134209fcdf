//! Forecasts at rising factors of the data, none of which turns back.

use super::forecaster::{Forecaster, PLAIN_FACTOR, Quantity};
use super::prediction::Prediction;
use crate::diagnosis::estimate::Estimate;

/// The factors at which forecasts are made; between them they are interpolated.
pub(crate) fn rung(step: i32) -> f64 {
    2_f64.powf(0.25 * f64::from(step))
}

impl Forecaster<'_> {
    /// The forecast at a factor, on a path over the rungs on which new features never fall and
    /// unseen mass never rises, and which ends where a rung is not known. Where nothing can be
    /// unseen, that is all there is to know.
    pub(crate) fn steady(&self, quantity: Quantity<'_>, factor: f64) -> Prediction {
        let mut found = self.raw(quantity, factor);
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
        for step in 1.. {
            let (low, high) = (rung(step - 1), rung(step));
            let there = self.at_rung(quantity, step);
            let Some(above) = there.estimate else { break };
            let above = held(quantity, below, above);
            if high >= PLAIN_FACTOR && !self.tells(quantity, &above) {
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
        }
        found.recommended = found.recommended.filter(|_| found.estimate.is_some());
        found
    }

    /// The forecast at a rung by itself, made once.
    pub(crate) fn at_rung(&self, quantity: Quantity<'_>, step: i32) -> Prediction {
        let what = match quantity {
            Quantity::New => 0,
            Quantity::Unseen { counts, .. } => 1 + u8::from(counts.has_second_moments()),
        };
        let known = self.rungs.borrow().get(&(what, step)).copied();
        known.unwrap_or_else(|| {
            let made = self.raw(quantity, rung(step));
            self.rungs.borrow_mut().insert((what, step), made);
            made
        })
    }

    /// An estimate between two. Where both say something but what is between them would not, it is
    /// taken from where it does.
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
        if self.tells(quantity, &found)
            || !(self.tells(quantity, &below) && self.tells(quantity, &above))
        {
            return found;
        }
        // Where the ends are a decade apart, by the smallest of margins on the side that tells.
        let apart = |estimate: &Estimate| estimate.upper - 10.0 * estimate.lower;
        at(apart(&below) / (apart(&below) - apart(&above)))
    }
}

/// New features at less data than those of the first rung: as many in proportion, with the scatter
/// of a number so much smaller.
fn first(rung: Estimate, part: f64) -> Estimate {
    let value = part * rung.value;
    let scatter = part.sqrt();
    Estimate {
        value,
        lower: (value - scatter * (rung.value - rung.lower)).max(0.0),
        upper: value + scatter * (rung.upper - rung.value),
    }
}

/// An estimate after more data that does not turn back from one before.
pub(crate) fn held(quantity: Quantity<'_>, before: Estimate, then: Estimate) -> Estimate {
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
