//! From counts to a model of the features, seen and unseen: a variance and an activity of each, and
//! how the rare ones go on.
//!
//! A count over the number of samples, `k/D`, is a poor activity where `k` is small: features seen
//! once are half or more of all, and those among them that happened to be active are on average
//! rarer than `1/D`; and a model of the features seen has nothing left to find in more data. Here
//! the fitted law is the prior (empirical Bayes):
//!
//! 1. **What a count leaves open.** With `h(p)` features per unit of `p` by the law, the activity
//!    of a feature with count `k` has density `∝ h(p) p^k (1−p)^(D−k)`. For a power law
//!    `h = a c p^(−1−a)`, `a = 1/β`, that is `Beta(k − a, D − k + 1)` with mean
//!    `(k − a)/(D − a + 1)`: a third of `1/D` for a feature seen once at β = 1.5, and `k/D` to one
//!    part in `k`. The strength of the prior is no further number to estimate: how much features
//!    scatter about the law is what `h` says.
//! 2. **Features of equal count are spread over it.** `n` features with count `k` get the means of
//!    the `n` parts of equal weight of that density, in the order of rows. Their mean is the
//!    posterior mean, and together they are as different as such features are. All at the mean they
//!    would be too much alike: features seen once (β = 1.5) are seen again in as many samples with
//!    probability `1 − 2^(a−1)`, 0.21, but at the mean with `1 − e^(a−1)`, 0.28.
//! 3. **Features not seen** have density `h(p) (1−p)^D`. The most active of them are rows of count
//!    0: the mean activities of as many parts of weight 1. They are not the features of the next
//!    ranks: of two features of equal activity one may be seen and one not. Where activities are so
//!    small that hardly any of the features was seen, the law itself goes on, in the number `i` of
//!    the row: `p_i = (c/i)^β`. A law that bends goes on by its tangent.
//!
//! **Variances** are activity times the energy of an activation. Without second moments that is 1.
//! With them it is the measured `S/k`, shrunk towards the relation `C p^g` of features in the
//! window of the law ([`Scaling`](super::Scaling) says how `g` is found) by the weight
//! `τ²/(τ² + v/k)` that is best among linear ones (Bühlmann 1967, doi:10.1017/S0515036100008989):
//! `τ²` is how features of equal activity differ, `v` how activations of a feature do, both from a
//! line through squared residuals over `1/k`.
//!
//! Counts in groups give activities in groups: a sample of the model is then a group.
//!
//! This room must not know forecasts, nor which file a model goes to.
//!
//! | I want … | file |
//! |---|---|
//! | the model, and draws of it | this file |
//! | the law as a prior: posteriors, features not seen | `prior.rs` |
//! | a weight spread over activities, cut into equal parts | `spread.rs` |
//! | energies of activations | `energies.rs` |
//! | how a model goes on after its last row | `tails.rs` |
//! | which activity is taken of those that are open: equal parts, or one at random | `choices.rs` |
//! | laws drawn about the fit | `law_draws.rs` |

mod choices;
mod energies;
mod law_draws;
mod prior;
mod spread;
mod tails;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::counts::ActivationCounts;
use super::estimate::normal_quantile;
use super::{Diagnosis, Estimate, Method, Population};
use choices::{Choice, EqualParts, Random};
use energies::{Energies, EnergyRelation};
use law_draws::{LawDraws, plausible_laws};
use prior::{Prior, as_counted};
use spread::Spread;
use tails::tail;
pub use tails::{ModelTail, Tail};

/// Features not seen that are rows, as many as this times those seen, within bounds.
const ROWS_PER_SEEN: f64 = 4.0;
const LEAST_ROWS: f64 = 20_000.0;
const MOST_ROWS: f64 = 2_000_000.0;

/// Rows that a model can have.
const LONGEST_MODEL: f64 = 1e7;

