//! An interval that holds what is searched for.

/// A finite interval `[low, high]` that holds what is searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bracket {
    low: f64,
    high: f64,
}

impl Bracket {
    /// The interval from `low` to `high`, which may be the same number.
    ///
    /// # Panics
    /// If an end is not finite or `low > high`.
    ///
    /// ```
    /// use asymscale_numerics::Bracket;
    /// let bracket = Bracket::new(1.0, 4.0);
    /// assert_eq!((bracket.low(), bracket.middle(), bracket.high()), (1.0, 2.5, 4.0));
    /// ```
    #[inline]
    pub fn new(low: f64, high: f64) -> Self {
        assert!(
            low.is_finite() && high.is_finite() && low <= high,
            "bracket = [{low:e}, {high:e}]: ends must be finite and low <= high"
        );
        Self { low, high }
    }

    /// The lower end.
    #[inline]
    pub fn low(self) -> f64 {
        self.low
    }

    /// The upper end.
    #[inline]
    pub fn high(self) -> f64 {
        self.high
    }

    /// `½ (low + high)`. Ends beyond `f64::MAX/2` of one sign overflow to `±∞`.
    #[inline]
    pub fn middle(self) -> f64 {
        0.5 * (self.low + self.high)
    }

    /// `√(low · high)`, the middle in logarithms; for ends of one sign whose product is a number
    /// within the range of floats, else 0, `∞` or NaN.
    ///
    /// ```
    /// use asymscale_numerics::Bracket;
    /// assert_eq!(Bracket::new(1.0, 9.0).geometric_mean(), 3.0);
    /// ```
    #[inline]
    pub fn geometric_mean(self) -> f64 {
        (self.low * self.high).sqrt()
    }

    /// `high − low`.
    #[inline]
    pub fn width(self) -> f64 {
        self.high - self.low
    }

    /// The part above `at` if what is searched for lies there, else the part below.
    #[inline]
    pub(crate) fn cut(&mut self, at: f64, is_above: bool) {
        if is_above {
            self.low = at;
        } else {
            self.high = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Bracket;

    #[test]
    #[should_panic(expected = "bracket = [2e0, 1e0]: ends must be finite and low <= high")]
    fn reversed_ends_are_refused() {
        Bracket::new(2.0, 1.0);
    }

    #[test]
    #[should_panic(expected = "bracket = [NaN, 1e0]")]
    fn what_is_no_number_is_refused() {
        Bracket::new(f64::NAN, 1.0);
    }

    #[test]
    #[should_panic(expected = "bracket = [0e0, inf]")]
    fn infinite_ends_are_refused() {
        Bracket::new(0.0, f64::INFINITY);
    }
}
