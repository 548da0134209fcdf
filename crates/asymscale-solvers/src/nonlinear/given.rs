//! Activations given by their user, as functions.

use std::{fmt, ptr};

/// An activation given as a function: made by [`Activation::given`](crate::Activation::given).
///
/// ```
/// use asymscale_solvers::Activation;
/// let Activation::Given(cube) = Activation::given("cube", |u: f64| u.powi(3)) else {
///     unreachable!()
/// };
/// assert_eq!((cube.name(), cube.apply(2.0), cube.linear_part()), ("cube", 8.0, None));
/// ```
#[derive(Clone, Copy)]
pub struct GivenActivation(&'static Given);

struct Given {
    name: &'static str,
    function: Box<dyn Fn(f64) -> f64 + Send + Sync>,
    linear_part: Option<f64>,
}

impl GivenActivation {
    pub(super) fn new(
        name: &'static str,
        function: impl Fn(f64) -> f64 + Send + Sync + 'static,
    ) -> Self {
        let linear_part = linear_part(&function);
        // Never freed: an activation is a plain value that any number of learners copy.
        Self(Box::leak(Box::new(Given { name, function: Box::new(function), linear_part })))
    }

    /// The name it was given.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// The function at `u`.
    pub fn apply(self, u: f64) -> f64 {
        (self.0.function)(u)
    }

    /// As [`Activation::linear_part`](crate::Activation::linear_part).
    pub fn linear_part(self) -> Option<f64> {
        self.0.linear_part
    }
}

/// Points on which the odd part is held against a straight line, and their distance.
const POINTS: u32 = 600;
const STEP: f64 = 0.05;
/// How far it may be from one, relative to the function: rounding of `s(u) − s(−u)`.
const STRAIGHT: f64 = 1e-13;

/// `s_1²`, if `[s(u) − s(−u)]/2 = s_1 u ≠ 0` on all points.
fn linear_part(function: &impl Fn(f64) -> f64) -> Option<f64> {
    let slope = 0.5 * (function(1.0) - function(-1.0));
    let is_straight = |k: u32| {
        let u = STEP * f64::from(k);
        let (right, left) = (function(u), function(-u));
        let size = right.abs() + left.abs() + (slope * u).abs();
        (0.5 * (right - left) - slope * u).abs() <= STRAIGHT * size
    };
    (slope != 0.0 && (1..=POINTS).all(is_straight)).then_some(slope * slope)
}

impl PartialEq for GivenActivation {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.0, other.0)
    }
}

impl fmt::Debug for GivenActivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("GivenActivation").field(&self.name()).finish()
    }
}