/// A feature of a model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ModelFeature {
    /// The row of the counts, from 0 on; `None` for a feature that is expected and was not seen.
    pub row: Option<usize>,
    /// In how many units it was active.
    pub count: u64,
    /// `λ_i`, the mean square over all units.
    pub variance: f64,
    /// `p_i`, the probability of being active in a unit. Features of equal count are spread over
    /// what the count leaves open.
    pub activity: f64,
    /// The mean of what the count leaves open, the same for all features of that count, with its
    /// interval; `None` for a feature that was not seen.
    pub posterior: Option<Estimate>,
}

/// What a model says of features that were not seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Continuation {
    /// They are rows of count 0 as far as some of their like were seen, and a tail from there on.
    Endless,
    /// They are rows of count 0, as many as the law of finitely many features expects.
    Ends,
    /// The number of features is known, and they are more than a model has rows: the rarest of them
    /// are missing.
    Cut,
    /// Laws with and without an end fit alike: they are rows of count 0 by the best of them, a few
    /// times as many as were seen at most; what follows is not known.
    Undecided,
    /// The best law has features without end, whose activities or variances have no sum: those are
    /// rows that are likely to be seen next, and nothing follows.
    NoSum,
    /// All features are known and were seen.
    AllSeen,
    /// No law describes the counts: nothing is said of them, and activities are `k/D`.
    NoLaw,
}

/// A model of features: rows, and how they go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureModel {
    /// Features that were seen, in the order of their rows, then those that were not, the most
    /// active first.
    pub features: Vec<ModelFeature>,
    /// How variances and activities go on after the last row.
    pub tail: Option<ModelTail>,
    /// What is said of features that were not seen.
    pub continuation: Continuation,
    /// The law of activities.
    pub law: Option<Method>,
}

impl FeatureModel {
    /// Features that were seen.
    pub fn seen(&self) -> usize {
        self.features.iter().filter(|feature| feature.row.is_some()).count()
    }

    /// Activations per unit of features that were not seen, the tail included.
    pub fn unseen_activity(&self) -> f64 {
        let unseen = self.features.iter().filter(|feature| feature.row.is_none());
        let tail = self.tail.map_or(0.0, |tail| {
            let from = self.features.len() as f64 + 0.5;
            tail.activity.at(from) * from / (tail.activity.exponent - 1.0)
        });
        unseen.map(|feature| feature.activity).sum::<f64>() + tail
    }

    /// The number of features that so many units are expected to show, `Σ 1 − (1 − p_i)^D`, to
    /// 1e-4 of it.
    ///
    /// ```
    /// use asymscale_fitting::diagnosis::{ActivationCounts, DiagnosisOptions, FeatureModels, diagnose};
    /// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    /// let counts = ActivationCounts::new(&[9, 7, 4, 10], 10)?.of(4)?;
    /// let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
    /// let diagnosis = diagnose(&counts, &DiagnosisOptions::default(), rng)?;
    /// let model = FeatureModels::new(&counts, &diagnosis, 0.95).fitted();
    /// // 0.9 + 0.7 + 0.4 + 1.
    /// assert!((model.expected_seen(1.0) - 3.0).abs() < 1e-12);
    /// # Ok::<(), asymscale_fitting::FittingError>(())
    /// ```
    pub fn expected_seen(&self, units: f64) -> f64 {
        let seen = |p: f64| -(units * (-p).ln_1p()).exp_m1();
        let rows: f64 = self.features.iter().map(|feature| seen(feature.activity)).sum();
        let Some(ModelTail { activity, .. }) = self.tail else { return rows };
        // The sum over numbers as an integral from half a number before, in cells of ln i, and
        // units · ∫ p where two activations are out of the question.
        let step = 0.02_f64.exp();
        let (mut from, mut tail) = (self.features.len() as f64 + 0.5, 0.0);
        while units * activity.at(from) > 1e-5 {
            let to = from * step;
            tail += (to - from) * seen(activity.at((from * to).sqrt()));
            from = to;
        }
        rows + tail + units * activity.at(from) * from / (activity.exponent - 1.0)
    }
}

