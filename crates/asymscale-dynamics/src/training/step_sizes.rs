//! Step sizes and corrections of a run, looked up instead of computed anew.

use asymscale_model::Schedule;

/// Tables have at most so many entries, 128 MiB; later ones are computed when they are asked for.
const LONGEST: u64 = 1 << 24;

/// `η_t` of a schedule.
#[derive(Debug, Clone)]
pub(super) struct StepSizes {
    schedule: Schedule,
    table: Vec<f64>,
}

impl StepSizes {
    /// Of the first `steps` steps.
    pub(super) fn new(schedule: Schedule, steps: u64) -> Self {
        let length = if schedule.is_constant() { 0 } else { steps.min(LONGEST) };
        Self { schedule, table: (0..length).map(|step| schedule.rate_at(step)).collect() }
    }

    /// `η_t`.
    #[inline]
    pub(super) fn at(&self, step: u64) -> f64 {
        if let Some(rate) = self.table.get(step as usize) {
            *rate
        } else if self.table.is_empty() && self.schedule.is_constant() {
            self.schedule.rate()
        } else {
            self.schedule.rate_at(step)
        }
    }
}

/// `η_t/(1 − β₁^{t+1})` and `√(1/(1 − β₂^{t+1}))`: what Adam multiplies means and roots of squares
/// with, so that they are those of `t + 1` values although they began at 0.
#[derive(Debug, Clone)]
pub(super) struct AdamSizes {
    schedule: Schedule,
    factors: (f64, f64),
    table: Vec<(f64, f64)>,
}

impl AdamSizes {
    /// Of the first `steps` steps.
    pub(super) fn new(schedule: Schedule, factors: (f64, f64), steps: u64) -> Self {
        let mut sizes = Self { schedule, factors, table: Vec::new() };
        let all = (0..steps.min(LONGEST)).map(|step| sizes.computed(step));
        // From where both corrections are 1 to the last digit, constant sizes need no table.
        let end = (schedule.rate(), 1.0);
        let constant = schedule.is_constant();
        sizes.table = all.take_while(|size| !constant || *size != end).collect();
        sizes
    }

    #[inline]
    pub(super) fn at(&self, step: u64) -> (f64, f64) {
        match self.table.get(step as usize) {
            Some(sizes) => *sizes,
            None if self.schedule.is_constant() && (self.table.len() as u64) < LONGEST => {
                (self.schedule.rate(), 1.0)
            }
            None => self.computed(step),
        }
    }

    /// A bound on the first of these numbers at `step` and all later ones.
    pub(super) fn largest_from(&self, step: u64) -> f64 {
        self.schedule.rate() * correction(self.factors.0, step)
    }

    fn computed(&self, step: u64) -> (f64, f64) {
        let (first, second) = self.factors;
        (self.schedule.rate_at(step) * correction(first, step), correction(second, step).sqrt())
    }
}

/// `1/(1 − β^{t+1})`.
fn correction(factor: f64, step: u64) -> f64 {
    -((step + 1) as f64 * factor.ln()).exp_m1().recip()
}

#[cfg(test)]
mod tests {
    use super::*;
    use asymscale_model::Decay;

    #[test]
    fn tables_hold_what_they_stand_for() {
        let schedule = Schedule::new(0.3, 50).unwrap().with_decay(Decay::Cosine).unwrap();
        let sizes = StepSizes::new(schedule, 20);
        assert!((0..50).all(|step| sizes.at(step) == schedule.rate_at(step)));
        let constant = StepSizes::new(Schedule::new(0.3, 50).unwrap(), 20);
        assert!(constant.table.is_empty() && constant.at(49) == 0.3);
    }

    #[test]
    fn sizes_of_adam_are_corrected() {
        let constant = Schedule::new(0.3, 1_000_000).unwrap();
        let falling = constant.with_decay(Decay::Linear).unwrap();
        for (schedule, first, second) in
            [(constant, 0.9, 0.999), (falling, 0.0, 0.9), (falling, 0.999, 0.5)]
        {
            let sizes = AdamSizes::new(schedule, (first, second), 50_000);
            for step in [0, 1, 7, 300, 40_000, 60_000] {
                let plain = |factor: f64| 1.0 / (1.0 - factor.powi(step + 1));
                let (size, scale) = sizes.at(step as u64);
                let exact = schedule.rate_at(step as u64) * plain(first);
                // Powers, and what is left of 1 to rounding.
                assert!((size / exact - 1.0).abs() < 1e-12, "{first} {step}: {size} {exact}");
                assert!((scale / plain(second).sqrt() - 1.0).abs() < 1e-12, "{second} {step}");
                assert!(sizes.largest_from(step as u64) >= size);
            }
        }
        assert!(AdamSizes::new(constant, (0.9, 0.99), 1_000_000).table.len() < 4000);
    }
}
