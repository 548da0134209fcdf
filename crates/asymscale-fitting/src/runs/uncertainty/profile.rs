//! Profile intervals: the values of a parameter at which the objective, minimised over all other
//! parameters, stays below a threshold.

use asymscale_numerics::mean;

use super::intervals::ParameterInterval;
use crate::FittingError;
use crate::checks::check_level;
use crate::runs::fit::Fit;
use crate::runs::fit::first_order::Spread;
use crate::runs::law::{Floor, Law, Parameter};
use crate::runs::optimiser::coordinates::Centre;
use crate::runs::optimiser::index::{A, ALPHA, AMPLITUDES, B, BETA, E, EXPONENTS};
use crate::runs::optimiser::minimise::{Domain, descend, minimise};
use crate::runs::optimiser::problem::{ExponentLink, Problem};
use crate::runs::optimiser::symmetric::Vector;
use crate::student::Uncertainty;

/// Steps of the search for a bracket, each longer than the last by half.
const BRACKETS: usize = 60;

/// Halvings and secants inside the bracket.
const REFINEMENTS: usize = 60;

/// A profile in one parameter: the minimisation with it pinned.
struct Profile {
    problem: Problem,
    domain: Domain,
    centre: Centre,
    /// Internal parameter that is pinned.
    pinned: usize,
    /// Whether the profile is walked in the logarithm of the parameter.
    logarithmic: bool,
    /// From the parameter outside to the internal one.
    unit: f64,
    best: f64,
    /// Increase of the objective at the ends of the interval.
    threshold: f64,
}

impl Fit {
    /// The profile interval of a parameter, of nominal coverage `level` in (0, 1): all its values
    /// `v` with `2(Q(v) − Q)/τ <= F`, `Q(v)` the objective minimised with the parameter held at `v`
    /// and `F` the quantile of Fisher's F with 1 and n − p degrees of freedom.
    ///
    /// `τ` is the spread of the residuals: for squares `Σ r²/(n − p)`; for the Huber loss
    /// `E ψ²/E ψ'` (Huber, Robust Statistics, 1981, §7.10: the test for M-estimators), `E ψ'`
    /// smoothed over the 40 % of the residuals nearest to 0 because with δ = 1e-3 few runs lie
    /// within δ. An end that the data do not give is the bound of the parameter (0, infinity, or
    /// the largest exponent); a parameter that is not fitted is its own interval. Relative accuracy
    /// of the ends 1e-6. Cost: some 30 descents.
    ///
    /// # Errors
    /// A level out of range; no more runs than parameters.
    ///
    /// ```
    /// # use asymscale_fitting::{FitOptions, Parameter, Parameters, Runs, fit_law};
    /// # let law = Parameters { e: 1.7, a: 400.0, b: 1500.0, alpha: 0.34, beta: 0.37 };
    /// # let n: Vec<f64> = (0..30).map(|k| 1e7 * 3f64.powi(k % 6)).collect();
    /// # let d: Vec<f64> = (0..30).map(|k| 1e9 * 4f64.powi(k / 6)).collect();
    /// # let error = |k: usize| 1.0 + 0.002 * ((7 * k % 5) as f64 - 2.0);
    /// # let losses: Vec<f64> = (0..30).map(|k| law.loss(n[k], d[k]) * error(k)).collect();
    /// let runs = Runs::new(&n, &d, &losses)?; // thirty runs of a known law
    /// let fit = fit_law(&runs, &FitOptions::default())?;
    /// let alpha = fit.profile_interval(Parameter::Alpha, 0.95)?;
    /// assert!(alpha.lower < fit.parameters.alpha && fit.parameters.alpha < alpha.upper);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn profile_interval(
        &self,
        parameter: Parameter,
        level: f64,
    ) -> Result<ParameterInterval, FittingError> {
        check_level(level)?;
        let parameters = self.options.free_parameters();
        let rows = self.runs.len();
        if rows <= parameters {
            return Err(FittingError::TooFewRuns {
                found: rows,
                needed: parameters + 1,
                parameters,
            });
        }
        let estimate = self.parameters.get(parameter);
        let fixed = parameter == Parameter::E && matches!(self.options.floor, Floor::Fixed(_));
        let without = matches!(parameter, Parameter::B | Parameter::Beta | Parameter::Ratio);
        let absent = match self.options.law {
            Law::OneSize => without,
            Law::Tied => parameter == Parameter::Ratio,
            Law::Free | Law::Sparse => false,
        };
        if fixed || absent {
            return Ok(ParameterInterval { estimate, lower: estimate, upper: estimate, level });
        }
        let profile = Profile::new(self, parameter, level);
        let step = self.first_step(parameter, &profile);
        let (lower, upper) =
            (profile.end(self, parameter, -step), profile.end(self, parameter, step));
        Ok(ParameterInterval { estimate, lower, upper, level })
    }

    /// The first step towards an end, in the scale of the profile.
    fn first_step(&self, parameter: Parameter, profile: &Profile) -> f64 {
        let value = self.parameters.get(parameter);
        let error = 2.0 * self.standard_error(parameter);
        let relative = matches!(parameter, Parameter::A | Parameter::B | Parameter::Ratio);
        let fallback = if profile.logarithmic { 0.1 } else { 0.1 * value.max(1e-3) };
        let step = if relative && !profile.logarithmic { error * value } else { error };
        if step.is_finite() && step > 0.0 { step } else { fallback }
    }
}

