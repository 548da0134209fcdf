//! The search for the values of `G` at which conditions such as (24) and (26) of
//! [`derivations`](crate::derivations) hold, and the sums over coordinates there.

pub(crate) mod table;

use crate::{
    coordinates::CoordinateRule,
    response::Responder,
    response::sums::Sums,
    response::trapezoid::{Grid, STEP},
    search::table::{Evaluations, Interpolant},
};
use asymscale_numerics::increasing_root;
use std::borrow::Cow;

/// `ln G` is searched in this range.
const RANGE: (f64, f64) = (-600.0, 690.0);
/// From this `ln G` on it is asked first whether a condition can hold at all.
const FAR: f64 = 200.0;
/// Relative accuracy required of interpolated sums.
const ACCURACY: f64 = 5e-10;
/// The difference between interpolants of degrees 19 and 23 below which the latter has that
/// accuracy.
const AGREEMENT: f64 = 2e-9;
/// Up to this distance from an evaluated point, a tangent has that accuracy.
const NEAR: f64 = 2e-5;
/// Enough rounds to find a zero by bisection, or to refine intervals to rounding.
const ROUNDS: u32 = 60;
/// Up to so many conditions in an interval are searched for one by one.
const FEW: usize = 1;
/// Strides of the grids that are evaluated, in steps of the trapezoid: a finer one where a coarse
/// one is not accurate. The first is used for ranges longer than [`LONG`] only.
const STRIDES: [usize; 3] = [4, 2, 1];
/// A range of `ln G` most of which is likely to be smooth.
const LONG: f64 = 60.0;
/// Points by which a grid is extended at a time.
const STRETCH: f64 = 2.0;
/// Points of a grid beyond either end of what it is laid over.
const MARGIN: f64 = 3.0;

/// A condition on `f`, `f'` and `S − f`: a function that increases in `ln G` and is zero where the
/// condition holds, with its derivative. Infinite values mean that `G` is too large.
pub(crate) trait Condition: Fn(&Sums) -> (f64, f64) {}
impl<F: Fn(&Sums) -> (f64, f64)> Condition for F {}

/// Searches that share their evaluations, so that the points of a curve profit from each other.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    rule: Cow<'a, CoordinateRule>,
    responder: &'a Responder,
    evaluations: Evaluations,
}

/// An interval between neighbouring evaluated points.
#[derive(Debug)]
struct Span {
    start: Sums,
    end: Sums,
    /// How many conditions hold in it.
    conditions: usize,
    /// Over the interval, if accurate.
    interpolant: Option<Interpolant>,
}

impl Span {
    fn needs_refinement(&self) -> bool {
        self.conditions > FEW && self.interpolant.is_none()
    }

    fn middle(&self) -> f64 {
        0.5 * (self.start.log_stieltjes + self.end.log_stieltjes)
    }

    /// Where a condition holds that is met at the end of the interval and not at its start.
    fn zero(&self, interpolant: &Interpolant, condition: &impl Condition) -> f64 {
        let range = (self.start.log_stieltjes, self.end.log_stieltjes);
        zero(self.middle(), range, |v| condition(&interpolant.counts_at(v)))
    }
}

/// Runs of neighbouring intervals over which interpolation is not accurate enough.
fn inaccurate(spans: &[Span]) -> Vec<(f64, f64)> {
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for span in spans.iter().filter(|span| span.needs_refinement()) {
        let (low, high) = (span.start.log_stieltjes, span.end.log_stieltjes);
        match runs.last_mut() {
            Some(run) if run.1 == low => run.1 = high,
            _ => runs.push((low, high)),
        }
    }
    runs
}

impl<'a> Search<'a> {
    pub(crate) fn new(rule: &'a CoordinateRule, responder: &'a Responder) -> Self {
        Self { rule: Cow::Borrowed(rule), responder, evaluations: Evaluations::default() }
    }

    /// The sums where `condition` holds, of which some are NaN if it does not hold in the range;
    /// `hint` is a first guess of `ln G`.
    ///
    /// Each round accepts a point if its sums can be interpolated accurately and meet the
    /// condition. Otherwise it evaluates the sums there and proposes another point.
    pub(crate) fn sums_where(&mut self, hint: f64, condition: impl Condition) -> Sums {
        let mut v = match self.bracket(&condition) {
            (Some(_), Some(_)) => self.propose(&condition, 1.0),
            _ => self.rough_root(hint, &condition),
        };
        for round in 1..ROUNDS {
            if self.is_out_of_reach(v, &condition) {
                return Sums { left: f64::NAN, left_slope: f64::NAN, ..Sums::default() };
            }
            if let Some(sums) = self.known(v).filter(|sums| holds(sums, &condition)) {
                return sums;
            }
            self.evaluate(v);
            let proposed = self.propose(&condition, f64::from(round));
            if proposed == v {
                break;
            }
            v = proposed;
        }
        self.evaluations.widest(v).at(v)
    }

