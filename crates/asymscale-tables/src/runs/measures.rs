//! What a column of losses measures, as its title says: a loss, a perplexity, bits per byte, a rate
//! of errors, or an accuracy.

use crate::table::names::words;

/// What a column of losses measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Measure {
    /// A loss, such as a cross-entropy, or whatever no title says otherwise of.
    #[default]
    Loss,
    /// A perplexity, the exponential of a cross-entropy.
    Perplexity,
    /// Bits per byte, per character or per token.
    Bits,
    /// A rate of errors.
    ErrorRate,
    /// An accuracy, which rises as models get better.
    Accuracy,
}

const LOGARITHMS: [&str; 4] = ["log", "ln", "nll", "neg"];
const PERPLEXITIES: [&str; 3] = ["perplexity", "perplexities", "ppl"];
const BITS: [&str; 3] = ["bpb", "bpc", "bpt"];
const UNITS_OF_BITS: [&str; 7] =
    ["byte", "bytes", "char", "character", "characters", "token", "per"];
const LOSSES: [&str; 7] = ["loss", "losses", "nll", "xent", "crossentropy", "entropy", "ce"];
const ERRORS: [&str; 5] = ["error", "errors", "err", "wer", "cer"];
const ACCURACIES: [&str; 3] = ["accuracy", "accuracies", "acc"];
/// Words of a title that holds a spread of a measure, or something else that has errors.
const OTHERS: [&str; 22] = [
    "std", "stderr", "standard", "se", "sem", "var", "variance", "bar", "bars", "lower", "upper",
    "low", "high", "ci", "delta", "diff", "id", "message", "msg", "code", "count", "norm",
];

impl Measure {
    /// What the title of a column says it holds.
    ///
    /// ```
    /// use asymscale_tables::Measure;
    /// assert_eq!(Measure::of("eval/val_bpb"), Measure::Bits);
    /// assert_eq!(Measure::of("log_ppl"), Measure::Loss);
    /// assert_eq!(Measure::of("final_loss"), Measure::Loss);
    /// ```
    pub fn of(title: &str) -> Self {
        Self::named(title).unwrap_or_default()
    }

    /// The measure that the title names; `None` where it names none, or a spread of one.
    pub(crate) fn named(title: &str) -> Option<Self> {
        let words = words(title);
        let any = |of: &[&str]| words.iter().any(|word| of.contains(&word.as_str()));
        let bits = any(&BITS)
            || words.concat().contains("bitsper")
            || any(&["bits", "bit"]) && (any(&UNITS_OF_BITS) || any(&LOSSES));
        match () {
            () if any(&OTHERS) => None,
            () if any(&PERPLEXITIES) && any(&LOGARITHMS) => Some(Self::Loss),
            () if any(&PERPLEXITIES) => Some(Self::Perplexity),
            () if bits => Some(Self::Bits),
            () if any(&LOSSES) => Some(Self::Loss),
            () if any(&ACCURACIES) => Some(Self::Accuracy),
            () if any(&ERRORS) => Some(Self::ErrorRate),
            () => None,
        }
    }

    /// What a cell of the column holds, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Loss => "a loss",
            Self::Perplexity => "a perplexity",
            Self::Bits => "bits per byte, character or token",
            Self::ErrorRate => "an error rate",
            Self::Accuracy => "an accuracy",
        }
    }

    /// One word, for JSON.
    ///
    /// ```
    /// use asymscale_tables::Measure;
    /// assert_eq!((Measure::ErrorRate.word(), Measure::ErrorRate.name()), ("error_rate", "an error rate"));
    /// ```
    pub fn word(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Perplexity => "perplexity",
            Self::Bits => "bits",
            Self::ErrorRate => "error_rate",
            Self::Accuracy => "accuracy",
        }
    }
}

/// Columns whose titles name a measure: what stands for a loss where no column is called one.
pub(crate) fn measures(names: &[String]) -> Vec<usize> {
    (0..names.len()).filter(|&column| Measure::named(&names[column]).is_some()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_of_titles() {
        let cases = [
            ("ppl", Some(Measure::Perplexity)),
            ("wikitext_perplexity", Some(Measure::Perplexity)),
            ("log perplexity", Some(Measure::Loss)),
            ("val_bpb", Some(Measure::Bits)),
            ("bits_per_byte", Some(Measure::Bits)),
            ("BitsPerCharacter", Some(Measure::Bits)),
            ("loss (bits)", Some(Measure::Bits)),
            // Bits of a weight.
            ("bits", None),
            ("error", Some(Measure::ErrorRate)),
            ("top1_err", Some(Measure::ErrorRate)),
            ("error_std", None),
            ("standard error", None),
            ("error message", None),
            ("hellaswag/acc", Some(Measure::Accuracy)),
            ("acc_stderr", None),
            ("accelerator", None),
            ("val_loss", Some(Measure::Loss)),
            ("lr", None),
        ];
        for (title, measure) in cases {
            assert_eq!(Measure::named(title), measure, "{title}");
        }
    }
}