/// The models that counts and their diagnosis allow: the fitted one, and draws of what might as
/// well be true.
///
/// ```
/// use asymscale_fitting::diagnosis::{
///     ActivationCounts, ActivityLaw, DiagnosisOptions, FeatureModels, diagnose,
/// };
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// // As many features active k times in 10 000 samples as a law leads to expect.
/// let law = ActivityLaw { beta: 2.0, onset: 100.0 };
/// let active = |k: u64| law.features_between(1e4, k as f64 - 1.0, k as f64).round() as usize;
/// let counts: Vec<u64> = (1..500).flat_map(|k| std::iter::repeat_n(k, active(k))).collect();
/// let counts = ActivationCounts::new(&counts, 10_000)?;
/// let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
/// let diagnosis = diagnose(&counts, &DiagnosisOptions::default(), rng)?;
/// let models = FeatureModels::new(&counts, &diagnosis, 0.95);
/// let model = models.fitted();
/// // As many samples again show as many features again, ten times as many √10 times as many.
/// assert!((model.expected_seen(1e4) / counts.seen() as f64 - 1.0).abs() < 0.01);
/// assert!((model.expected_seen(1e5) / counts.seen() as f64 / 10_f64.sqrt() - 1.0).abs() < 0.05);
/// assert_ne!(models.draw(rng), model);
/// # Ok::<(), asymscale_fitting::FittingError>(())
/// ```
pub struct FeatureModels<'a> {
    counts: &'a ActivationCounts,
    /// Those that may be true, the best first.
    laws: Vec<(Method, LawDraws)>,
    relation: Option<EnergyRelation>,
    population: Population,
    level: f64,
}

impl<'a> FeatureModels<'a> {
    /// The models of counts by the best law of their diagnosis that survives its tests; by none
    /// where none does. `level` is that of the intervals of posteriors, in (0, 1).
    ///
    /// Cost: a sort of the rows, and a thousand steps for each different count up to 4096.
    pub fn new(counts: &'a ActivationCounts, diagnosis: &Diagnosis, level: f64) -> Self {
        let laws = plausible_laws(counts, diagnosis, level);
        let best = laws.first().map(|(_, best)| Prior::new(best.fitted(), counts));
        let relation = best
            .filter(|_| counts.has_second_moments())
            .and_then(|prior| EnergyRelation::of(counts, diagnosis.activity.as_ref(), &prior));
        Self { counts, laws, relation, population: diagnosis.population, level }
    }

    /// The model by the fitted law.
    pub fn fitted(&self) -> FeatureModel {
        let law = self.laws.first();
        let law = law.map(|(method, best)| (*method, Prior::new(best.fitted(), self.counts)));
        self.model(law, self.relation, self.population, &mut EqualParts)
    }

    /// A draw of what might as well be true: one of the laws that are not out of the question,
    /// drawn about its fit, and under it an activity of each feature from what its count leaves
    /// open, a Poisson number of features not seen, and an energy of each from what its measurement
    /// leaves open. A quantity of many draws has an interval. Where laws with and without an end
    /// fit alike, a draw goes on or ends as its law does.
    pub fn draw<R: Rng + ?Sized>(&self, rng: &mut R) -> FeatureModel {
        if self.laws.is_empty() {
            return self.fitted();
        }
        let (method, law) = &self.laws[rng.random_range(0..self.laws.len())];
        let prior = Prior::new(law.draw(rng), self.counts);
        let relation = self.relation.map(|relation| relation.drawn(self.counts, &prior, rng));
        let population = match self.population {
            Population::Undecided => Population::Growing,
            other => other,
        };
        self.model(Some((*method, prior)), relation, population, &mut Random(rng))
    }

