//! Why there is no answer, and how the command says so: a message and an exit code.

use super::output::as_given;
#[cfg(feature = "fit")]
use crate::fitting::FittingError;
use crate::model::{InvalidInput, LibraryError};

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// What was asked for is out of range, or the table cannot be used; exit code 2.
    Input(InvalidInput),
    /// A computation failed on input that is allowed, or a file could not be written; exit code 1.
    Work(anyhow::Error),
}

/// An error of a library knows which of the two it is.
impl<E: LibraryError + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        error.invalid_input().map_or_else(|| Self::Work(error.into()), Self::Input)
    }
}

impl Failure {
    /// Bad input, with a message that names its flag or file.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::Input(InvalidInput::text(message))
    }

    /// Failed work, with a message that names what failed.
    pub(crate) fn work(message: String) -> Self {
        Self::Work(anyhow::Error::msg(message))
    }

    /// An error of a fit, with a message that adds the file or flag to its text.
    #[cfg(feature = "fit")]
    pub(crate) fn of_fit(error: &FittingError, message: String) -> Self {
        if error.is_invalid_input() { Self::input(message) } else { Self::work(message) }
    }

    /// The exit code of the process.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Input(_) => 2,
            Self::Work(_) => 1,
        }
    }

    /// The message as a library has it.
    #[cfg(feature = "fit")]
    pub(crate) fn text(&self) -> String {
        self.message(&[])
    }

    /// The message for a subcommand of these flags: `--beta 1: …` where it has the flag of the
    /// parameter, else `beta = 1: …`.
    pub(crate) fn message(&self, flags: &[String]) -> String {
        shortened(self.full_message(flags))
    }

    fn full_message(&self, flags: &[String]) -> String {
        match self {
            Self::Input(InvalidInput::Parameter { parameter, value, allowed }) => {
                let (flag, value) = (flag_of(parameter), as_typed(value));
                let words: Vec<String> = allowed.split(' ').map(as_typed).collect();
                let allowed = words.join(" ");
                // A law that is chosen by a flag of its own.
                if *parameter == "activity" && flags.contains(&value) {
                    return format!("--{value}: {allowed}");
                }
                if *parameter == "time" && flags.iter().any(|flag| flag == "rate") {
                    return format!("--rate: times the number of steps is {value}, {allowed}");
                }
                if flags.contains(&flag) {
                    return format!("--{flag} {value}: {allowed}");
                }
                format!("{parameter} = {value}: {allowed}")
            }
            Self::Input(InvalidInput::Text(text)) => text.clone(),
            Self::Work(error) => format!("{error:#}"),
        }
    }
}

/// Messages that name much, such as all columns of a wide table, are told to this length.
const LONGEST: usize = 2000;

/// The begin and the end of a text that nobody would read as a whole.
fn shortened(text: String) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text;
    }
    let (begin, end) = (LONGEST * 3 / 4, LONGEST / 4);
    let first: String = text.chars().take(begin).collect();
    let last: String = text.chars().skip(length - end).collect();
    format!("{first} [… {} characters left out …] {last}", length - begin - end)
}

/// A very large or small number with an exponent: 1e20 in place of 21 digits, and 1e-20.
fn as_typed(value: &str) -> String {
    let digits = value.trim_end_matches([',', ')', ':']).trim_start_matches('(');
    let is_long = match digits.trim_start_matches('-').split_once('.') {
        Some(("0", fraction)) => fraction.starts_with("00000"),
        Some((whole, _)) => is_digits(whole) && whole.len() > 16,
        None => is_digits(digits) && digits.len() > 16,
    };
    match digits.parse::<f64>() {
        Ok(number) if is_long => value.replace(digits, &as_given(number)),
        _ => value.to_owned(),
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_digit())
}

/// The flag that sets a parameter of a library: `threshold-share` of `threshold_share`.
fn flag_of(parameter: &str) -> String {
    parameter.replace('_', "-")
}

#[cfg(all(test, feature = "simulate"))]
mod tests {
    use super::*;
    use crate::cli::flags_of;
    use crate::model::ModelError;
    use crate::montecarlo::{Method, MonteCarloError};
    use crate::sampling::SamplingError;
    use crate::solvers::SolverError;
    use crate::theory::TheoryError;

    fn told(subcommand: &str, failure: impl Into<Failure>) -> (u8, String) {
        let failure = failure.into();
        (failure.exit_code(), failure.message(&flags_of(subcommand)))
    }

    #[test]
    fn a_parameter_is_told_by_its_flag_where_the_subcommand_has_it() {
        let share = || MonteCarloError::ThresholdShare(2.0);
        let must = "must be a number in (0, 1]";
        assert_eq!(told("instability", share()), (2, format!("--threshold-share 2: {must}")));
        assert_eq!(told("loss", share()), (2, format!("threshold_share = 2: {must}")));
        let (code, message) = told("instability", TheoryError::OneHot);
        assert!(code == 2 && message.starts_with("--one-hot: coordinates must"), "{message}");
    }

