//! A diagnosis in plain words.

use super::Asked;
use super::reached::{Reached, reached};
use crate::cli::numbers::asked_percent;
use crate::cli::output::as_given;
use crate::fitting::diagnosis::{
    ActivationCounts, AlphaSource, Candidate, DeadFeatures, Diagnosis, Estimate, Method,
    Population, Prediction, SamplesUntil, Scaling,
};
use std::fmt::Write as _;

/// A line per thought: what was read, the verdict, answers to what was asked, how forecasts were
/// made, what it makes of a loss where that is asked, caveats, how sure.
pub(super) fn summary(counts: &ActivationCounts, diagnosis: &Diagnosis, asked: &Asked) -> String {
    let mut lines = vec![read(counts, diagnosis), diagnosis.verdict().to_string()];
    lines.extend(bound(counts, diagnosis));
    lines.extend(diagnosis.until.iter().map(|of| until(counts, of)));
    lines.extend(diagnosis.dead.as_ref().and_then(dead));
    lines.extend(asked.rate.map(|rate| epochs(rate, diagnosis.useful_epochs, counts)));
    let exponents = asked.alpha.is_some() || counts.has_second_moments();
    lines.extend(law(diagnosis, exponents));
    if exponents {
        lines.push(limit(diagnosis));
        lines.push(match &diagnosis.scaling {
            Some(scaling) => loss(scaling, diagnosis),
            None => "Exponents of the loss are not known: too few features were active rarely for a law of activity.".into(),
        });
    }
    lines.extend(diagnosis.caveats.iter().map(|caveat| format!("Careful: {caveat}.")));
    lines.push(format!("Intervals are at {} (seed {}).", asked_percent(asked.level), asked.seed));
    lines.join("\n") + "\n"
}

fn read(counts: &ActivationCounts, diagnosis: &Diagnosis) -> String {
    let mut line = format!(
        "Read {} active in {}",
        many(diagnosis.seen as f64, "feature"),
        many(diagnosis.samples, "sample")
    );
    if counts.grouped() {
        write!(line, " of {}", many(diagnosis.units, "group")).expect("writes to a string");
    }
    let unit = if counts.grouped() { "group" } else { "sample" };
    let once = counts.with_count(1);
    let how_often = match (counts.floor(), once) {
        (floor @ 2.., _) => {
            format!(
                ", {} of them in at least {}",
                digits(counts.active_at_least(floor) as f64),
                many(floor as f64, unit)
            )
        }
        (_, 0) => format!(", none of them in one {unit} only"),
        (_, once) if once == diagnosis.seen => match once {
            1 => format!(", in one {unit} only"),
            _ => format!(", each of them in one {unit} only"),
        },
        (_, once) => format!(", {} of them in one {unit} only", digits(once as f64)),
    };
    line + &how_often + "."
}

/// Chao's lower bound, where nothing else says how many features there are.
fn bound(counts: &ActivationCounts, diagnosis: &Diagnosis) -> Option<String> {
    let Estimate { value, lower, upper } = diagnosis.richness.as_ref()?.at_least;
    if counts.total().is_some() {
        return None;
    }
    // Where nothing was seen once it says nothing.
    (value.round() > diagnosis.seen as f64).then(|| {
        format!(
            "There are at least about {} in all ({} to {}, Chao's lower bound).",
            many_about(value, "feature"),
            about(lower.floor()),
            about(upper.ceil())
        )
    })
}

