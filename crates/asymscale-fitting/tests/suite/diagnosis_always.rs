//! What holds whatever the data: populations of all kinds and sizes at random. Unseen mass never
//! rises, new features never fall nor exceed what is left, intervals hold their values and say
//! something, and nothing panics.
//!
//! `ASYMSCALE_RANDOM_POPULATIONS` in the environment asks for more populations than 300.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::common::generator;
use crate::counts::unseen_now;
use crate::kinds::{KINDS, Population};
use asymscale_fitting::diagnosis::{
    self, ActivationCounts, Diagnosis, DiagnosisOptions, Estimate, Forecast, Incidence, Prediction,
    diagnose,
};
use rand::RngExt;
use rand_distr::{Distribution, Gamma};
use rand_xoshiro::Xoshiro256PlusPlus;
use rayon::prelude::*;

const FACTORS: [f64; 8] = [1.1, 1.5, 2.0, 3.0, 4.0, 8.0, 16.0, 64.0];

/// Rounding of sums.
const SLACK: f64 = 1e-9;

/// Features of a population without end that are seen, at most.
const MOST_SEEN: usize = 30_000;

/// Counts for a diagnosis and a sentence that says what they are.
fn random(seed: u64) -> (ActivationCounts, String) {
    let rng = &mut generator(seed);
    let kind = rng.random_range(0..KINDS.len());
    if rng.random::<f64>() < 0.15 {
        return together(kind, rng);
    }
    let (samples, mut counts, left) = loop {
        let samples = 10_f64.powf(rng.random_range(0.3..6.0)).round();
        let size = 10_f64.powf(rng.random_range(0.0..4.0)) as usize;
        // From hardly anything seen to everything seen many times.
        let typical = 10_f64.powf(rng.random_range(-1.5..2.5));
        let population = Population::random(kind, size, typical, (samples, samples), rng);
        let shown = population.shown(samples, rng);
        if (1..=MOST_SEEN).contains(&shown.counts.len()) {
            break (samples, shown.counts.clone(), shown.unseen_features() + population.dead);
        }
    };
    let mut what =
        format!("{}, {} seen and {left} not in {samples} samples", KINDS[kind], counts.len());
    let floor = if rng.random::<f64>() < 0.1 { rng.random_range(2..=4) } else { 1 };
    let filtered = counts.iter().any(|count| *count >= floor) && floor > 1;
    if filtered {
        what = format!("{what}, those below {floor} left out");
        counts.retain(|count| *count >= floor);
    }
    // No number of all features, rows of those never active, or a number said.
    let known = rng.random_range(0..3);
    let total = counts.len() + left;
    if known == 1 && !filtered {
        what += ", the others as zeros";
        counts.resize(total, 0);
    }
    let mut found = ActivationCounts::new(&counts, samples as u64).expect("counts");
    if known == 2 && !filtered {
        what = format!("{what}, {total} in all");
        found = found.of(total).expect("a total");
    }
    if rng.random::<f64>() < 0.2 {
        what += ", with second moments";
        let power = rng.random_range(-0.5..0.5);
        let moment = |&count: &u64| {
            let scatter: f64 = rng.random_range(0.5..1.5);
            let count = count as f64;
            if count > 0.0 { scatter * count.powf(1.0 + power) / samples } else { 0.0 }
        };
        let moments: Vec<f64> = counts.iter().map(moment).collect();
        found = found.with_second_moments(&moments).expect("moments");
    }
    if filtered {
        found = found.seen_at_least(floor).expect("a floor");
    }
    (found, what)
}