    #[test]
    fn long_messages_are_cut_and_long_numbers_have_an_exponent() {
        let message = Failure::input("é".repeat(9000)).message(&[]);
        assert!(message.contains("[… 7000 characters left out …]"), "{message}");
        assert_eq!(message.chars().filter(|letter| *letter == 'é').count(), 2000);
        let budget = TheoryError::Budget { compute: 1e20, factor: 1e21 };
        let (_, message) = told("frontier", budget);
        assert!(
            message.starts_with("--compute 1e20: must be at least factor = 1e21, to"),
            "{message}"
        );
    }

    #[test]
    fn numbers_far_from_one_have_an_exponent() {
        let typed = [
            ("100000000000000000000,", "1e20,"),
            ("(0.000000000000000000001)", "(1e-21)"),
            ("-100000000000000000000.5", "-1e20"),
            ("0.01", "0.01"),
            ("1000000", "1000000"),
            ("1e-12..1e12,", "1e-12..1e12,"),
        ];
        for (text, expected) in typed {
            assert_eq!(as_typed(text), expected);
        }
        let (_, message) = told("loss", ModelError::Alpha(5e-324));
        assert!(message.starts_with("--alpha 5e-324: the spectral exponent"), "{message}");
    }

    #[test]
    fn failed_work_is_no_bad_input_whatever_its_words() {
        let failed = SolverError::EffectiveRidge { features: 20.0, steps: 7 };
        let message = "features = 20: no effective ridge found in 7 steps of Newton's method";
        assert_eq!(told("simulate", MonteCarloError::from(failed)), (1, message.to_owned()));
    }

    /// Parameters that a subcommand hands to the libraries, in errors that these may return.
    fn parameters(subcommand: &str) -> Vec<Failure> {
        let model: Vec<Failure> = vec![
            ModelError::Alpha(0.0).into(),
            ModelError::Beta(-1.0).into(),
            ModelError::Onset(0.0).into(),
            ModelError::Amplitude("flat".into()).into(),
            ModelError::Coordinates("0".into()).into(),
            SamplingError::Beta { beta: 1.0 }.into(),
        ];
        let samples = TheoryError::Samples(0.0).into();
        let memory = |name| {
            MonteCarloError::Memory { name, value: 9.0, allowed: 1.0, needed: 9.0, most: 1.0 }
                .into()
        };
        let own: Vec<Failure> = match subcommand {
            "coverage" => vec![samples],
            "loss" => vec![
                samples,
                TheoryError::Features(0.0).into(),
                ModelError::Ridge(-1.0).into(),
                ModelError::Noise(-1.0).into(),
            ],
            "frontier" => vec![
                TheoryError::Compute(0.0).into(),
                TheoryError::Factor(0.0).into(),
                TheoryError::Budget { compute: 1.0, factor: 2.0 }.into(),
                TheoryError::Ridge(-1.0).into(),
                TheoryError::Noise(-1.0).into(),
            ],
            "instability" => vec![
                TheoryError::WholeSamples(0.5).into(),
                TheoryError::Rate(0.0).into(),
                MonteCarloError::Repeats(0).into(),
                MonteCarloError::Features(0).into(),
                MonteCarloError::ThresholdShare(2.0).into(),
                memory("onset"),
                memory("samples"),
                memory("features"),
                memory("repeats"),
            ],
            "descent" => vec![
                samples,
                memory("onset"),
                memory("samples"),
                memory("features"),
                memory("repeats"),
                memory("steps"),
            ],
            "simulate" => vec![
                MonteCarloError::Repeats(0).into(),
                MonteCarloError::Teachers(0).into(),
                MonteCarloError::Infinite(Method::Explicit).into(),
                MonteCarloError::Method("guess".into()).into(),
                SolverError::Inputs(3).into(),
                SolverError::Probes(1).into(),
                SolverError::Scale(0.0).into(),
                SolverError::Series { activation: "tanh", norm: 9.5, most: 400 }.into(),
                SolverError::Activation("cube".into()).into(),
                memory("onset"),
                memory("samples"),
                memory("features"),
                memory("repeats"),
                memory("teachers"),
                memory("probes"),
                memory("inputs"),
            ],
            _ => Vec::new(),
        };
        model.into_iter().chain(own).collect()
    }

    /// Clap knows the flags: none of these messages names one that is not there.
    #[test]
    fn parameters_that_a_subcommand_sets_are_told_by_flags_that_it_has() {
        for subcommand in ["loss", "coverage", "frontier", "instability", "descent", "simulate"] {
            let flags = flags_of(subcommand);
            for failure in parameters(subcommand) {
                let message = failure.message(&flags);
                let flag = message.strip_prefix("--").and_then(|rest| rest.split(' ').next());
                assert!(
                    flag.is_some_and(|flag| flags.iter().any(|known| known == flag)),
                    "{subcommand}: {message}"
                );
            }
        }
    }
}