fn until(counts: &ActivationCounts, until: &SamplesUntil) -> String {
    let unit = if counts.grouped() { "group" } else { "sample" };
    let share = if until.share == 1.0 { "all".to_owned() } else { asked_percent(until.share) };
    let of = match (until.of, counts.total()) {
        (Some(total), Some(_)) => format!("{share} of {}", many(total, "feature")),
        (Some(total), None) => {
            format!("{share} of about {} that the law expects", many_about(total, "feature"))
        }
        (None, _) if until.share == 1.0 => "all features".to_owned(),
        (None, _) => format!("{share} of all features"),
    };
    let often = format!("active in at least {}", many(until.times as f64, unit));
    let text = match reached(counts, until) {
        Reached::Already(Some(samples)) => {
            format!(
                "{of} have been {often}; about {} were enough.",
                many_about(samples.value, "sample")
            )
        }
        Reached::Already(None) => format!("{of} have been {often}."),
        Reached::After(Estimate { value, lower, upper }) => {
            let takes = many_about(value, "sample");
            if upper.is_finite() {
                format!(
                    "Until {of} have been {often} takes about {takes} ({} to {}).",
                    about(lower),
                    about(upper)
                )
            } else if about(lower) == about(value) {
                format!(
                    "Until {of} have been {often} takes at least about {takes}; an upper end is not known."
                )
            } else {
                let least = about(lower);
                format!(
                    "Until {of} have been {often} takes about {takes}, at least {least}; an upper end is not known."
                )
            }
        }
        Reached::Never if until.share == 1.0 => {
            format!("Not {of} will ever have been {often}: some are dead, by the law.")
        }
        Reached::Never => {
            format!("{of} will never have been {often}: too many are dead, by the law.")
        }
        Reached::NotKnown => format!(
            "After how many samples {of} have been {often} is not known: no law of finitely many features describes the counts."
        ),
    };
    // The first letter of a sentence.
    text[..1].to_uppercase() + &text[1..]
}

fn dead(dead: &DeadFeatures) -> Option<String> {
    if dead.at_most == 0 {
        return None;
    }
    let all = match dead.at_most {
        1 => "The one feature that was never active".to_owned(),
        never => format!("Of the {} that were never active,", many(never as f64, "feature")),
    };
    Some(match (dead.features, dead.at_most) {
        (None, 1) => format!("{all} may be dead or still to come: that is not known."),
        (None, _) => format!("{all} how many are dead and how many still to come is not known."),
        (Some(Estimate { lower, upper, .. }), 1) => {
            let what = match (lower > 0.5, upper > 0.5) {
                (true, _) => "is dead",
                (false, true) => "may be dead or still to come",
                (false, false) => "is still to come",
            };
            format!("{all} {what}, by the law.")
        }
        (Some(Estimate { value, lower, upper }), _) => format!(
            "{all} {} dead, by the law ({} to {}); the others are still to come.",
            if value == 0.0 {
                "none need be".to_owned()
            } else {
                format!("about {} {}", about(value), if value == 1.0 { "is" } else { "are" })
            },
            about(lower),
            about(upper)
        ),
    })
}

fn epochs(rate: f64, epochs: Option<Estimate>, counts: &ActivationCounts) -> String {
    let rate = as_given(rate);
    let Some(Estimate { value, lower, upper }) = epochs else {
        return format!(
            "How many epochs are useful at a rate of {rate} is not known: too few features were active rarely for their energy."
        );
    };
    let energy =
        if counts.has_second_moments() { "" } else { ", every activation taken to have energy 1" };
    let ends = if counts.has_second_moments() {
        format!(" ({} to {})", about(lower), about(upper))
    } else {
        String::new()
    };
    format!(
        "At a rate of {rate}, a feature that is active once an epoch is learned after about {}{ends}{energy}: more passes over \
         the same samples teach it no more, only new samples do.",
        many_about(value, "epoch")
    )
}

/// Which law forecasts are by, and why.
fn law(diagnosis: &Diagnosis, exponents: bool) -> Option<String> {
    if diagnosis.population == Population::Complete {
        return None;
    }
    let forecasts = || diagnosis.forecasts.iter().chain([&diagnosis.doubled, &diagnosis.much]);
    let all = || forecasts().flat_map(|at| [&at.new_features, &at.unseen_activity]);
    let uses = |method: Method| {
        all().any(|prediction: &Prediction| prediction.recommended == Some(method))
    };
    let best =
        diagnosis.candidates.iter().find(|candidate| candidate.survives && uses(candidate.method));
    let Some(best) = best else {
        let series =
            [Method::GoodToulmin, Method::Smoothed].into_iter().find(|method| uses(*method))?;
        return Some(format!(
            "Forecasts are by {}, up to twice the data: it needs no law of activity.",
            named(series)
        ));
    };
    let others = |chosen: fn(&Candidate) -> bool| {
        let names = diagnosis
            .candidates
            .iter()
            .filter(|other| other.method != best.method && chosen(other));
        listed(&names.map(|other| named(other.method)).collect::<Vec<_>>())
    };
    let mut line = format!(
        "Forecasts are by {}, which forecast the data best from parts of themselves",
        named(best.method)
    );
    // At 1 it is the end of its range, where features seen once are nearly all there are.
    let fit = diagnosis.activity.as_ref().filter(|fit| !exponents && fit.beta.value > 1.001);
    if let (Method::PowerLaw, Some(fit)) = (best.method, fit) {
        write!(line, " (activity falls with rank i as i^-β, β = {})", of(fit.beta))
            .expect("writes to a string");
    }
    if let Some(others) = others(|other| other.plausible) {
        write!(line, "; intervals hold those by {others}, too").expect("writes to a string");
    }
    if let Some(others) = others(|other| !other.plausible) {
        write!(line, "; tried and rejected: {others}").expect("writes to a string");
    }
    Some(line + ".")
}

