//! The rules of `asymscale train` and the flags of their numbers.

use super::super::Failure;
use super::super::lists::{self, Many};
use asymscale::dynamics::{Average, Order, Rule};
use clap::Args;
use std::fmt;
use std::str::FromStr;

/// A rule by its word, without its numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleWord {
    Sgd,
    Clipped,
    Normalised,
    Momentum,
    Adagrad,
    RmsProp,
    Adam,
    Sign,
    GaussNewton,
}

const WORDS: [(&str, RuleWord); 9] = [
    ("sgd", RuleWord::Sgd),
    ("clipped", RuleWord::Clipped),
    ("normalised", RuleWord::Normalised),
    ("momentum", RuleWord::Momentum),
    ("adagrad", RuleWord::Adagrad),
    ("rmsprop", RuleWord::RmsProp),
    ("adam", RuleWord::Adam),
    ("sign", RuleWord::Sign),
    ("gauss-newton", RuleWord::GaussNewton),
];

impl FromStr for RuleWord {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = WORDS.iter().find(|(word, _)| *word == text).map(|(_, rule)| *rule);
        found.ok_or_else(|| {
            let words: Vec<&str> = WORDS.iter().map(|(word, _)| *word).collect();
            format!("{text:?} must be one of {}", words.join(", "))
        })
    }
}

impl fmt::Display for RuleWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = WORDS.iter().find(|(_, rule)| rule == self).map_or("", |(word, _)| *word);
        f.pad(word)
    }
}

/// How samples become steps.
#[derive(Debug, Args)]
pub(crate) struct RuleFlags {
    /// Rule of the steps, or a list: sgd, clipped (SGD whose step of an example is clipped by its
    /// norm), normalised (by the example's squared norm), momentum (heavy ball), adagrad, rmsprop,
    /// adam, sign, gauss-newton (diagonal)
    #[arg(long, value_parser = lists::words::<RuleWord>, default_value = "sgd")]
    pub(crate) rule: Many<RuleWord>,
    /// Momentum μ in [0, 1) of --rule momentum [default: 0.9]
    #[arg(long, allow_hyphen_values = true)]
    momentum: Option<f64>,
    /// Largest η|x|² of an example under --rule clipped, above 0 [default: 1]
    #[arg(long, allow_hyphen_values = true)]
    norm: Option<f64>,
    /// What --rule adagrad, rmsprop and adam add to the root of the mean square [default: 1e-8]
    #[arg(long, allow_hyphen_values = true)]
    epsilon: Option<f64>,
    /// Memory ρ of mean squares under --rule rmsprop, in [0, 1) [default: 0.99]
    #[arg(long, allow_hyphen_values = true)]
    decay: Option<f64>,
    /// Memory β₁ of gradients under --rule adam, in [0, 1) [default: 0.9]
    #[arg(long, allow_hyphen_values = true)]
    first: Option<f64>,
    /// Memory β₂ of squares under --rule adam, in [0, 1) [default: 0.999]
    #[arg(long, allow_hyphen_values = true)]
    second: Option<f64>,
    /// How many samples the curvature of a new coordinate is worth in advance under --rule
    /// gauss-newton, at least 0 [default: 1]
    #[arg(long, allow_hyphen_values = true)]
    damping: Option<f64>,
}

impl RuleFlags {
    /// A rule with its numbers.
    pub(crate) fn rule(&self, word: RuleWord) -> Rule {
        let epsilon = self.epsilon.unwrap_or(1e-8);
        match word {
            RuleWord::Sgd => Rule::Sgd,
            RuleWord::Clipped => Rule::Clipped { norm: self.norm.unwrap_or(1.0) },
            RuleWord::Normalised => Rule::Normalised,
            RuleWord::Momentum => Rule::HeavyBall { momentum: self.momentum.unwrap_or(0.9) },
            RuleWord::Adagrad => Rule::Adagrad { epsilon },
            RuleWord::RmsProp => Rule::RmsProp { decay: self.decay.unwrap_or(0.99), epsilon },
            RuleWord::Adam => Rule::Adam {
                first: self.first.unwrap_or(0.9),
                second: self.second.unwrap_or(0.999),
                epsilon,
            },
            RuleWord::Sign => Rule::Sign,
            RuleWord::GaussNewton => Rule::GaussNewton { damping: self.damping.unwrap_or(1.0) },
        }
    }

    /// Refuses numbers that none of the rules has.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        use RuleWord::{Adagrad, Adam, Clipped, GaussNewton, Momentum, RmsProp};
        let numbers: [(&str, Option<f64>, &[RuleWord]); 7] = [
            ("momentum", self.momentum, &[Momentum]),
            ("norm", self.norm, &[Clipped]),
            ("epsilon", self.epsilon, &[Adagrad, RmsProp, Adam]),
            ("decay", self.decay, &[RmsProp]),
            ("first", self.first, &[Adam]),
            ("second", self.second, &[Adam]),
            ("damping", self.damping, &[GaussNewton]),
        ];
        for (flag, value, rules) in numbers {
            let unused = !self.rule.values.iter().any(|rule| rules.contains(rule));
            if let Some(value) = value.filter(|_| unused) {
                let rules: Vec<String> = rules.iter().map(RuleWord::to_string).collect();
                return Err(Failure::input(format!(
                    "--{flag} {value}: is a number of --rule {} only",
                    rules.join(", ")
                )));
            }
        }
        Ok(())
    }
}

/// The order of the samples by its word.
pub(crate) fn order(text: &str) -> Result<Order, String> {
    match text {
        "fresh" => Ok(Order::Fresh),
        "with-replacement" => Ok(Order::WithReplacement),
        "reshuffled" => Ok(Order::Reshuffled),
        "cyclic" => Ok(Order::Cyclic),
        _ => Err("must be fresh, with-replacement, reshuffled or cyclic".to_owned()),
    }
}

/// The parameters whose loss is told: `last`, `polyak`, or `polyak:SHARE`.
pub(crate) fn average(text: &str) -> Result<Average, String> {
    let wrong = || "must be last, polyak, or polyak:SHARE with a share in [0, 1)".to_owned();
    match text.split_once(':') {
        None if text == "last" => Ok(Average::Last),
        None if text == "polyak" => Ok(Average::Polyak { from_share: 0.5 }),
        Some(("polyak", share)) => {
            let share = share.parse().ok().filter(|share| (0.0..1.0).contains(share));
            Ok(Average::Polyak { from_share: share.ok_or_else(wrong)? })
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_rules_and_others_are_refused_with_all_of_them() {
        for (word, rule) in WORDS {
            assert_eq!((word.parse(), rule.to_string()), (Ok(rule), word.to_owned()));
        }
        let error = "lion".parse::<RuleWord>().unwrap_err();
        assert!(error.starts_with("\"lion\" must be one of sgd, clipped, "), "{error}");
    }

    #[test]
    fn averages_and_orders_are_read() {
        assert_eq!(average("last"), Ok(Average::Last));
        assert_eq!(average("polyak:0.25"), Ok(Average::Polyak { from_share: 0.25 }));
        assert_eq!(average("polyak"), average("polyak:0.5"));
        for text in ["polyak:1", "polyak:nan", "polyak:-0.1", "mean", "last:1", ""] {
            assert!(average(text).is_err(), "{text}");
        }
        assert_eq!(order("with-replacement"), Ok(Order::WithReplacement));
        assert!(order("random").is_err());
    }
}