    /// The sums where each of many conditions holds, given in the order in which they do, each with
    /// a first guess of `ln G`.
    ///
    /// A grid is laid over the range they are guessed to be in, and refined where interpolation
    /// between its points is not accurate and several conditions hold; what remains is searched for
    /// one by one.
    pub(crate) fn sums_where_each<C: Condition>(&mut self, conditions: &[(f64, C)]) -> Vec<Sums> {
        let spans = self.lay_grids(conditions);
        let mut spans = spans.iter().peekable();
        let mut each = Vec::with_capacity(conditions.len());
        for (hint, condition) in conditions {
            // Conditions come in order, and so do spans.
            while spans.next_if(|span| condition(&span.end).0 < 0.0).is_some() {}
            let span = spans.peek().filter(|span| condition(&span.start).0 < 0.0);
            each.push(
                match span.and_then(|span| span.interpolant.as_ref().map(|known| (span, known))) {
                    Some((span, known)) => known.at(span.zero(known, condition)),
                    None => self.sums_where(*hint, condition),
                },
            );
        }
        each
    }

    /// Lays grids over the range of the conditions, the coarsest first, and the next where that one
    /// is wanting; then halves what is left. Returns the intervals that hold conditions.
    fn lay_grids<C: Condition>(&mut self, conditions: &[(f64, C)]) -> Vec<Span> {
        let (Some(first), Some(last)) = (conditions.first(), conditions.last()) else {
            return Vec::new();
        };
        // Rough sums need a rule that covers the range.
        self.extend_to(last.0.min(RANGE.1));
        let [anchor, end] =
            [first, last].map(|(hint, condition)| self.rough_root(*hint, condition));
        if self.is_out_of_reach(end, &last.1) {
            return Vec::new();
        }
        let coarsest = usize::from(end - anchor <= LONG);
        self.evaluate_over(anchor, anchor, end.max(anchor), STRIDES[coarsest]);
        self.stretch(anchor, STRIDES[coarsest], &first.1, &last.1);
        let mut spans = self.spans(Vec::new(), conditions);
        for &stride in &STRIDES[coarsest + 1..] {
            for (low, high) in inaccurate(&spans) {
                self.evaluate_over(anchor, low, high, stride);
            }
            spans = self.spans(spans, conditions);
        }
        for _ in 0..ROUNDS {
            let wanted: Vec<f64> =
                spans.iter().filter(|span| span.needs_refinement()).map(Span::middle).collect();
            if wanted.is_empty() {
                break;
            }
            for v in wanted {
                self.evaluate(v);
            }
            spans = self.spans(spans, conditions);
        }
        spans
    }

    /// Extends a grid until the first condition does not hold at its start and the last one holds
    /// at its end.
    fn stretch<C: Condition>(&mut self, anchor: f64, stride: usize, first: &C, last: &C) {
        let extent = STRETCH * stride as f64 * STEP;
        for _ in 0..ROUNDS {
            let [Some(low), Some(high)] =
                [self.evaluations.points().first(), self.evaluations.points().last()]
            else {
                return;
            };
            let (low, high) = (low.log_stieltjes, high.log_stieltjes);
            if self.bracket(first).0.is_none() && low > RANGE.0 {
                self.evaluate_over(anchor, low - extent, low, stride);
            } else if self.bracket(last).1.is_none() && high < RANGE.1 {
                self.evaluate_over(anchor, high, high + extent, stride);
            } else {
                return;
            }
        }
    }

    /// The intervals that contain conditions; those `known` already are taken over if accurate.
    fn spans<C: Condition>(&self, known: Vec<Span>, conditions: &[(f64, C)]) -> Vec<Span> {
        let mut known = known.into_iter().filter(|span| span.interpolant.is_some()).peekable();
        let points = self.evaluations.points();
        let mut rest = &conditions[conditions.partition_point(|(_, condition)| {
            points.first().is_some_and(|p| condition(p).0 >= 0.0)
        })..];
        let mut spans = Vec::new();
        for pair in points.windows(2) {
            // Conditions that hold before the right end of the interval.
            let inside = rest.partition_point(|(_, condition)| condition(&pair[1]).0 >= 0.0);
            rest = &rest[inside..];
            if inside == 0 {
                continue;
            }
            let v = pair[0].log_stieltjes;
            while known.next_if(|span| span.start.log_stieltjes < v).is_some() {}
            let same = |span: &Span| {
                span.end.log_stieltjes == pair[1].log_stieltjes && span.start.log_stieltjes == v
            };
            spans.push(known.next_if(same).unwrap_or_else(|| self.span(pair, inside)));
        }
        spans
    }