/// Features that come together: activities of a feature vary from group to group of samples.
fn together(kind: usize, rng: &mut Xoshiro256PlusPlus) -> (ActivationCounts, String) {
    loop {
        let samples = 10_f64.powf(rng.random_range(0.4..3.0)).round() as u32;
        let size = 10_f64.powf(rng.random_range(0.0..3.0)) as usize;
        let typical = 10_f64.powf(rng.random_range(-1.5..1.5));
        let ahead = (f64::from(samples), f64::from(samples));
        let population = Population::random(kind, size, typical, ahead, rng);
        let groups = rng.random_range(2..=samples);
        let group_of: Vec<u32> = (0..samples).map(|sample| sample * groups / samples).collect();
        let shape = 10_f64.powf(rng.random_range(-1.0..2.0));
        let varying = Gamma::new(shape, shape.recip()).expect("positive");
        let mut pairs = Vec::new();
        for (feature, alike) in population.groups.iter().take(3_000).enumerate() {
            let factors: Vec<f64> = (0..groups).map(|_| varying.sample(rng)).collect();
            for sample in 0..samples {
                let activity = alike.activity * factors[group_of[sample as usize] as usize];
                if rng.random::<f64>() < activity {
                    pairs.push((feature as u32, sample));
                }
            }
        }
        if pairs.is_empty() {
            continue;
        }
        let incidence = Incidence::new(&pairs, 3_000, samples as usize).expect("pairs");
        let grouped = rng.random::<f64>() < 0.7;
        let what = format!(
            "{}, {} activations in {samples} samples{}",
            KINDS[kind],
            pairs.len(),
            if grouped { format!(" of {groups} groups") } else { String::new() }
        );
        let incidence =
            if grouped { incidence.with_groups(&group_of).expect("groups") } else { incidence };
        let counts = ActivationCounts::from_incidence(&incidence).expect("activations");
        let left = population.groups.len().min(3_000) - counts.seen();
        if rng.random::<f64>() < 0.3 {
            let total = counts.seen() + left;
            let said = counts.of(3_000.max(total)).expect("a total");
            return (said, what + ", 3000 in all");
        }
        return (counts, what);
    }
}

/// Complaints about a diagnosis.
#[derive(Default)]
struct Complaints(Vec<String>);

impl Complaints {
    fn unless(&mut self, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.0.push(what());
        }
    }

    fn ordered(&mut self, what: &str, found: &Estimate) {
        let Estimate { value, lower, upper } = *found;
        let ordered = 0.0 <= lower && lower <= value && value <= upper && value.is_finite();
        self.unless(ordered, || format!("{what}: ends do not hold the value: {found:?}"));
    }

    /// A quantity at rising factors: `rises` says which way it may go, `all` how much there is of
    /// it.
    fn steady(
        &mut self,
        what: &str,
        path: &[(f64, Prediction)],
        now: Option<Estimate>,
        all: f64,
        some: bool,
    ) {
        let mut before = now;
        let mut lost = None;
        for (factor, prediction) in path {
            let told = prediction.estimate;
            // Where nothing is unseen no method is needed.
            let by_method = told.is_some() == prediction.recommended.is_some() || !some;
            self.unless(by_method, || format!("{what} at {factor}: {prediction:?}"));
            let Some(then) = told else {
                lost = lost.or(Some(*factor));
                continue;
            };
            self.unless(lost.is_none(), || {
                format!("{what}: known at {factor} but not at {lost:?}")
            });
            let what = format!("{what} at {factor}");
            self.ordered(&what, &then);
            self.unless(then.upper.is_finite(), || format!("{what}: no upper end: {then:?}"));
            self.unless(then.upper > 0.0 || !some, || format!("{what}: surely none: {then:?}"));
            // At less than twice the data a small number may span a decade by chance alone.
            let narrow = *factor < 2.0
                || then.upper <= (10.0 + SLACK) * then.lower
                || then.upper <= (0.1 + SLACK) * all;
            self.unless(narrow, || format!("{what}: spans a decade: {then:?} of {all}"));
            if let Some(before) = before {
                let follows = |before: f64, then: f64| match now {
                    Some(_) => then <= before * (1.0 + SLACK),
                    None => then >= before * (1.0 - SLACK),
                };
                let (a, b) = (before, then);
                let steady = follows(a.value, b.value)
                    && follows(a.lower, b.lower)
                    && follows(a.upper, b.upper);
                self.unless(steady, || format!("{what}: turns back from {before:?} to {then:?}"));
            }
            before = Some(then);
        }
    }
}

