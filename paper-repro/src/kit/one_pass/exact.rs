//! Runs of plain steps against the exact recursion of their mean loss.

use crate::kit::{Trajectories, largest_score, log_grid};
use crate::{ChapterError, Finding, Prediction, Preset, Tolerance, draw};
use asymscale_dynamics::{Rule, Training};
use asymscale_model::{Amplitude, Coordinates, Decay, Schedule, SparseModel, Teacher};
use asymscale_plots::Panel;
use asymscale_sweep::Table;
use asymscale_theory::OnePass;

/// A kind of data, and how plain steps are taken on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecursionSetting {
    /// Its name in rows and findings.
    pub name: &'static str,
    /// The setting in words.
    pub words: &'static str,
    /// `α`, `β` and `c`.
    pub law: (f64, f64, f64),
    /// The law of amplitudes.
    pub amplitude: Amplitude,
    /// How many coordinates, if not infinitely many.
    pub coordinates: Option<u64>,
    /// The exponent of the target energies, if the teacher is not iid.
    pub target: Option<f64>,
    /// Step sizes: the largest, and how they fall.
    pub rate: (f64, Decay),
    /// Samples a step.
    pub batch: usize,
    /// The variance of label noise.
    pub noise: f64,
    /// Samples of a run.
    pub samples: usize,
}

impl RecursionSetting {
    /// The model; with activities that fall with exponent `beta` in place of its own.
    ///
    /// # Errors
    /// As those of the model.
    pub fn model(&self, beta: f64) -> Result<SparseModel, ChapterError> {
        let model = SparseModel::power_law(self.law.0, beta, self.law.2)?;
        let count = self.coordinates.map_or(Coordinates::Infinite, Coordinates::Finite);
        let model = model.with_amplitude(self.amplitude).with_coordinates(count)?;
        let Some(exponent) = self.target else { return Ok(model) };
        Ok(model.with_teacher(Teacher::power_law(exponent)?)?)
    }

    /// How it is trained.
    ///
    /// # Errors
    /// If a number is out of range.
    pub fn training(&self) -> Result<Training, ChapterError> {
        Ok(Training::new(Rule::Sgd, self.schedule()?, self.batch)?.with_noise(self.noise)?)
    }

    fn schedule(&self) -> Result<Schedule, ChapterError> {
        let steps = (self.samples / self.batch) as u64;
        Ok(Schedule::new(self.rate.0, steps)?.with_decay(self.rate.1)?)
    }

    /// Where losses are compared: nine numbers of steps.
    pub fn steps(&self) -> Vec<u64> {
        let last = (self.samples / self.batch) as f64;
        log_grid(2.0, last, 9).into_iter().map(|step| step as u64).collect()
    }
}

/// What runs of a setting came to, and the mean by the recursion.
#[derive(Debug, Clone, PartialEq)]
pub struct Recursion {
    setting: RecursionSetting,
    losses: Trajectories,
    theory: Vec<f64>,
}

impl Recursion {
    /// Reads the rows of a setting. With `dense`, the recursion has the fourth moments of dense
    /// data, `E x_i⁴ = λ_i² E z⁴`.
    ///
    /// # Errors
    /// If there are no rows; as [`OnePass::losses`].
    pub fn read(
        rows: &Table,
        setting: RecursionSetting,
        dense: bool,
    ) -> Result<Self, ChapterError> {
        let losses = Trajectories::read(&rows.matching("series", setting.name)?, "value", 1.0)?;
        let model = setting.model(if dense { 0.0 } else { setting.law.1 })?;
        let run = OnePass::new(&model, setting.schedule()?);
        let run = run.with_batch(setting.batch as u64)?.with_noise(setting.noise)?;
        let theory = run.losses(&setting.steps())?;
        Ok(Self { setting, losses, theory })
    }

    /// Steps, mean loss, its standard error, and the recursion.
    pub fn points(&self) -> Vec<[f64; 4]> {
        self.losses.against(&self.theory)
    }

    /// The simulated mean over the recursion, geometric mean over steps.
    fn finding(&self, width: f64) -> Finding {
        let ratio = self.losses.measure(|loss| {
            let logs = self.theory.iter().enumerate().map(|(k, theory)| (loss(k) / theory).ln());
            (logs.sum::<f64>() / self.theory.len() as f64).exp()
        });
        let statement = format!("{}: simulated mean loss over the recursion", self.setting.words);
        Finding::of(format!("exact-{}", self.setting.name), statement)
            .predicted(Prediction::Equals(1.0))
            .measured(ratio)
            .within(Tolerance::resolution(width, "number of runs of the preset"))
    }

    /// A finding for each setting, and one for the largest standard score of all points.
    pub fn findings(all: &[Self], preset: Preset) -> Vec<Finding> {
        let width = preset.pick(0.04, 0.01, 0.004);
        let mut findings: Vec<Finding> = all.iter().map(|one| one.finding(width)).collect();
        let points = all.iter().flat_map(Self::points);
        let scores: Vec<f64> = points.map(|[_, mean, error, law]| (mean - law) / error).collect();
        let statement = "runs against the recursion: largest standard score";
        let largest = largest_score(Finding::of("exact-scores", statement), &scores);
        findings.push(largest.within(Tolerance::statistical(0.5, "losses of runs are skewed")));
        findings
    }

    /// Simulated means over the recursion, with intervals.
    pub fn panel(all: &[Self]) -> Panel {
        let (x, y) = (draw::log("steps"), draw::linear("simulated over exact mean loss"));
        let mut panel = Panel::new("the recursion", x, y.range(0.94, 1.08));
        for (number, recursion) in all.iter().enumerate() {
            let points = recursion.points();
            let at = points.iter().map(|p| (p[0], p[1] / p[3])).collect();
            let end = |p: &[f64; 4], side: f64| (p[1] + side * 2.0 * p[2]) / p[3];
            let ends = points.iter().map(|p| (end(p, -1.0), end(p, 1.0))).collect();
            panel = panel.with(draw::marks(recursion.setting.words, number, at, ends));
        }
        panel
    }
}