impl Profile {
    fn new(fit: &Fit, parameter: Parameter, level: f64) -> Self {
        let (whole, mut domain) = fit.problem();
        let spread = Spread::of(&whole, &fit.theta, fit.interior_parameters());
        let quantile =
            Uncertainty { standard_error: 1.0, degrees_of_freedom: spread.dof }.half_width(level);
        let (mut centre, mut link) = (fit.centre, whole.link);
        let mut unit = 1.0;
        let pinned = match parameter {
            Parameter::E => E,
            Parameter::A => A,
            Parameter::B => B,
            Parameter::Alpha => ALPHA,
            Parameter::Beta if link == ExponentLink::Tied => ALPHA,
            Parameter::Beta | Parameter::Ratio => BETA,
        };
        match parameter {
            // An amplitude at size 1 is an internal parameter once the centre is there.
            Parameter::A => centre.features = 0.0,
            Parameter::B => centre.samples = 0.0,
            Parameter::Beta if link == ExponentLink::Ratio => link = ExponentLink::Free,
            Parameter::Ratio if link == ExponentLink::Free => {
                (link, domain.upper[BETA]) = (ExponentLink::Ratio, f64::INFINITY);
            }
            _ => {}
        }
        if AMPLITUDES.contains(&pinned) {
            unit = (-centre.loss).exp();
        }
        domain.free[pinned] = false;
        let problem = Problem::new(&fit.runs, centre, fit.options.objective, link, None);
        let logarithmic = matches!(parameter, Parameter::A | Parameter::B | Parameter::Ratio);
        let best = whole.value(&fit.theta);
        let threshold = 0.5 * spread.test_scale() * quantile * quantile;
        Self { problem, domain, centre, pinned, logarithmic, unit, best, threshold }
    }

    fn to_internal(&self, coordinate: f64) -> f64 {
        self.unit * if self.logarithmic { coordinate.exp() } else { coordinate }
    }

    fn to_coordinate(&self, internal: f64) -> f64 {
        internal / self.unit
    }

    /// Objective beyond the threshold with the parameter pinned, and where.
    fn excess(&self, near: &Vector, coordinate: f64, thorough: bool) -> (f64, Vector) {
        let value = self.to_internal(coordinate);
        let mut domain = self.domain;
        (domain.lower[self.pinned], domain.upper[self.pinned]) = (value, value);
        let mut start = *near;
        start[self.pinned] = value;
        if let Some((exponent, centre)) = self.compensating_exponent(near) {
            // The term keeps its size in the middle of the data.
            start[exponent] += (value / near[self.pinned]).ln() / centre;
        }
        self.keep_exponents_ordered(&mut domain, value);
        let end = if thorough {
            minimise(&self.problem, &domain, &start)
        } else {
            descend(&self.problem, &domain, &start)
        };
        (end.value - self.best - self.threshold, end.theta)
    }

