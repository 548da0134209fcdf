//! Rules, orders and averages in words, as a command line has them.

use super::settings::{Average, Order, Rule, setting_word};
use crate::DynamicsError;
use std::{fmt, str::FromStr};

/// What is taken where a word names no parameter.
const MOMENTUM: f64 = 0.9;
const EPSILON: f64 = 1e-8;
const SECOND: f64 = 0.999;
const NORM: f64 = 1.0;
const DAMPING: f64 = 0.3;
const FROM_SHARE: f64 = 0.5;

const RULES: &str = "must be sgd, clipped:NORM, normalised, momentum:SHARE, \
                     adagrad:EPSILON, rmsprop:DECAY:EPSILON, adam:FIRST:SECOND:EPSILON, sign or \
                     gauss-newton:DAMPING, each with numbers in its range or without";
const ORDERS: &str = "must be fresh, with-replacement, reshuffled or cyclic";
const AVERAGES: &str =
    "must be last, polyak (the second half), or polyak:SHARE with a share in [0, 1)";

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sgd => f.pad("sgd"),
            Self::Clipped { norm } => write!(f, "clipped:{norm}"),
            Self::Normalised => f.pad("normalised"),
            Self::HeavyBall { momentum } => write!(f, "momentum:{momentum}"),
            Self::Adagrad { epsilon } => write!(f, "adagrad:{epsilon}"),
            Self::RmsProp { decay, epsilon } => write!(f, "rmsprop:{decay}:{epsilon}"),
            Self::Adam { first, second, epsilon } => write!(f, "adam:{first}:{second}:{epsilon}"),
            Self::Sign => f.pad("sign"),
            Self::GaussNewton { damping } => write!(f, "gauss-newton:{damping}"),
        }
    }
}

impl FromStr for Rule {
    type Err = DynamicsError;

    /// `sgd`, `clipped:NORM`, `normalised`, `momentum:SHARE`, `adagrad:EPSILON`,
    /// `rmsprop:DECAY:EPSILON`, `adam:FIRST:SECOND:EPSILON`, `sign` or `gauss-newton:DAMPING`.
    /// Numbers may be left out from the end: norm 1, momentum and `β₁` 0.9, `β₂` and decay 0.999,
    /// `ε` 1e-8 (0 for Adagrad), damping 0.3.
    ///
    /// ```
    /// use asymscale_dynamics::Rule;
    /// assert_eq!("adagrad".parse(), Ok(Rule::Adagrad { epsilon: 0.0 }));
    /// assert_eq!("adam:0.8".parse::<Rule>()?.to_string(), "adam:0.8:0.999:0.00000001");
    /// assert!("adam:2".parse::<Rule>().is_err() && "lion".parse::<Rule>().is_err());
    /// # Ok::<(), asymscale_dynamics::DynamicsError>(())
    /// ```
    fn from_str(word: &str) -> Result<Self, DynamicsError> {
        let wrong = || setting_word("rule", word, RULES);
        let mut parts = word.split(':');
        let name = parts.next().unwrap_or_default();
        let numbers: Result<Vec<f64>, _> = parts.map(str::parse).collect();
        let numbers = numbers.map_err(|_| wrong())?;
        let number = |k: usize, absent: f64| numbers.get(k).copied().unwrap_or(absent);
        let (rule, most) = match name {
            "sgd" => (Self::Sgd, 0),
            "clipped" => (Self::Clipped { norm: number(0, NORM) }, 1),
            "normalised" => (Self::Normalised, 0),
            "momentum" => (Self::HeavyBall { momentum: number(0, MOMENTUM) }, 1),
            "adagrad" => (Self::Adagrad { epsilon: number(0, 0.0) }, 1),
            "rmsprop" => {
                (Self::RmsProp { decay: number(0, SECOND), epsilon: number(1, EPSILON) }, 2)
            }
            "adam" => {
                let (first, second) = (number(0, MOMENTUM), number(1, SECOND));
                (Self::Adam { first, second, epsilon: number(2, EPSILON) }, 3)
            }
            "sign" => (Self::Sign, 0),
            "gauss-newton" => (Self::GaussNewton { damping: number(0, DAMPING) }, 1),
            _ => return Err(wrong()),
        };
        if numbers.len() > most {
            return Err(wrong());
        }
        rule.check().map(|()| rule)
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Fresh => "fresh",
            Self::WithReplacement => "with-replacement",
            Self::Reshuffled => "reshuffled",
            Self::Cyclic => "cyclic",
        })
    }
}

impl FromStr for Order {
    type Err = DynamicsError;

    fn from_str(word: &str) -> Result<Self, DynamicsError> {
        [Self::Fresh, Self::WithReplacement, Self::Reshuffled, Self::Cyclic]
            .into_iter()
            .find(|order| order.to_string() == word)
            .ok_or_else(|| setting_word("order", word, ORDERS))
    }
}

impl fmt::Display for Average {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Last => f.pad("last"),
            Self::Polyak { from_share } => write!(f, "polyak:{from_share}"),
        }
    }
}

impl FromStr for Average {
    type Err = DynamicsError;

    fn from_str(word: &str) -> Result<Self, DynamicsError> {
        let wrong = || setting_word("average", word, AVERAGES);
        if word == "last" {
            return Ok(Self::Last);
        }
        let share = word.strip_prefix("polyak").ok_or_else(wrong)?;
        let from_share = match share.strip_prefix(':') {
            None if share.is_empty() => FROM_SHARE,
            None => return Err(wrong()),
            Some(share) => share.parse().map_err(|_| wrong())?,
        };
        let average = Self::Polyak { from_share };
        average.check().map(|()| average)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip_and_others_are_refused() {
        for word in [
            "sgd",
            "clipped:0.5",
            "normalised",
            "momentum:0.9",
            "adagrad:0",
            "rmsprop:0.99:0.001",
            "adam:0.9:0.999:0.001",
            "sign",
            "gauss-newton:0.3",
        ] {
            assert_eq!(word.parse::<Rule>().unwrap().to_string(), word);
        }
        for word in ["fresh", "with-replacement", "reshuffled", "cyclic"] {
            assert_eq!(word.parse::<Order>().unwrap().to_string(), word);
        }
        for word in ["last", "polyak:0.5"] {
            assert_eq!(word.parse::<Average>().unwrap().to_string(), word);
        }
        for word in ["", "sgd:1", "clipped:x", "adam:0.9:0.9:0.1:1", "momentum:"] {
            let refused = word.parse::<Rule>().unwrap_err().to_string();
            assert_eq!(refused, format!("rule = {word:?}: {RULES}"));
        }
        let refused = |word: &str| word.parse::<Rule>().unwrap_err().to_string();
        assert_eq!(refused("clipped:-1"), "norm = -1: must be a number above 0 and up to 1e30");
        assert_eq!(
            "random".parse::<Order>().unwrap_err().to_string(),
            "order = \"random\": must be fresh, with-replacement, reshuffled or cyclic"
        );
        assert_eq!("polyak".parse(), Ok(Average::Polyak { from_share: 0.5 }));
        for word in ["polyak:1", "polyak:", "polyak0.5", "mean", "last:1"] {
            assert!(word.parse::<Average>().is_err(), "{word}");
        }
    }
}
