//! Simulated designs to lay over the lines: one job at a time, in the background.
//!
//! A new job takes the place of the one that runs, so that asking often does not pile up work.

use super::copies::regression;
use super::state::State;
use super::told;
use crate::answers::{self, Refusal, Rows};
use crate::cli::Failure;
use crate::cli::output::as_given;
use crate::model::{InvalidInput, ModelSize};
use crate::montecarlo::Settings;
use crate::sampling::DesignSize;
use serde_json::{Value as Json, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

/// Most samples of a design that the page draws; the command draws larger ones.
const MOST_SAMPLES: f64 = 4096.0;
/// Most features that are asked for.
const MOST_FEATURES: f64 = 1e6;
/// Designs at each point, as many as the command draws unless told otherwise.
const REPEATS: usize = 16;
/// Model sizes of the curve in N.
const SIZES: usize = 12;
/// Samples of the curve in D, over those of the state.
const AROUND: [f64; 6] = [1.0 / 16.0, 1.0 / 8.0, 1.0 / 4.0, 1.0 / 2.0, 1.0, 2.0];
/// Jobs that are remembered after their end.
const REMEMBERED: usize = 8;

/// What was simulated: abscissa, mean and the ends of its interval; NaN where there is no mean.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Points {
    state: State,
    by_features: Vec<[f64; 4]>,
    by_samples: Vec<[f64; 4]>,
    rows: Rows,
}

impl Points {
    /// Those against N, where a state is of the same data, learner and samples.
    pub(crate) fn by_features(&self, state: &State) -> &[[f64; 4]] {
        let same = self.is_of(state) && self.state.samples == state.samples;
        if same { &self.by_features } else { &[] }
    }

    /// Those against D, where a state is of the same data, learner and features.
    pub(crate) fn by_samples(&self, state: &State) -> &[[f64; 4]] {
        let same = self.is_of(state) && self.state.features == state.features;
        if same { &self.by_samples } else { &[] }
    }

    fn is_of(&self, state: &State) -> bool {
        let drawn = |state: &State| State {
            features: 1.0,
            samples: 1.0,
            rate: 1.0,
            epochs: 1.0,
            law: super::LawByHand::default(),
            ..state.clone()
        };
        drawn(&self.state) == drawn(state)
    }
}

/// A simulation that was asked for.
struct Job {
    number: u64,
    plan: Plan,
    done: AtomicUsize,
    cancelled: AtomicBool,
    found: Mutex<Option<Result<Arc<Points>, String>>>,
}

/// The simulations of a job: one over sizes, and one for each number of samples.
struct Plan {
    state: State,
    settings: Vec<Settings>,
}

impl Plan {
    fn new(state: &State) -> Result<Self, Refusal> {
        let model = state.model()?;
        let (features, samples) = state.sizes()?;
        let refused = |name, value: f64, most: f64| {
            let must = format!(
                "must be at most {} to be simulated on this page; the command simulate takes more",
                as_given(most)
            );
            Failure::Input(InvalidInput::of(name, value, must))
        };
        if samples > MOST_SAMPLES {
            return Err(refused("samples", samples, MOST_SAMPLES).into());
        }
        if features.is_finite() && features > MOST_FEATURES {
            return Err(refused("features", features, MOST_FEATURES).into());
        }
        let settings = |samples: f64, features: Vec<ModelSize>| {
            Ok::<_, Refusal>(Settings {
                samples: samples as usize,
                features,
                repeats: REPEATS,
                regression: state.regression()?,
                ..Settings::default()
            })
        };
        let rank = crate::theory::SampleTheory::new(&model, samples)?.rank().max(1.0);
        let sizes = super::figures::spaced((rank / 64.0).max(1.0), 16.0 * rank, SIZES);
        let own = state.model_size()?;
        let mut sizes: Vec<ModelSize> =
            sizes.into_iter().map(|size| ModelSize::Finite(size.round() as usize)).collect();
        sizes.push(own);
        sizes.sort_by(|a, b| a.as_f64().total_cmp(&b.as_f64()));
        sizes.dedup();
        let mut all = vec![settings(samples, sizes)?];
        let counts = AROUND.map(|factor| (factor * samples).round());
        for count in counts.into_iter().filter(|count| (16.0..=MOST_SAMPLES).contains(count)) {
            all.push(settings(count, vec![own])?);
        }
        for settings in &all {
            DesignSize::checked(&model, settings.samples).map_err(Failure::from)?;
        }
        Ok(Self { state: state.clone(), settings: all })
    }