/// What is wrong with a diagnosis at the factors above.
fn complaints(counts: &ActivationCounts, diagnosis: &Diagnosis) -> Vec<String> {
    let mut found = Complaints::default();
    // Counts of independent features of which none were left out (of others, features come
    // together).
    let whole = counts.floor() == 1 && !counts.has_incidence();
    let cut = diagnosis.population == diagnosis::Population::Truncated;
    found.unless(!(whole && cut), || "a whole table is said to be cut off".to_owned());
    let left = counts.total().map(|total| total - counts.seen());
    let some = left != Some(0);
    let path = |of: fn(&Forecast) -> Prediction| -> Vec<(f64, Prediction)> {
        diagnosis.forecasts.iter().map(|ahead| (ahead.factor, of(ahead))).collect()
    };
    let new = path(|ahead| ahead.new_features);
    if diagnosis.unseen.is_none() {
        // The table was cut off, or its counts are no draws: nothing is known of what is not in it.
        found.unless(new.iter().all(|(_, new)| new.estimate.is_none()), || {
            format!("known: {new:?}")
        });
        return found.0;
    }
    let (unseen, seen) = (unseen_now(diagnosis), counts.seen() as f64);
    found.steady("new features", &new, None, seen, some);
    // With features below a count left out, nothing is said of what is unseen now.
    let activity = unseen.activity;
    found.ordered("unseen activity", &activity);
    found.unless(activity.upper > 0.0 || !some, || format!("surely nothing unseen: {activity:?}"));
    let mass = path(|ahead| ahead.unseen_activity);
    found.steady("unseen activity", &mass, Some(activity), diagnosis.total_activity, some);
    if let Some(energy) = unseen.energy {
        found.ordered("unseen energy", &energy);
        found
            .unless(energy.upper > 0.0 || !some, || format!("surely no energy unseen: {energy:?}"));
        let energies = path(|ahead| ahead.unseen_energy.expect("energy"));
        found.steady("unseen energy", &energies, Some(energy), diagnosis.total_energy, some);
    }
    for share in [unseen.activity_share, unseen.energy_share] {
        found.ordered("unseen share", &share);
        found.unless(share.upper <= 1.0, || format!("a share above 1: {share:?}"));
    }
    if let Some(left) = left {
        for (factor, prediction) in &new {
            let above = prediction.estimate.is_some_and(|new| new.upper > left as f64);
            found.unless(!above, || {
                format!("new features at {factor}: {prediction:?}, {left} left")
            });
        }
    }
    if let Some(richness) = diagnosis.richness {
        let least = richness.at_least;
        let total = counts.total().map_or(f64::INFINITY, |total| total as f64);
        found.ordered("richness", &least);
        found
            .unless(seen <= least.lower && least.upper <= total, || format!("richness: {least:?}"));
    }
    for coverage in &diagnosis.coverage {
        let Some(samples) = coverage.samples else { continue };
        found.ordered("samples for a coverage", &samples);
        let side = if coverage.reached {
            samples.value <= counts.samples()
        } else {
            samples.upper >= counts.samples()
        };
        found.unless(side, || format!("{coverage:?} with {} samples", counts.samples()));
    }
    for pair in diagnosis.coverage.windows(2) {
        if let [Some(less), Some(more)] = [pair[0].samples, pair[1].samples] {
            found.unless(less.value <= more.value, || {
                format!("a larger share takes fewer samples: {pair:?}")
            });
        }
    }
    for (what, alone, of_many) in [
        ("twice", &diagnosis.doubled, &diagnosis.forecasts[2]),
        ("16 times", &diagnosis.much, &diagnosis.forecasts[6]),
    ] {
        let same = alone == of_many;
        found.unless(same, || {
            format!("{what} the data told in two ways: {alone:?} and {of_many:?}")
        });
    }
    let words = diagnosis.verdict().to_string();
    found.unless(!words.contains("NaN") && !words.contains("inf "), || words.clone());
    found.0
}

