//! The search for the resolutions at which conditions hold, and the sums there.

use crate::{
    coordinates::CoordinateRule,
    resolvent::Sums,
    response::Responder,
    root::increasing_root,
    track::{Interpolant, Track},
    trapezoid::Grid,
};
use std::borrow::Cow;

/// `ln G` is searched in this range.
const RANGE: (f64, f64) = (-600.0, 600.0);
/// Relative accuracy asked of interpolated sums.
const ACCURACY: f64 = 5e-10;
/// What interpolants of degree 11 and 15 may differ by for the latter to be as accurate as that.
const AGREEMENT: f64 = 5e-9;
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
const LONG: f64 = 24.0;
/// Points of a grid beyond either end of what it is laid over.
const MARGIN: f64 = 1.0;

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

/// An interval of the track, and the interpolant over it if that is accurate.
type Span = (f64, f64, Option<Interpolant>);

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
    /// The first and the last are searched for; between them the track is refined until interpolation
    /// between its points is accurate, or hardly any condition is left between them.
    pub(crate) fn sums_where_each<C: Condition>(&mut self, conditions: &[(f64, C)]) -> Vec<Sums> {
        for (hint, condition) in conditions.first().into_iter().chain(conditions.last()) {
            self.sums_where(*hint, condition);
        }
        self.lay_grids(conditions);
        let mut span = None;
        conditions.iter().map(|(hint, condition)| self.along(&mut span, *hint, condition)).collect()
    }

    /// One of many: by the interpolant of the span it is in, kept from one to the next, or by search.
    fn along(&mut self, span: &mut Option<Span>, hint: f64, condition: &impl Condition) -> Sums {
        let (Some(low), Some(high)) = self.bracket(condition) else {
            return self.sums_where(hint, condition);
        };
        let middle = 0.5 * (low + high);
        if span.as_ref().is_none_or(|span| (span.0, span.1) != (low, high)) {
            let accurate = self.track.uncertainty_over(low, high) < AGREEMENT;
            *span = Some((low, high, accurate.then(|| self.track.widest(middle))));
        }
        match span {
            Some((.., Some(interpolant))) => {
                interpolant.at(zero(middle, (low, high), |v| condition(&interpolant.counts_at(v))))
            }
            _ => self.sums_where(hint, condition),
        }
    }

    /// Lays grids over the part of the track where interpolation is wanting, then halves what is left.
    fn lay_grids<C: Condition>(&mut self, conditions: &[(f64, C)]) {
        let [Some(anchor), Some(end)] = [self.track.points().first(), self.track.points().last()]
            .map(|point| point.map(|point| point.log_resolution))
        else {
            return;
        };
        let strides = if end - anchor > LONG { &STRIDES[..] } else { &STRIDES[1..] };
        for &stride in strides {
            let wanted = self.wanting(conditions);
            if let (Some(first), Some(last)) = (wanted.first(), wanted.last()) {
                self.evaluate_over(anchor, first.0, last.1, stride);
            }
        }
        for _ in 0..ROUNDS {
            let wanted = self.wanting(conditions);
            if wanted.is_empty() {
                return;
            }
            for (low, high) in wanted {
                self.evaluate(0.5 * (low + high));
            }
        }
    }

    /// Intervals of the track that hold conditions and do not interpolate accurately.
    fn wanting<C: Condition>(&self, conditions: &[(f64, C)]) -> Vec<(f64, f64)> {
        let mut rest = conditions;
        let mut wanted = Vec::new();
        for pair in self.track.points().windows(2) {
            // Conditions that hold before the right end of the interval.
            let inside = rest.partition_point(|(_, condition)| condition(&pair[1]).0 >= 0.0);
            rest = &rest[inside..];
            let (low, high) = (pair[0].log_resolution, pair[1].log_resolution);
            if inside > FEW && self.track.uncertainty_over(low, high) >= AGREEMENT {
                wanted.push((low, high));
            }
        }
        wanted
    }

    /// The sums at `v`, if the points evaluated so far tell them accurately.
    fn known(&self, v: f64) -> Option<Sums> {
        if self.track.points().iter().any(|p| (p.log_resolution - v).abs() < NEAR) {
            Some(self.track.interpolant(v, 1).at(v))
        } else {
            (self.track.uncertainty(v) < ACCURACY).then(|| self.track.widest(v).at(v))
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
