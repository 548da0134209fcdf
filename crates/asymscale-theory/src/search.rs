//! The search for the resolutions at which conditions hold, and the sums there.

pub(crate) mod table;

use crate::{
    coordinates::CoordinateRule,
    response::Responder,
    response::sums::Sums,
    response::trapezoid::{Grid, STEP},
    search::table::{Interpolant, Track},
};
use asymscale_numerics::increasing_root;
use std::borrow::Cow;

/// `ln G` is searched in this range.
const RANGE: (f64, f64) = (-600.0, 690.0);
/// Relative accuracy asked of interpolated sums.
const ACCURACY: f64 = 5e-10;
/// What interpolants of degree 19 and 23 may differ by for the latter to be as accurate as that.
const AGREEMENT: f64 = 2e-9;
/// So near to an evaluated point, tangents to it are as accurate as that.
const NEAR: f64 = 2e-5;
/// Enough to find a zero by bisection, or to refine a track to rounding.
const ROUNDS: u32 = 60;
/// So few conditions in an interval are searched for rather than interpolated.
const FEW: usize = 1;
/// Strides of the grids laid over a track, in steps of the trapezoid: where a coarse one does not do,
/// a fine one. The first is for tracks longer than [`LONG`] only.
const STRIDES: [usize; 3] = [4, 2, 1];
/// A range of `ln G` most of which is likely to be smooth.
const LONG: f64 = 60.0;
/// Points by which a grid is stretched at a time, and the margin.
const STRETCH: f64 = 2.0;
/// Points of a grid beyond either end of what it is laid over.
const MARGIN: f64 = 3.0;

/// A condition on the counts `f`, `f'` and `S − f`: increasing in `ln G`, zero where it holds, with
/// its derivative. Infinite values stand for "too far".
pub(crate) trait Condition: Fn(&Sums) -> (f64, f64) {}
impl<F: Fn(&Sums) -> (f64, f64)> Condition for F {}

/// Searches that share what they evaluate, so that the points of a curve help each other.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    rule: Cow<'a, CoordinateRule>,
    responder: &'a Responder,
    track: Track,
}

/// An interval of the track between neighbours.
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
    fn is_wanting(&self) -> bool {
        self.conditions > FEW && self.interpolant.is_none()
    }

    fn middle(&self) -> f64 {
        0.5 * (self.start.log_resolution + self.end.log_resolution)
    }

    /// Where a condition holds that is fulfilled at the end and not at the start.
    fn zero(&self, interpolant: &Interpolant, condition: &impl Condition) -> f64 {
        let range = (self.start.log_resolution, self.end.log_resolution);
        zero(self.middle(), range, |v| condition(&interpolant.counts_at(v)))
    }
}

/// Runs of neighbouring intervals that are wanting.
fn wanting(spans: &[Span]) -> Vec<(f64, f64)> {
    let mut runs: Vec<(f64, f64)> = Vec::new();
    for span in spans.iter().filter(|span| span.is_wanting()) {
        let (low, high) = (span.start.log_resolution, span.end.log_resolution);
        match runs.last_mut() {
            Some(run) if run.1 == low => run.1 = high,
            _ => runs.push((low, high)),
        }
    }
    runs
}

impl<'a> Search<'a> {
    pub(crate) fn new(rule: &'a CoordinateRule, responder: &'a Responder) -> Self {
        Self { rule: Cow::Borrowed(rule), responder, track: Track::default() }
    }