    fn total(&self) -> usize {
        self.settings.iter().map(|settings| settings.repeats).sum()
    }

    /// Draws everything; none where `go_on`, which is told how many designs are done, says no.
    fn run(&self, mut go_on: impl FnMut(usize) -> bool) -> Result<Option<Points>, Refusal> {
        let model = self.state.model()?;
        let mut before = 0;
        let mut points = Points {
            state: self.state.clone(),
            by_features: Vec::new(),
            by_samples: Vec::new(),
            rows: Rows { columns: Vec::new(), rows: Vec::new(), notes: Vec::new() },
        };
        for (number, settings) in self.settings.iter().enumerate() {
            let found = answers::simulate_watched(&model, settings, |done| go_on(before + done))?;
            let Some(rows) = found else { return Ok(None) };
            before += settings.repeats;
            let at = |row| ["mean", "low", "high"].map(|name| told::real(&rows, row, name));
            for row in 0..rows.rows.len() {
                let [mean, low, high] = at(row);
                let name = if number == 0 { "features" } else { "samples" };
                let point = [told::real(&rows, row, name), mean, low, high];
                let list =
                    if number == 0 { &mut points.by_features } else { &mut points.by_samples };
                list.push(point);
            }
            points.rows.columns = rows.columns;
            points.rows.rows.extend(rows.rows);
        }
        points.by_features.retain(|[x, ..]| x.is_finite());
        Ok(Some(points))
    }
}

/// The jobs of a server.
pub(crate) struct Jobs {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<Known>,
    changed: Condvar,
}

#[derive(Default)]
struct Known {
    last: u64,
    /// What runs next.
    next: Option<Arc<Job>>,
    /// All that are remembered, the newest last.
    jobs: VecDeque<Arc<Job>>,
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    /// Begins to wait for jobs.
    pub(crate) fn new() -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let worker = Arc::clone(&shared);
        // One processor is left to the sliders.
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = processors.saturating_sub(1).max(1);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let pool = pool.map_err(std::io::Error::other)?;
        let name = "explore: simulation".to_owned();
        thread::Builder::new().name(name).spawn(move || {
            loop {
                let mut known = worker.lock();
                let job = loop {
                    match known.next.take() {
                        Some(job) => break job,
                        None => {
                            known =
                                worker.changed.wait(known).unwrap_or_else(PoisonError::into_inner);
                        }
                    }
                };
                drop(known);
                job.run(&pool);
            }
        })?;
        Ok(Self { shared })
    }

    /// Asks for a simulation in place of the one that runs, and tells of it.
    pub(crate) fn start(&self, state: &State) -> Result<Json, Refusal> {
        let plan = Plan::new(state)?;
        let mut known = self.shared.lock();
        for job in &known.jobs {
            job.cancelled.store(true, Ordering::SeqCst);
        }
        known.last += 1;
        let job = Arc::new(Job {
            number: known.last,
            plan,
            done: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            found: Mutex::new(None),
        });
        known.next = Some(Arc::clone(&job));
        known.jobs.push_back(Arc::clone(&job));
        while known.jobs.len() > REMEMBERED {
            known.jobs.pop_front();
        }
        self.shared.changed.notify_one();
        Ok(job.json())
    }

    fn job(&self, number: u64) -> Option<Arc<Job>> {
        self.shared.lock().jobs.iter().find(|job| job.number == number).cloned()
    }

    /// How far a job is, or what it found.
    pub(crate) fn told(&self, number: u64) -> Option<Json> {
        self.job(number).map(|job| job.json())
    }

    /// How far the newest job is, unless it was cancelled.
    pub(crate) fn newest(&self) -> Option<Json> {
        let told = self.shared.lock().jobs.back()?.json();
        (told["status"] != "cancelled").then_some(told)
    }

    /// Ends a job.
    pub(crate) fn cancel(&self, number: u64) -> Option<Json> {
        let job = self.job(number)?;
        job.cancelled.store(true, Ordering::SeqCst);
        Some(job.json())
    }

    /// What a job has found, if it has.
    pub(crate) fn points(&self, number: u64) -> Option<Arc<Points>> {
        let job = self.job(number)?;
        let found = job.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.as_ref()?.as_ref().ok().cloned()
    }
}

