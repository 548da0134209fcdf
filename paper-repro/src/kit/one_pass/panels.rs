//! Panels of one pass.

use super::passes::PassRule;
use super::rare::{Fate, Spikes};
use super::series::PassSeries;
use crate::draw;
use asymscale_plots::{Color, Dash, Legend, Line, Note, Panel, Points, Reference};

/// The loss over a pass of several rules on the same kind of data, with what is expected, and what
/// the samples have not shown.
pub fn pass_panel<'a>(title: &str, all: impl Iterator<Item = &'a PassSeries>) -> Panel {
    let mut panel = Panel::new(title, draw::log("samples $T$"), draw::log("population loss $L$"));
    let mut unseen = Vec::new();
    for (number, series) in all.enumerate() {
        let points = series.losses.against(&series.theory);
        let (at, ends) =
            points.iter().map(|p| ((p[0], p[1]), (p[1] - 2.0 * p[2], p[1] + 2.0 * p[2]))).unzip();
        let expected = matches!(series.pass.rule, PassRule::Plain | PassRule::Adagrad);
        let (words, marks) = (series.pass.rule.words(), draw::marks("", number, at, ends));
        if expected {
            let theory = points.iter().map(|p| (p[0], p[3])).collect();
            let layers = draw::both(words, number, theory, marks);
            panel = layers.into_iter().fold(panel, Panel::with);
        } else {
            panel = panel.with(Points { name: words.into(), ..marks });
        }
        if series.pass.rule == PassRule::GaussNewton {
            unseen = points.iter().map(|p| (p[0], p[3])).collect();
        }
    }
    panel.with(Line {
        name: "mass not seen".into(),
        points: unseen,
        color: Color::Muted,
        dash: Dash::Dashed,
        ..Line::default()
    })
}

/// Exponents over `β` at `α = 1`: measured with intervals, and the predicted lines.
pub fn exponent_panel(all: &[PassSeries]) -> Panel {
    let panel = Panel::new(
        "exponents of one pass, $α$ = 1",
        draw::linear("activity exponent $β$").range(1.0, 3.2),
        draw::linear("exponent in samples").range(0.2, 1.1),
    );
    let betas: Vec<f64> = (0..=100).map(|k| 1.1 + 0.02 * f64::from(k)).collect();
    let line = |value: &dyn Fn(f64) -> f64| betas.iter().map(|b| (*b, value(*b))).collect();
    let law =
        |name: &str, dash, points| Line { name: name.into(), points, dash, ..Line::default() };
    let mut panel = panel
        .with(law("$α/\\max(1 + α, β)$", Dash::Solid, line(&|b| 1.0 / b.max(2.0))))
        .with(law("$α/β$, of what is seen", Dash::Dashed, line(&|b| 1.0 / b)))
        .with(law("$2α/(2β + α)$, of signs", Dash::Dotted, line(&|b| 2.0 / (2.0 * b + 1.0))));
    for (number, rule) in SHOWN.into_iter().enumerate() {
        let mine = all.iter().filter(|s| s.pass.rule == rule && s.is_plain_case());
        let found: Vec<_> = mine.map(|s| (s.pass.beta, s.exponent())).collect();
        // Marks of several rules at one β stand beside each other.
        let beside = 0.02 * (number as f64 - 2.0);
        let points = found.iter().map(|(beta, e)| (beta + beside, -e.mean)).collect();
        let ends = |(_, e): &(f64, asymscale_montecarlo::Estimate)| {
            let (low, high) = e.interval(0.95);
            (-high, -low)
        };
        let marks = draw::marks(rule.words(), number, points, found.iter().map(ends).collect());
        panel = panel.with(marks);
    }
    panel
}

/// The rules that are drawn.
pub const SHOWN: [PassRule; 5] =
    [PassRule::Plain, PassRule::Clipped, PassRule::Adagrad, PassRule::GaussNewton, PassRule::Sign];

impl PassSeries {
    /// `α = 1`, Rademacher amplitudes.
    fn is_plain_case(&self) -> bool {
        self.pass.alpha == 1.0 && !self.pass.gaussian
    }
}

/// What limits a pass over `(α, β)`: named boundaries, and the models that were run.
pub fn map_panel(models: &[(f64, f64)]) -> Panel {
    let axis = |k: i32| 0.05 * f64::from(k);
    let line =
        |name: &str, number, points| Line { width: 2.0, ..draw::named(name, number, points) };
    let along = |value: &dyn Fn(f64) -> f64| (0..=70).map(|k| (axis(k), value(axis(k)))).collect();
    let note = |text: &str, at| Note { text: text.into(), at, color: Color::Ink };
    let features = vec![(0.0, 3.0), (2.0, 3.0), (2.0, 1.0)];
    Panel::new(
        "what limits one pass of plain steps",
        draw::linear("spectral exponent $α$").range(0.0, 3.5),
        draw::linear("activity exponent $β$").range(1.0, 5.0),
    )
    .with(line("$β = 1 + α$: no step size is stable above", 0, along(&|a| 1.0 + a)))
    .with(line("$β = 2 + 2α$: no mean above", 1, along(&|a| 2.0 + 2.0 * a)))
    .with(line("$β = (1 + α)/2$: Adagrad is slow below", 2, along(&|a| 0.5 + 0.5 * a)))
    .with(Line {
        name: "features limit inside, if $N = T^{1/3}$".into(),
        points: features,
        color: Color::Series(3),
        dash: Dash::DashDot,
        width: 1.6,
    })
    .with(Points {
        name: "simulated".into(),
        points: models.to_vec(),
        color: Color::Series(4),
        ..Points::default()
    })
    .with(note("unstable: infinite mean", (0.08, 4.6)))
    .with(note("features limit", (1.5, 1.85)))
    .with(note("coverage limits", (1.3, 3.5)))
    .with(note("optimisation limits", (2.1, 2.2)))
    .legend(Legend::Below)
}

/// Spikes a sample against the step size, with the law and its asymptotic power.
pub fn spike_panel(all: &[Spikes]) -> Panel {
    let (rate, spikes) = (draw::log("step size $η$"), draw::log("spikes a sample"));
    let mut panel = Panel::new("spikes of a pass", rate, spikes);
    for (number, spikes) in all.iter().enumerate() {
        let name = if number == 0 { "power of small steps" } else { "" }.into();
        let line = draw::line(number, spikes.power.clone());
        let power = Line { name, dash: Dash::Dotted, ..line };
        panel = draw::against(panel, &spikes.name(), number, &spikes.points).with(power);
    }
    panel
}

/// The share of runs that are lost against the time over the lifetime: plain steps of several
/// sizes, and clipped ones of the largest.
pub fn lifetime_panel(plain: &[Fate], clipped: &[Fate]) -> Panel {
    let mut panel = Panel::new(
        "runs lost, $α$ = 0.5, $β$ = 2.5",
        draw::log("samples over the lifetime $T^*$"),
        draw::linear("share of runs lost").range(-0.05, 1.05),
    );
    let clipped = clipped.last().map(|fate| (format!("clipped, $η$ = {}", fate.rate), fate));
    let plain = plain.iter().map(|fate| (format!("$η$ = {}", fate.rate), fate));
    for (number, (name, fate)) in plain.chain(clipped).enumerate() {
        let at = fate.points.iter().map(|p| (p[0], p[1])).collect();
        let ends = fate.points.iter().map(|p| (p[1] - 2.0 * p[2], p[1] + 2.0 * p[2])).collect();
        panel = panel.with(draw::marks(name, number, at, ends));
    }
    panel.with(Reference::vertical(1.0, "$T^*$"))
}
