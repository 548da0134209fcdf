//! From the parameters of the law of repeated data in the units of the data to those of a
//! minimisation, and back.

use asymscale_numerics::mean;

use super::problem::Vector;
use super::saturation::{repeats, share};
use super::{RepeatedLaw, RepeatedRuns};
use crate::runs::law::Parameters;
use crate::runs::optimiser::coordinates::Centre;

/// Where logarithms are centred, and in what R is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Units {
    pub(super) centre: Centre,
    pub(super) scale: f64,
}

impl Units {
    /// The scale of R is the geometric mean of the repeats there are.
    pub(super) fn of(runs: &RepeatedRuns) -> Self {
        let repeats: Vec<f64> =
            runs.epochs().map(|epochs| epochs - 1.0).filter(|r| *r > 0.0).collect();
        let mean = mean(repeats.iter().map(|r| r.ln()));
        let scale = if repeats.is_empty() { 1.0 } else { mean.exp().clamp(0.1, 100.0) };
        Self { centre: Centre::of(runs.runs()), scale }
    }

    pub(super) fn to_internal(self, law: &RepeatedLaw) -> Vector {
        let Centre { features, samples, loss } = self.centre;
        let v = |r: f64| if r.is_nan() { 0.5 } else { share(r, self.scale) };
        [
            law.e * (-loss).exp(),
            law.a.ln() - law.alpha * features - loss,
            law.b.ln() - law.beta * samples - loss,
            law.alpha,
            law.beta,
            v(law.r_d),
            v(law.r_n),
        ]
    }

    /// R is NaN where it is not `identified`.
    pub(super) fn to_data(self, theta: &Vector, identified: [bool; 2]) -> RepeatedLaw {
        let Centre { features, samples, loss } = self.centre;
        let [e, p, q, x, y, v_d, v_n] = *theta;
        let of =
            |v: f64, identified: bool| if identified { repeats(v, self.scale) } else { f64::NAN };
        let fresh = Parameters {
            e: e * loss.exp(),
            a: (p + x * features + loss).exp(),
            b: (q + y * samples + loss).exp(),
            alpha: x,
            beta: y,
        };
        RepeatedLaw::new(&fresh, of(v_d, identified[0]), of(v_n, identified[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Runs;
    use crate::repeated::RepeatedParameter;

    #[test]
    fn units_are_undone() {
        let runs = Runs::new(&[1e8, 2e8], &[1e9, 6e9], &[3.4, 3.1]).expect("positive");
        let units = Units::of(&RepeatedRuns::new(runs, &[1e9, 1e9]).expect("positive"));
        let law =
            RepeatedLaw { e: 1.5, a: 300.0, b: 2000.0, alpha: 0.3, beta: 0.2, r_d: 15.0, r_n: 5.0 };
        let back = units.to_data(&units.to_internal(&law), [true, true]);
        for parameter in RepeatedParameter::ALL {
            let (found, expected) = (back.get(parameter), law.get(parameter));
            // Rounding of exponents of order 10.
            assert!(
                (found / expected - 1.0).abs() < 1e-13,
                "{parameter:?}: {found} for {expected}"
            );
        }
    }
}
