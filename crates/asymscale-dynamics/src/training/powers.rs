//! What is left of a quantity that shrinks by the same factor every step, after any number of
//! steps.

/// The effect of `k` steps that shrink a velocity by `μ` each, before it moves its parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drift {
    /// `k`.
    steps: f64,
    /// `μ^k`: what is left of the velocity.
    pub(super) left: f64,
    /// `Σ_{l ≤ k} μ^l`: how far it moved its parameter.
    pub(super) moved: f64,
    /// `Σ_{l ≤ k} (k − l + 1) μ^l`: the same, added up over the steps.
    pub(super) summed: f64,
}

impl Drift {
    const NONE: Self = Self { steps: 0.0, left: 1.0, moved: 0.0, summed: 0.0 };

    /// These steps, and then those. Nothing is subtracted, so no digit is lost.
    fn then(self, next: Self) -> Self {
        Self {
            steps: self.steps + next.steps,
            left: self.left * next.left,
            moved: self.moved + self.left * next.moved,
            summed: self.summed + next.steps * self.moved + self.left * next.summed,
        }
    }
}

/// Drifts of one factor `0 ≤ μ < 1`, after `2^j` steps each.
#[derive(Debug, Clone)]
pub(super) struct Powers {
    doubled: [Drift; 64],
}

impl Powers {
    pub(super) fn of(factor: f64) -> Self {
        let single = Drift { steps: 1.0, left: factor, moved: factor, summed: factor };
        let mut doubled = [single; 64];
        for j in 1..64 {
            doubled[j] = doubled[j - 1].then(doubled[j - 1]);
        }
        Self { doubled }
    }

    /// After `steps` steps. Cost: the number of ones in their binary digits.
    #[inline]
    pub(super) fn after(&self, steps: u64) -> Drift {
        if steps == 1 {
            return self.doubled[0];
        }
        let (mut drift, mut rest) = (Drift::NONE, steps);
        while rest != 0 {
            drift = drift.then(self.doubled[rest.trailing_zeros() as usize]);
            rest &= rest - 1;
        }
        drift
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the sums term by term; rounding of up to 1000 additions, and numbers that have lost
    /// digits since they are too small.
    #[test]
    fn drifts_are_their_sums() {
        for factor in [0.0, 0.3, 0.9, 0.999_999] {
            let powers = Powers::of(factor);
            let (mut left, mut moved, mut summed) = (1.0, 0.0, 0.0);
            for steps in 1..=1000 {
                left *= factor;
                moved += left;
                summed += moved;
                let drift = powers.after(steps);
                for (found, sum) in
                    [(drift.left, left), (drift.moved, moved), (drift.summed, summed)]
                {
                    assert!(
                        (found - sum).abs() <= 1e-13 * sum + 1e-300,
                        "{factor} {steps}: {found} {sum}"
                    );
                }
            }
        }
        assert_eq!(Powers::of(0.9).after(0), Drift::NONE);
        let endless = Powers::of(0.5).after(u64::MAX);
        assert_eq!((endless.left, endless.moved), (0.0, 1.0));
    }
}
