//! From the parameters of a law in the units of the data to those of a minimisation, and back.

use asymscale_numerics::mean;

use super::problem::ExponentLink;
use super::symmetric::Vector;
use crate::runs::data::rows::Runs;
use crate::runs::law::Parameters;

/// The centre of the logarithms of N, D and the loss.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Centre {
    pub(crate) features: f64,
    pub(crate) samples: f64,
    pub(crate) loss: f64,
}

impl Centre {
    /// The centre at the means of the logarithms.
    pub(crate) fn of(runs: &Runs) -> Self {
        let mean = |values: &[f64]| mean(values.iter().map(|v| v.ln()));
        Self {
            features: mean(runs.features()),
            samples: mean(runs.samples()),
            loss: mean(runs.losses()),
        }
    }

    pub(crate) fn to_data(self, theta: &Vector, link: ExponentLink) -> Parameters {
        let [e, a, b, x, _] = *theta;
        let y = link.second_exponent(theta);
        let unit = self.loss.exp();
        let amplitude = |share: f64, exponent: f64, centre: f64| {
            // A vanished term stays 0 even where the power of the centre overflows.
            if share == 0.0 { 0.0 } else { (share.ln() + exponent * centre + self.loss).exp() }
        };
        Parameters {
            e: e * unit,
            a: amplitude(a, x, self.features),
            b: amplitude(b, y, self.samples),
            alpha: x,
            beta: y,
        }
    }

    pub(crate) fn to_internal(self, law: &Parameters, link: ExponentLink) -> Vector {
        let share = |amplitude: f64, exponent: f64, centre: f64| {
            if amplitude == 0.0 {
                0.0
            } else {
                (amplitude.ln() - exponent * centre - self.loss).exp()
            }
        };
        let Parameters { e, a, b, alpha, beta } = *law;
        let last = match link {
            ExponentLink::Free | ExponentLink::Tied => beta,
            ExponentLink::Ratio => beta / alpha,
        };
        let a = share(a, alpha, self.features);
        [e * (-self.loss).exp(), a, share(b, beta, self.samples), alpha, last]
    }
}

/// Logarithms minus their mean.
pub(crate) fn centred_logs(values: &[f64]) -> Vec<f64> {
    let logs: Vec<f64> = values.iter().map(|v| v.ln()).collect();
    let mean = mean(&logs);
    logs.into_iter().map(|log| log - mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Parameter;

    #[test]
    fn the_centre_is_undone() {
        let law = Parameters { e: 1.5, a: 300.0, b: 2000.0, alpha: 0.3, beta: 0.2 };
        let centre = Centre { features: 19.0, samples: 23.0, loss: 1.1 };
        for pair in [ExponentLink::Free, ExponentLink::Ratio] {
            let back = centre.to_data(&centre.to_internal(&law, pair), pair);
            for parameter in Parameter::ALL {
                let (found, expected) = (back.get(parameter), law.get(parameter));
                // Rounding of exponents of order 10.
                assert!(
                    (found / expected - 1.0).abs() < 1e-13,
                    "{parameter:?}: {found} for {expected}"
                );
            }
        }
    }
}
