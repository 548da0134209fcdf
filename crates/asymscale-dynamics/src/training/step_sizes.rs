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

    /// The largest of them.
    pub(super) fn largest(&self) -> f64 {
        self.schedule.rate()
    }
}

/// `1/(1 − β^{t+1})`, which makes the mean of `t + 1` values of a moving average that begins at 0.
#[derive(Debug, Clone)]
pub(super) struct Corrections {
    factor: f64,
    table: Vec<f64>,
}

impl Corrections {
    /// For the first `steps` steps at least.
    pub(super) fn new(factor: f64, steps: u64) -> Self {
        let length = steps.min(LONGEST);
        let all = (0..length).map(|step| correction(factor, step));
        // From 1 to the last digit on, all of them are.
        Self { factor, table: all.take_while(|correction| *correction > 1.0).collect() }
    }

    #[inline]
    pub(super) fn at(&self, step: u64) -> f64 {
        match self.table.get(step as usize) {
            Some(correction) => *correction,
            None if (self.table.len() as u64) < LONGEST => 1.0,
            None => correction(self.factor, step),
        }
    }
}

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
        for factor in [0.0, 0.9, 0.999] {
            let corrections = Corrections::new(factor, 1_000_000);
            for step in [0, 1, 7, 300, 40_000] {
                let plain = 1.0 / (1.0 - f64::powi(factor, step as i32 + 1));
                // β^t and what is left of 1 to rounding.
                assert!((corrections.at(step) / plain - 1.0).abs() < 1e-13, "{factor} {step}");
            }
        }
    }
}