    fn model(
        &self,
        law: Option<(Method, Prior)>,
        relation: Option<EnergyRelation>,
        population: Population,
        choice: &mut dyn Choice,
    ) -> FeatureModel {
        let prior = law.map(|law| law.1);
        let mut model = FeatureModel {
            features: self.seen(prior, relation, choice),
            tail: None,
            continuation: Continuation::NoLaw,
            law: law.map(|law| law.0),
        };
        if population == Population::Complete {
            model.continuation = Continuation::AllSeen;
        } else if let Some(prior) = prior {
            let undecided = population == Population::Undecided;
            self.go_on(&mut model, &prior, relation, undecided, choice);
        }
        model
    }

    /// Features of the table, in the order of its rows.
    fn seen(
        &self,
        prior: Option<Prior>,
        relation: Option<EnergyRelation>,
        choice: &mut dyn Choice,
    ) -> Vec<ModelFeature> {
        let (counts, units) = (self.counts.of_rows(), self.counts.units());
        let deviations = normal_quantile(self.level);
        let listed = |row: &usize| counts[*row] >= self.counts.floor();
        let mut rows: Vec<usize> = (0..counts.len()).filter(listed).collect();
        rows.sort_by_key(|&row| counts[row]);
        let mut features = Vec::with_capacity(rows.len());
        for equal in rows.chunk_by(|a, b| counts[*a] == counts[*b]) {
            let count = counts[equal[0]];
            let open =
                prior.filter(|prior| prior.shrinks(count)).map(|prior| prior.posterior(count));
            let (activities, posterior) = if let Some(open) = &open {
                (choice.activities(open, equal.len()), self.posterior(open))
            } else {
                let found = as_counted(count, units, deviations);
                (vec![found.value; equal.len()], found)
            };
            let energies = Energies::new(self.counts, relation, open.as_ref(), count);
            for (&row, activity) in equal.iter().zip(activities) {
                let (energy, left) = energies.of(row, activity);
                let variance = activity * energy * choice.factor(left);
                features.push(ModelFeature {
                    row: Some(row),
                    count,
                    variance,
                    activity,
                    posterior: Some(posterior),
                });
            }
        }
        features.sort_by_key(|feature| feature.row);
        features
    }

    fn posterior(&self, open: &Spread) -> Estimate {
        let tail = 0.5 * (1.0 - self.level);
        Estimate {
            value: open.mean(),
            lower: open.quantile(tail),
            upper: open.quantile(1.0 - tail),
        }
    }

    /// Adds what is expected of features that were not seen.
    fn go_on(
        &self,
        model: &mut FeatureModel,
        prior: &Prior,
        relation: Option<EnergyRelation>,
        undecided: bool,
        choice: &mut dyn Choice,
    ) {
        let seen = model.features.len() as f64;
        let most = (ROWS_PER_SEEN * seen).clamp(LEAST_ROWS, MOST_ROWS);
        let known = self.counts.total().map(|_| self.counts.never_active());
        // Features that are known to be there are listed as far as files go.
        let most = known.map_or(most, |known| (known as f64).min(MOST_ROWS));
        let most = most.min((LONGEST_MODEL - seen).max(0.0));
        let unlisted = prior.unlisted(most);
        let energy = |activity: f64| relation.map_or(1.0, |relation| relation.at(activity));
        for activity in choice.unlisted(&unlisted.spread, known.unwrap_or(usize::MAX)) {
            model.features.push(ModelFeature {
                row: None,
                count: 0,
                variance: activity * energy(activity),
                activity,
                posterior: None,
            });
        }
        let next = model.features.len() as f64 + 1.0;
        model.continuation = if undecided {
            Continuation::Undecided
        } else if known.is_some_and(|known| known as f64 > most) {
            Continuation::Cut
        } else if unlisted.all || known.is_some() {
            Continuation::Ends
        } else {
            model.tail = tail(prior, &unlisted, relation, next);
            if model.tail.is_some() { Continuation::Endless } else { Continuation::NoSum }
        };
    }
}