    /// The exponent that moves with a pinned amplitude, and the mean logarithm it acts on.
    fn compensating_exponent(&self, near: &Vector) -> Option<(usize, f64)> {
        match self.pinned {
            A => Some((ALPHA, mean(self.problem.log_features()))),
            B if self.problem.link == ExponentLink::Tied => {
                Some((ALPHA, mean(self.problem.log_samples())))
            }
            B if self.problem.link == ExponentLink::Ratio => {
                Some((BETA, mean(self.problem.log_samples()) * near[ALPHA].max(1e-3)))
            }
            B => Some((BETA, mean(self.problem.log_samples()))),
            _ => None,
        }
    }

    /// Keeps α at or above β in a sparse law whose β is fixed.
    fn keep_exponents_ordered(&self, domain: &mut Domain, value: f64) {
        if self.pinned == BETA
            && self.problem.link == ExponentLink::Free
            && self.domain.upper[BETA] == 1.0
        {
            domain.lower[ALPHA] = value;
        }
    }

    /// One end: a bracket by growing steps, then the Illinois variant of false position.
    fn end(&self, fit: &Fit, parameter: Parameter, step: f64) -> f64 {
        let mut theta = self.centre.to_internal(&fit.parameters, self.problem.link);
        let value = fit.parameters.get(parameter);
        let origin = if self.logarithmic { value.ln() } else { value };
        let bound = self.bound(step);
        let (mut inside, mut at_inside) = (origin, -self.threshold);
        let mut step = step;
        for _ in 0..BRACKETS {
            let mut next = inside + step;
            let last = (step < 0.0 && next <= bound) || (step > 0.0 && next >= bound);
            next = if last { bound } else { next };
            let (excess, there) = self.excess(&theta, next, last);
            if excess > 0.0 {
                return self.refine(&theta, (inside, at_inside), (next, excess));
            }
            if last {
                break;
            }
            (inside, at_inside, theta) = (next, excess, there);
            step *= 1.5;
        }
        self.to_coordinate(self.to_internal(bound))
    }

    /// Where a profile must stop, in its own scale.
    fn bound(&self, step: f64) -> f64 {
        match (self.logarithmic, step < 0.0) {
            (true, true) => f64::NEG_INFINITY,
            (true, false) if self.pinned == BETA => self.domain.upper[BETA].ln(),
            (false, true) => self.to_coordinate(self.domain.lower[self.pinned].max(0.0)),
            (false, false) if EXPONENTS.contains(&self.pinned) => self.domain.upper[ALPHA],
            _ => f64::INFINITY,
        }
    }

    fn refine(&self, near: &Vector, mut inside: (f64, f64), mut outside: (f64, f64)) -> f64 {
        let mut theta = *near;
        let scale = (outside.0 - inside.0).abs();
        for k in 0..REFINEMENTS {
            if (outside.0 - inside.0).abs() <= 1e-7 * scale {
                break;
            }
            let secant = (inside.0 * outside.1 - outside.0 * inside.1) / (outside.1 - inside.1);
            let middle = 0.5 * (inside.0 + outside.0);
            // Every third point halves the bracket, whatever the shape of the profile.
            let next = if k % 3 == 2 || !secant.is_finite() { middle } else { secant };
            let (excess, there) = self.excess(&theta, next, false);
            if excess > 0.0 {
                outside = (next, excess);
            } else {
                (inside, theta) = ((next, excess), there);
            }
            if excess.abs() <= 1e-7 * self.threshold {
                return self.to_coordinate(self.to_internal(next));
            }
        }
        self.to_coordinate(self.to_internal(0.5 * (inside.0 + outside.0)))
    }
}