fn named(method: Method) -> &'static str {
    match method {
        Method::GoodToulmin => "Good and Toulmin's series",
        Method::Smoothed => "the smoothed series of Good and Toulmin",
        Method::PowerLaw => "a power law of activity without end",
        Method::LognormalLaw => "a law that bends towards the rare features",
        Method::FiniteLaw => "a power law of finitely many features",
        Method::GammaLaw => "a gamma law of finitely many features",
    }
}

/// Words with commas and "and".
fn listed(words: &[&str]) -> Option<String> {
    let (last, others) = words.split_last()?;
    Some(if others.is_empty() {
        (*last).to_owned()
    } else {
        format!("{} and {last}", others.join(", "))
    })
}

fn limit(diagnosis: &Diagnosis) -> String {
    let parameters = format!(
        "interpolates these samples from about {} parameters on",
        about(diagnosis.threshold)
    );
    if diagnosis.population == Population::Complete {
        return format!("Where features are learned by a linear model, it {parameters}.");
    }
    let what = if diagnosis.unseen.is_some_and(|unseen| unseen.energy.is_some()) {
        "energy"
    } else {
        "activations"
    };
    format!("A larger model cannot win back the unseen {what}; it {parameters}.")
}

fn loss(scaling: &Scaling, diagnosis: &Diagnosis) -> String {
    let source = match scaling.source {
        AlphaSource::Given => "α as given",
        AlphaSource::SecondMoments => "α from second moments",
        AlphaSource::BinaryActivations => "every activation taken to have energy 1",
    };
    let window = diagnosis.activity.as_ref().map_or(String::new(), |fit| {
        let features = many(fit.features as f64, "feature");
        format!(
            ", β = {}, for features active {} times or less ({features})",
            of(fit.beta),
            digits(fit.max_count as f64)
        )
    });
    let (features, samples) = (of(scaling.features_exponent), of(scaling.samples_exponent));
    let but = match diagnosis.population {
        Population::Growing => "",
        _ => ", as long as rare features limit",
    };
    format!(
        "Activity falls with rank i as i^-β{window}. Were that the law of all features, the loss would fall as N^-a in model \
         size, a = {features}, and as D^-b in samples, b = {samples}{but} ({source})."
    )
}

/// Value and interval to three digits or so; a value that was given has none.
fn of(estimate: Estimate) -> String {
    let Estimate { value, lower, upper } = estimate;
    if lower == upper {
        return format!("{value}");
    }
    format!("{value:.3} ({lower:.3} to {upper:.3})")
}

/// A number of things: "1 feature", "12 762 features".
pub(super) fn many(number: f64, what: &str) -> String {
    format!("{} {what}{}", digits(number), if number == 1.0 { "" } else { "s" })
}

/// A number of things with three digits.
fn many_about(number: f64, what: &str) -> String {
    let text = about(number);
    format!("{text} {what}{}", if text == "1" { "" } else { "s" })
}

/// A whole number, its digits in groups of three from 1000 on.
pub(super) fn digits(number: f64) -> String {
    let whole = format!("{:.0}", number.round() + 0.0);
    let groups: Vec<&str> = whole
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|digits| std::str::from_utf8(digits).ok())
        .collect();
    groups.join(" ")
}

/// Three digits, without an exponent; below 100 up to two digits behind the point, but not those of
/// a whole number.
fn about(number: f64) -> String {
    if number >= 1000.0 {
        let unit = 10_f64.powf(number.log10().floor() - 2.0);
        return digits((number / unit).round() * unit);
    }
    whole(if number >= 100.0 { number.round() } else { number })
}

/// Up to three digits, or as many as a small number needs for two, without zeros behind the point.
fn whole(number: f64) -> String {
    let number = number + 0.0;
    if number == 0.0 || !number.is_finite() {
        return "0".into();
    }
    let decimals = (2.0 - number.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
