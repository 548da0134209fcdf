//! What the page shows, as numbers and as the query string that brings it back.

use super::LawByHand;
use crate::answers::{self, Refusal};
use crate::cli::Failure;
use crate::cli::output::as_given;
use crate::model::{
    Activity, Amplitude, Coordinates, InvalidInput, ModelSize, Regression, SparseModel, Spectrum,
    Teacher,
};

/// The parameters of a page. Their names in a query string are those of the command's flags.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    /// Spectral exponent α.
    pub(crate) alpha: f64,
    /// Activity exponent β.
    pub(crate) beta: f64,
    /// Onset c of sparsity.
    pub(crate) onset: f64,
    /// Source exponent b; the iid teacher where none is given.
    pub(crate) target_exponent: Option<f64>,
    /// Law of an active coordinate's value.
    pub(crate) amplitude: Amplitude,
    /// Model size N.
    pub(crate) features: f64,
    /// Training samples D.
    pub(crate) samples: f64,
    /// Ridge γ.
    pub(crate) ridge: f64,
    /// Variance σ² of the label noise.
    pub(crate) noise: f64,
    /// Step size η.
    pub(crate) rate: f64,
    /// Passes over the samples.
    pub(crate) epochs: f64,
    /// The law that is laid over a table of runs by hand.
    pub(crate) law: LawByHand,
}

impl Default for State {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            beta: 1.5,
            onset: 1.0,
            target_exponent: None,
            amplitude: Amplitude::Gaussian,
            features: 100.0,
            samples: 1000.0,
            ridge: 0.0,
            noise: 0.0,
            rate: 0.02,
            epochs: 1.0,
            law: LawByHand::default(),
        }
    }
}

impl State {
    /// Reads a query string; what it does not name is as on the first page.
    ///
    /// # Errors
    /// A name that is not known or given twice, or a value that is no number, by the name.
    pub(crate) fn parse(query: &str) -> Result<Self, Failure> {
        let mut state = Self::default();
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) {
                return Err(Failure::input(format!("{name}: is given twice")));
            }
            state.set(&name, value.trim())?;
            seen.push(name);
        }
        Ok(state)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        match name {
            "alpha" => self.alpha = number("alpha", value)?,
            "beta" => self.beta = number("beta", value)?,
            "onset" => self.onset = number("onset", value)?,
            "target-exponent" if value.is_empty() => self.target_exponent = None,
            "target-exponent" => self.target_exponent = Some(number("target_exponent", value)?),
            "amplitude" => self.amplitude = value.parse::<Amplitude>()?,
            "features" => self.features = number("features", value)?,
            "samples" => self.samples = number("samples", value)?,
            "ridge" => self.ridge = number("ridge", value)?,
            "noise" => self.noise = number("noise", value)?,
            "rate" => self.rate = number("rate", value)?,
            "epochs" => self.epochs = number("epochs", value)?,
            "law-e" => self.law.floor = number("law_e", value)?,
            "law-a" => self.law.features_factor = number("law_a", value)?,
            "law-alpha" => self.law.features_exponent = number("law_alpha", value)?,
            "law-b" => self.law.samples_factor = number("law_b", value)?,
            "law-beta" => self.law.samples_exponent = number("law_beta", value)?,
            _ => {
                let shown: String = name.chars().take(40).collect();
                return Err(Failure::input(format!("{shown:?}: is no parameter of the page")));
            }
        }
        Ok(())
    }

    /// The model of the data.
    pub(crate) fn model(&self) -> Result<SparseModel, Failure> {
        let spectrum = Spectrum::power_law(self.alpha)?;
        let activity = Activity::power_law(self.beta, self.onset)?;
        let model = SparseModel::new(spectrum, activity, self.amplitude, Coordinates::default())?;
        Ok(match self.target_exponent {
            Some(exponent) => model.with_teacher(Teacher::power_law(exponent)?)?,
            None => model,
        })
    }

    /// Ridge and label noise.
    pub(crate) fn regression(&self) -> Result<Regression, Failure> {
        Ok(Regression::new(self.ridge, self.noise)?)
    }

    /// The sizes N and D, of which both are whole or infinite.
    pub(crate) fn sizes(&self) -> Result<(f64, f64), Refusal> {
        Ok((answers::size("features", self.features)?, answers::size("samples", self.samples)?))
    }

    /// N as a size of a model.
    pub(crate) fn model_size(&self) -> Result<ModelSize, Refusal> {
        let size = answers::size("features", self.features)?;
        Ok(if size.is_finite() { ModelSize::Finite(size as usize) } else { ModelSize::Infinite })
    }

    /// Samples and epochs as whole numbers.
    pub(crate) fn counts(&self) -> Result<(usize, usize), Refusal> {
        Ok((answers::count("samples", self.samples, 1)?, answers::count("epochs", self.epochs, 1)?))
    }

    /// The budget N·D, where it is finite.
    pub(crate) fn budget(&self) -> Option<f64> {
        Some(self.features * self.samples).filter(|product| product.is_finite())
    }

    /// The flags of the model on a command line.
    pub(crate) fn model_words(&self) -> String {
        let of = |name: &str, value: f64| format!(" --{name} {}", as_given(value));
        let mut words = of("alpha", self.alpha) + &of("beta", self.beta) + &of("onset", self.onset);
        if let Some(exponent) = self.target_exponent {
            words += &of("target-exponent", exponent);
        }
        if self.amplitude != Amplitude::Gaussian {
            words += " --amplitude ";
            words += &self.amplitude.to_string();
        }
        words
    }
}

/// A number as it is typed; whether it is in range, the libraries say.
fn number(name: &'static str, text: &str) -> Result<f64, Failure> {
    let must = "must be a number";
    let shown: String = text.chars().take(40).collect();
    let refused = || Failure::Input(InvalidInput::of(name, shown, must));
    text.parse().ok().filter(|value: &f64| !value.is_nan()).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_what_differs_and_bad_names_and_values_are_told() {
        let state = State::parse("beta=2.5&features=inf&target-exponent=&noise=1e-3").unwrap();
        let expected =
            State { beta: 2.5, features: f64::INFINITY, noise: 1e-3, ..State::default() };
        assert_eq!(state, expected);
        let refused = |query| State::parse(query).unwrap_err().message(&[]);
        assert_eq!(refused("alpha=high"), "alpha = high: must be a number");
        assert_eq!(refused("alpha=1&alpha=2"), "alpha: is given twice");
        assert_eq!(refused("alhpa=1"), "\"alhpa\": is no parameter of the page");
        assert!(refused("amplitude=flat").starts_with("amplitude = \"flat\": must be"));
        let model = State::parse("alpha=0").unwrap().model().unwrap_err();
        assert!(model.message(&[]).starts_with("alpha = 0: the spectral exponent must be"));
    }
}