    fn span(&self, pair: &[Sums], conditions: usize) -> Span {
        let (low, high) = (pair[0].log_stieltjes, pair[1].log_stieltjes);
        let interpolant = self.evaluations.widest(0.5 * (low + high));
        let accurate = interpolant.uncertainty_over(low, high) < AGREEMENT;
        Span {
            start: pair[0],
            end: pair[1],
            conditions,
            interpolant: accurate.then_some(interpolant),
        }
    }

    /// The sums at `v`, if interpolation between evaluated points is accurate there.
    fn known(&self, v: f64) -> Option<Sums> {
        if self.evaluations.points().iter().any(|p| (p.log_stieltjes - v).abs() < NEAR) {
            Some(self.evaluations.interpolant(v, 1).at(v))
        } else {
            let interpolant = self.evaluations.widest(v);
            (interpolant.uncertainty(v) < ACCURACY).then(|| interpolant.at(v))
        }
    }

    fn evaluate(&mut self, v: f64) {
        self.extend_to(v);
        self.evaluations.insert(self.rule.sums(self.responder, v));
    }

    /// Evaluates a grid over an interval and a little more, for interpolation at its ends.
    fn evaluate_over(&mut self, anchor: f64, low: f64, high: f64, stride: usize) {
        let grid = Grid::over(anchor, low, high, stride, MARGIN);
        self.extend_to(grid.log_stieltjes_values()[grid.log_stieltjes_values().len() - 1]);
        for sums in self.rule.sums_along(self.responder, &grid) {
            self.evaluations.insert(sums);
        }
    }

    fn extend_to(&mut self, v: f64) {
        if !self.rule.covers(v) {
            self.rule.to_mut().extend_for(v);
        }
    }

    /// The last point where the condition is not yet met and the first where it is.
    fn bracket(&self, condition: &impl Condition) -> (Option<f64>, Option<f64>) {
        let points = self.evaluations.points();
        let at = points.partition_point(|p| condition(p).0 < 0.0);
        (
            at.checked_sub(1).map(|k| points[k].log_stieltjes),
            points.get(at).map(|p| p.log_stieltjes),
        )
    }

    /// The zero of the interpolated condition inside the bracket; without a bracket, that of the
    /// tangent at the point nearest to it, at most `2^stride` away.
    fn propose(&self, condition: &impl Condition, stride: f64) -> f64 {
        match self.bracket(condition) {
            (Some(low), Some(high)) => {
                let middle = 0.5 * (low + high);
                let interpolant = self.evaluations.widest(middle);
                zero(middle, (low, high), |v| condition(&interpolant.counts_at(v)))
            }
            (Some(end), None) | (None, Some(end)) => {
                let longest = stride.exp2();
                let range = ((end - longest).max(RANGE.0), (end + longest).min(RANGE.1));
                let tangent = self.evaluations.interpolant(end, 1);
                zero(end, range, |v| condition(&tangent.counts_at(v)))
            }
            (None, None) => 0.0,
        }
    }

    /// Whether a condition holds at no value of the range, asked where `v` is far out.
    fn is_out_of_reach(&mut self, v: f64, condition: &impl Condition) -> bool {
        if v < FAR {
            return false;
        }
        self.extend_to(RANGE.1);
        let (value, _) = condition(&self.rule.sums(self.responder, RANGE.1));
        value < 0.0 || value.is_nan()
    }

    /// The zero of the condition at the rough sums.
    fn rough_root(&self, hint: f64, condition: &impl Condition) -> f64 {
        let mut last = hint;
        let step = increasing_root(
            hint,
            RANGE,
            |step, last| step < 1e-2 && last < 1.0,
            |v| {
                last = v;
                condition(&self.rule.rough_sums(v))
            },
        );
        last + step
    }
}

/// Whether a condition holds to the accuracy in `ln G` that the sums need.
fn holds(sums: &Sums, condition: &impl Condition) -> bool {
    let (value, slope) = condition(sums);
    value.abs() <= 0.1 * ACCURACY * slope.max(1e-3)
}

/// The zero of an increasing function on a range, to a tenth of the accuracy the sums need.
fn zero(start: f64, range: (f64, f64), mut evaluate: impl FnMut(f64) -> (f64, f64)) -> f64 {
    let mut last = start;
    // The step that remains is taken, and convergence is better than quadratic.
    let accept = |step: f64, last: f64| step < 1e-12 || (step < 1e-7 && last < 1e-3);
    let step = increasing_root(start, range, accept, |v| {
        last = v;
        evaluate(v)
    });
    last + step
}
