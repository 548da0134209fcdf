//! Errors as those of real runs are, and designs of runs that have them.

use asymscale_fitting::{FitOptions, Parameters, Runs, fit_law};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;

const PUBLIC: &str = include_str!("../../../../tests/data/openlm-104-models.csv");
/// Errors of `ln loss`, row by row.
pub(crate) type Errors = Box<dyn Fn(&mut Xoshiro256PlusPlus) -> Vec<f64> + Sync>;

pub(crate) struct Design {
    pub(crate) name: String,
    pub(crate) features: Vec<f64>,
    pub(crate) samples: Vec<f64>,
    pub(crate) law: Parameters,
    pub(crate) groups: Option<Vec<usize>>,
    pub(crate) errors: Errors,
}

impl Design {
    pub(crate) fn draw(&self, law: &Parameters, rng: &mut Xoshiro256PlusPlus) -> Runs {
        let errors = (self.errors)(rng);
        let sizes = self.features.iter().zip(&self.samples).zip(&errors);
        let losses: Vec<f64> =
            sizes.map(|((n, d), error)| law.loss(*n, *d) * error.exp()).collect();
        let runs = Runs::new(&self.features, &self.samples, &losses).expect("finite and positive");
        match &self.groups {
            Some(groups) => runs.with_groups(groups).expect("one a run"),
            None => runs,
        }
    }
}

pub(crate) fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn grid(features: i32, samples: i32) -> (Vec<f64>, Vec<f64>) {
    let size = |k: i32| (2e7 * 3f64.powi(k % features), 4e8 * 4f64.powi(k / features));
    (0..features * samples).map(size).unzip()
}

pub(crate) const LAW: Parameters =
    Parameters { e: 1.8, a: 480.0, b: 2000.0, alpha: 0.35, beta: 0.37 };

/// The four of the README.
pub(crate) fn designs() -> Vec<Design> {
    let (n, d) = grid(6, 6);
    let grid_of = |name: &str, law, errors: Errors| Design {
        name: name.to_owned(),
        features: n.clone(),
        samples: d.clone(),
        law,
        groups: None,
        errors,
    };
    let count = n.len();
    let shape: Vec<f64> =
        n.iter().zip(&d).map(|(n, d)| 0.004 * (1.0 + 2.0 * (d / n / 20.0).log10().abs())).collect();
    let tail = StudentT::new(3.0).expect("three degrees of freedom");
    vec![
        public(),
        grid_of(
            "spread by D/N",
            LAW,
            Box::new(move |rng| shape.iter().map(|s| s * normal(rng)).collect()),
        ),
        grid_of(
            "t of 3",
            LAW,
            Box::new(move |rng| (0..count).map(|_| 0.006 * tail.sample(rng)).collect()),
        ),
        checkpoints(16, 10),
    ]
}

/// The law of the runs on one data set, and its residuals with random signs.
fn public() -> Design {
    let mut lines = PUBLIC.lines();
    let titles: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let at = |title: &str| titles.iter().position(|t| *t == title).expect("a column of the table");
    let (set, n, d, loss) = (at("train_dataset"), at("N"), at("D"), at("loss_c4_val"));
    let rows: Vec<Vec<&str>> = lines
        .map(|line| line.split(',').collect())
        .filter(|row: &Vec<&str>| row[set] == "rpj")
        .collect();
    let column =
        |k: usize| rows.iter().map(|row| row[k].parse().expect("a number")).collect::<Vec<f64>>();
    let runs = Runs::new(&column(n), &column(d), &column(loss)).expect("public runs");
    let fit = fit_law(&runs, &FitOptions::default()).expect("a law");
    let widened = (runs.len() as f64 / (runs.len() - 5) as f64).sqrt();
    let residuals: Vec<f64> = fit.residuals().iter().map(|r| widened * r).collect();
    Design {
        name: "public residuals".to_owned(),
        features: column(n),
        samples: column(d),
        law: fit.parameters,
        groups: None,
        errors: Box::new(move |rng| {
            residuals.iter().map(|r| if rng.random::<bool>() { *r } else { -r }).collect()
        }),
    }
}

/// Runs, an even number, of some checkpoints each, which share most of their error.
pub(crate) fn checkpoints(runs: i32, each: i32) -> Design {
    let half = runs / 2;
    let size = |k: i32| {
        let (run, at) = (k / each, f64::from(k % each + 1) / f64::from(each));
        (
            2e7 * 128f64.powf(f64::from(run % half) / f64::from(half - 1)),
            2e9 * 8f64.powi(run / half) * at,
        )
    };
    let (features, samples) = (0..runs * each).map(size).unzip();
    Design {
        name: format!("{runs} runs of {each} checkpoints"),
        features,
        samples,
        law: LAW,
        groups: Some((0..runs * each).map(|k| (k / each) as usize).collect()),
        errors: Box::new(move |rng| {
            let run = |_| {
                let shared = 0.01 * normal(rng);
                (0..each).map(|_| shared + 0.001 * normal(rng)).collect::<Vec<f64>>()
            };
            (0..runs).flat_map(run).collect()
        }),
    }
}