fn diagnosed(counts: &ActivationCounts, seed: u64) -> Diagnosis {
    let options =
        DiagnosisOptions { factors: FACTORS.to_vec(), resamples: 39, ..Default::default() };
    diagnose(counts, &options, &mut generator(seed)).expect("a diagnosis")
}

/// n = 300 populations or as many as the environment asks for, seeds from 0 on: each must keep
/// every promise.
#[test]
fn promises_are_kept_for_populations_of_every_kind() {
    let populations = std::env::var("ASYMSCALE_RANDOM_POPULATIONS").ok();
    let populations: u64 = populations.and_then(|number| number.parse().ok()).unwrap_or(300);
    let broken = |seed: u64| -> Vec<String> {
        let told = catch_unwind(AssertUnwindSafe(|| {
            let (counts, what) = random(seed);
            (complaints(&counts, &diagnosed(&counts, seed)), what)
        }));
        match told {
            Ok((complaints, what)) => complaints
                .iter()
                .map(|complaint| format!("seed {seed} ({what}): {complaint}"))
                .collect(),
            Err(_) => vec![format!("seed {seed}: panics")],
        }
    };
    let broken: Vec<Vec<String>> = (0..populations).into_par_iter().map(broken).collect();
    let sets = broken.iter().filter(|complaints| !complaints.is_empty()).count();
    let all: Vec<String> = broken.concat();
    assert!(
        all.is_empty(),
        "{} complaints in {sets} of {populations}:\n{}",
        all.len(),
        all.join("\n")
    );
}

/// The smallest and the strangest tables.
#[test]
fn promises_are_kept_at_the_edges() {
    let huge = 9_007_199_254_740_992;
    let many = vec![1; 5_000];
    let tables: [(&[u64], u64); 20] = [
        (&[1], 2),
        (&[2], 2),
        (&[1, 1], 2),
        (&[2, 1], 2),
        (&[2, 2], 2),
        (&[1, 0], 2),
        (&[2, 0], 2),
        (&[1; 29], 1_000),
        (&many, 2),
        (&many, huge),
        (&[2; 500], 1_000),
        (&[3; 40], 10),
        (&[100; 50], 100),
        (&[100, 100, 100, 0], 100),
        (&[8_192; 40], 10_000),
        (&[huge, 1], huge),
        (&[1, 1, 2, 3], 3),
        (&[5, 0, 5], 6),
        (&[1, 1, 1, 0, 0], 30),
        (&[1, 2], 1_000_000),
    ];
    for (table, samples) in tables {
        let counts = ActivationCounts::new(table, samples).unwrap();
        let first = &table[..table.len().min(5)];
        for counts in [counts.clone(), counts.clone().of(table.len() + 3).unwrap()] {
            let found = complaints(&counts, &diagnosed(&counts, 1));
            assert!(found.is_empty(), "{} counts {first:?}… in {samples}: {found:#?}", table.len());
        }
        let complete = counts.seen() == table.len();
        if complete {
            let counts = counts.of(table.len()).unwrap();
            let found = complaints(&counts, &diagnosed(&counts, 1));
            assert!(
                found.is_empty(),
                "all {} seen, {first:?}… in {samples}: {found:#?}",
                table.len()
            );
        }
    }
}

/// The populations themselves: n = 40, seed 98. More samples show features that were not seen, and
/// leave less unseen; with ten samples more, about ten times the unseen activity, which features
/// are new by (Poisson, α = 1e-4 each: 3.9 deviations).
#[test]
fn populations_show_more_in_more_samples() {
    let rng = &mut generator(98);
    for set in 0..40 {
        let population = Population::random(set % KINDS.len(), 500, 1.0, (2_000.0, 4_000.0), rng);
        let mut shown = population.shown(2_000.0, rng);
        let (before, left) = (shown.unseen(), shown.unseen_features());
        let new = shown.further(10.0, rng);
        let expected = 10.0 * before;
        assert!(
            (new - expected).abs() < 3.9 * expected.sqrt() + 1.0,
            "{set}: {new}, expected {expected}"
        );
        assert!(
            shown.unseen() <= before && shown.unseen_features() <= left,
            "{set}: more unseen than before"
        );
    }
}