impl Job {
    fn run(&self, pool: &rayon::ThreadPool) {
        let go_on = |done| {
            self.done.store(done, Ordering::SeqCst);
            !self.cancelled.load(Ordering::SeqCst)
        };
        let work = || pool.install(|| self.plan.run(go_on));
        let failed = |_| Err(Refusal::failed("the simulation failed"));
        let found =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(failed);
        let found = match found {
            Ok(None) => return,
            Ok(Some(points)) => Ok(Arc::new(points)),
            Err(refusal) => Err(refusal.to_string()),
        };
        *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
    }

    fn json(&self) -> Json {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let status = match found.as_ref() {
            Some(Ok(_)) => "done",
            Some(Err(_)) => "failed",
            None if self.cancelled.load(Ordering::SeqCst) => "cancelled",
            None => "running",
        };
        let table = found.as_ref().and_then(|found| found.as_ref().ok());
        let state = &self.plan.state;
        let learner = regression(state, |name, value| format!(" --{name} {}", as_given(value)));
        let sizes = self.plan.settings[0].features.iter();
        let sizes: Vec<String> = sizes.map(|size| as_given(size.as_f64())).collect();
        json!({
            "job": self.number,
            "status": status,
            "done": self.done.load(Ordering::SeqCst),
            "total": self.plan.total(),
            "error": found.as_ref().and_then(|found| found.as_ref().err()),
            "table": table.map(|points| told::table(&points.rows)),
            "command": format!(
                "asymscale simulate{} --features {} --samples {}{learner}",
                state.model_words(),
                sizes.join(","),
                as_given(state.samples),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_laid_over_states_of_the_same_data_only() {
        let state = State { samples: 32.0, features: 8.0, ..State::default() };
        let points = Plan::new(&state).unwrap().run(|_| true).unwrap().unwrap();
        assert!(points.by_features(&state).len() > 5 && points.by_samples(&state).len() > 1);
        let wider = State { features: 9.0, rate: 0.5, ..state.clone() };
        // At the threshold there is no mean: NaN is compared by its bits.
        let bits = |points: &[[f64; 4]]| -> Vec<_> {
            points.iter().map(|point| point.map(f64::to_bits)).collect()
        };
        assert_eq!(bits(points.by_features(&wider)), bits(points.by_features(&state)));
        assert!(points.by_samples(&wider).is_empty());
        assert!(points.by_features(&State { beta: 1.6, ..state }).is_empty());
    }

    #[test]
    fn what_is_too_large_for_the_page_is_refused_and_a_cancelled_plan_ends() {
        let large = State { samples: 5000.0, ..State::default() };
        let refusal = Plan::new(&large).err().unwrap().to_string();
        assert!(refusal.starts_with("samples = 5000: must be at most 4096 to be"), "{refusal}");
        let dense = State { beta: 0.5, ..State::default() };
        let refusal = Plan::new(&dense).err().unwrap();
        assert_eq!(refusal.parameter(), Some("beta"), "{refusal}");
        let plan = Plan::new(&State { samples: 32.0, ..State::default() }).unwrap();
        assert!(plan.run(|done| done < 4).unwrap().is_none());
    }
}