    /// The sums where `condition` holds, or at the end of the range nearest to that; `hint` is a first
    /// guess of `ln G`.
    ///
    /// Each round takes the sums at a point if they can be told from what is known and fulfil the
    /// condition; otherwise it evaluates them there, and proposes another point.
    pub(crate) fn sums_where(&mut self, hint: f64, condition: impl Condition) -> Sums {
        let mut v = match self.bracket(&condition) {
            (Some(_), Some(_)) => self.propose(&condition, 1.0),
            _ => self.rough_root(hint, &condition),
        };
        for round in 1..ROUNDS {
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
        self.track.widest(v).at(v)
    }

    /// The sums where each of many conditions holds, given in the order in which they do, each with a
    /// first guess of `ln G`.
    ///
    /// A grid is laid over the range they are guessed to be in, and refined where interpolation between its points is
    /// not accurate and several conditions hold; what remains is searched for one by one.
    pub(crate) fn sums_where_each<C: Condition>(&mut self, conditions: &[(f64, C)]) -> Vec<Sums> {
        let spans = self.lay_grids(conditions);
        let mut spans = spans.iter().peekable();
        let mut each = Vec::with_capacity(conditions.len());
        for (hint, condition) in conditions {
            // Conditions come in order, and so do spans.
            while spans.next_if(|span| condition(&span.end).0 < 0.0).is_some() {}
            let span = spans.peek().filter(|span| condition(&span.start).0 < 0.0);
            each.push(match span.and_then(|span| span.interpolant.as_ref().map(|known| (span, known))) {
                Some((span, known)) => known.at(span.zero(known, condition)),
                None => self.sums_where(*hint, condition),
            });
        }
        each
    }

    /// Lays grids over the range of the conditions, the coarsest first, and the next where that one is wanting; then
    /// halves what is left. Returns the intervals that hold conditions.
    fn lay_grids<C: Condition>(&mut self, conditions: &[(f64, C)]) -> Vec<Span> {
        let (Some(first), Some(last)) = (conditions.first(), conditions.last()) else { return Vec::new() };
        // Rough sums are true to the rule as far as it reaches.
        self.reach(last.0.min(RANGE.1));
        let [anchor, end] = [first, last].map(|(hint, condition)| self.rough_root(*hint, condition));
        let coarsest = usize::from(end - anchor <= LONG);
        self.evaluate_over(anchor, anchor, end.max(anchor), STRIDES[coarsest]);
        self.stretch(anchor, STRIDES[coarsest], &first.1, &last.1);
        let mut spans = self.spans(Vec::new(), conditions);
        for &stride in &STRIDES[coarsest + 1..] {
            for (low, high) in wanting(&spans) {
                self.evaluate_over(anchor, low, high, stride);
            }
            spans = self.spans(spans, conditions);
        }
        for _ in 0..ROUNDS {
            let wanted: Vec<f64> = spans.iter().filter(|span| span.is_wanting()).map(Span::middle).collect();
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

    /// Stretches a grid until it reaches from where the first condition does not hold yet to where the last holds.
    fn stretch<C: Condition>(&mut self, anchor: f64, stride: usize, first: &C, last: &C) {
        let reach = STRETCH * stride as f64 * STEP;
        for _ in 0..ROUNDS {
            let [Some(low), Some(high)] = [self.track.points().first(), self.track.points().last()] else {
                return;
            };
            let (low, high) = (low.log_resolution, high.log_resolution);
            if self.bracket(first).0.is_none() && low > RANGE.0 {
                self.evaluate_over(anchor, low - reach, low, stride);
            } else if self.bracket(last).1.is_none() && high < RANGE.1 {
                self.evaluate_over(anchor, high, high + reach, stride);
            } else {
                return;
            }
        }
    }

    /// The intervals of the track that hold conditions, those `known` already taken over if accurate.
    fn spans<C: Condition>(&self, known: Vec<Span>, conditions: &[(f64, C)]) -> Vec<Span> {
        let mut known = known.into_iter().filter(|span| span.interpolant.is_some()).peekable();
        let points = self.track.points();
        let mut rest = &conditions[conditions
            .partition_point(|(_, condition)| points.first().is_some_and(|p| condition(p).0 >= 0.0))..];
        let mut spans = Vec::new();
        for pair in points.windows(2) {
            // Conditions that hold before the right end of the interval.
            let inside = rest.partition_point(|(_, condition)| condition(&pair[1]).0 >= 0.0);
            rest = &rest[inside..];
            if inside == 0 {
                continue;
            }
            let v = pair[0].log_resolution;
            while known.next_if(|span| span.start.log_resolution < v).is_some() {}
            let same = |span: &Span| {
                span.end.log_resolution == pair[1].log_resolution && span.start.log_resolution == v
            };
            spans.push(known.next_if(same).unwrap_or_else(|| self.span(pair, inside)));
        }
        spans
    }

    fn span(&self, pair: &[Sums], conditions: usize) -> Span {
        let (low, high) = (pair[0].log_resolution, pair[1].log_resolution);
        let interpolant = self.track.widest(0.5 * (low + high));
        let accurate = interpolant.uncertainty_over(low, high) < AGREEMENT;
        Span { start: pair[0], end: pair[1], conditions, interpolant: accurate.then_some(interpolant) }
    }

    /// The sums at `v`, if the points evaluated so far tell them accurately.
    fn known(&self, v: f64) -> Option<Sums> {
        if self.track.points().iter().any(|p| (p.log_resolution - v).abs() < NEAR) {
            Some(self.track.interpolant(v, 1).at(v))
        } else {
            let interpolant = self.track.widest(v);
            (interpolant.uncertainty(v) < ACCURACY).then(|| interpolant.at(v))
        }
    }

    fn evaluate(&mut self, v: f64) {
        self.reach(v);
        self.track.insert(self.rule.sums(self.responder, v));
    }

    /// Evaluates a grid over an interval and a little more, for interpolation at its ends.
    fn evaluate_over(&mut self, anchor: f64, low: f64, high: f64, stride: usize) {
        let grid = Grid::over(anchor, low, high, stride, MARGIN);
        self.reach(grid.log_resolutions()[grid.log_resolutions().len() - 1]);
        for sums in self.rule.sums_along(self.responder, &grid) {
            self.track.insert(sums);
        }
    }

    fn reach(&mut self, v: f64) {
        if !self.rule.resolves(v) {
            self.rule.to_mut().extend_for(v);
        }
    }

    /// The last point where the condition is not yet met and the first where it is.
    fn bracket(&self, condition: &impl Condition) -> (Option<f64>, Option<f64>) {
        let points = self.track.points();
        let at = points.partition_point(|p| condition(p).0 < 0.0);
        (at.checked_sub(1).map(|k| points[k].log_resolution), points.get(at).map(|p| p.log_resolution))
    }

    /// The zero of the interpolated condition inside the bracket; without a bracket, that of the
    /// tangent at the point nearest to it, at most `2^stride` away.
    fn propose(&self, condition: &impl Condition, stride: f64) -> f64 {
        match self.bracket(condition) {
            (Some(low), Some(high)) => {
                let middle = 0.5 * (low + high);
                let interpolant = self.track.widest(middle);
                zero(middle, (low, high), |v| condition(&interpolant.counts_at(v)))
            }
            (Some(end), None) | (None, Some(end)) => {
                let reach = stride.exp2();
                let range = ((end - reach).max(RANGE.0), (end + reach).min(RANGE.1));
                let tangent = self.track.interpolant(end, 1);
                zero(end, range, |v| condition(&tangent.counts_at(v)))
            }
            (None, None) => 0.0,
        }
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
