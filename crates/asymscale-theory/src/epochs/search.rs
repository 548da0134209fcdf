//! Searches along the time of flow: where the loss first falls below a value, and where it is
//! least.

use crate::sample_theory::flow::{LONGEST, SHORTEST};
use crate::sample_theory::late_flow::LossOverTime;
use asymscale_model::SparseModel;
use asymscale_numerics::{Bracket, Minimum, bisect, brent};
use std::cell::RefCell;
use std::f64::consts::LN_10;

/// Step of a scan in `ln s`: four times in a decade.
const STEP: f64 = LN_10 / 4.0;
/// A scan begins at this time, in units of that of the fastest coordinate.
const BEGIN: f64 = 1e-4;
/// A loss that has come so near to where it ends, in units of it, is at its end.
const NEAR: f64 = 1e-4;
/// A loss that has risen above the least by this share of it, and ends above it, falls no more.
const RISEN: f64 = 0.02;
/// The share of the variance of the labels below which the loss has no digits.
const ROUNDING: f64 = 1e-7;
/// How far inside of a decade, in `ln s`, its ends are asked for.
const EDGE: f64 = 1e-9;
/// Bisections of a decade, to rounding of the loss.
const HALVINGS: u32 = 44;

/// A point of the curve.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) time: f64,
    pub(super) loss: f64,
}

/// The loss over time and how it ends.
pub(super) struct TimeSearch<'a> {
    curve: RefCell<LossOverTime<'a>>,
    begin: f64,
    start: f64,
    floor: f64,
    falls_only: bool,
}

impl<'a> TimeSearch<'a> {
    pub(super) fn new(
        curve: LossOverTime<'a>,
        model: &SparseModel,
        features: f64,
        floor: f64,
    ) -> Self {
        Self {
            curve: RefCell::new(curve),
            begin: (BEGIN / model.largest_eigenvalue()).ln(),
            start: model.label_variance(),
            floor,
            falls_only: features == f64::INFINITY,
        }
    }

    /// The loss at the time `e^log`.
    fn at(&self, log: f64) -> f64 {
        self.curve.borrow_mut().at(log.exp().min(LONGEST))
    }

    /// The first time at which the loss is at most `target`; `None` if it is above it for as long
    /// as flow can be followed. It is sought from `guess` on.
    pub(super) fn first_below(&self, target: f64, guess: f64) -> Option<f64> {
        let bracket = if self.falls_only {
            self.decade_below(target, guess)?
        } else {
            let mut log = self.begin;
            while self.at(log) > target {
                log += STEP;
                if log >= LONGEST.ln() {
                    return None;
                }
            }
            Bracket::new(log - STEP, log)
        };
        Some(bisect(bracket, HALVINGS, |log| self.at(log) > target).high().exp())
    }

    /// The decade of times in which a loss that only falls comes down to `target`: all times of a
    /// decade share their evaluations, so that few decades should be asked.
    fn decade_below(&self, target: f64, guess: f64) -> Option<Bracket> {
        let (first, last) = (SHORTEST.log10().round() as i32, LONGEST.log10().round() as i32);
        let mut decade = (guess.log10().floor() as i32).clamp(first, last - 1);
        let inside = |decade: i32| {
            let begin = f64::from(decade) * LN_10;
            Bracket::new(begin + EDGE, begin + LN_10 - EDGE)
        };
        let is_above = |log: f64| self.at(log) > target;
        let mut rising = false;
        loop {
            let bracket = inside(decade);
            if is_above(bracket.high()) {
                rising = true;
                decade += 1;
                if decade == last {
                    return None;
                }
            } else if rising || decade == first || is_above(bracket.low()) {
                // Between two decades the first times of the later are below the target already.
                return Some(Bracket::new(bracket.low() - 2.0 * EDGE, bracket.high()));
            } else {
                decade -= 1;
            }
        }
    }

    /// The least loss before the end of the flow.
    pub(super) fn least(&self) -> Point {
        let (mut log, mut least) = (self.begin, Minimum { at: self.begin, value: self.start });
        while log < LONGEST.ln() {
            let loss = self.at(log);
            if loss < least.value {
                least = Minimum { at: log, value: loss };
            }
            let risen = loss > (1.0 + RISEN) * least.value && self.floor >= least.value;
            let ended = (loss - self.floor).abs() <= NEAR * self.floor;
            if risen || ended || loss < ROUNDING * self.start {
                break;
            }
            log += STEP;
        }
        let around = Bracket::new(least.at - STEP, least.at + STEP);
        let at = |log: f64| Ok::<f64, std::convert::Infallible>(self.at(log));
        let Ok(found) = brent(around, least, at);
        Point { time: found.at.exp(), loss: found.value }
    }
}
