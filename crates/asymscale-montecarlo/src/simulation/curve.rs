//! The losses on one design, by each of the methods.

use super::{Method, Settings};
use crate::MonteCarloError;
use asymscale_sampling::{Design, Key, TeacherLaw, Teachers};
use asymscale_solvers::{
    DesignSpectrum, Regression, SolverError, StochasticSpectrum, conditional_curve, explicit_curve,
};

/// What a method gives at each model size.
pub(super) struct Curve {
    pub(super) losses: Vec<f64>,
    pub(super) truncations: Vec<f64>,
    pub(super) probe_errors: Vec<f64>,
}

/// The losses on a design by `method`, which need not be that of the settings.
pub(super) fn curve(
    design: &Design,
    settings: &Settings,
    method: Method,
    key: &Key,
) -> Result<Curve, MonteCarloError> {
    let regression = settings.regression;
    let none = vec![0.0; settings.features.len()];
    let draw_features = match method {
        Method::Iterative => return iterative(design, settings, key),
        Method::Averaged => {
            let spectrum = decomposed(design, regression)?;
            let curve = spectrum.corrected_curve(&settings.sizes(), regression)?;
            let (losses, truncations) = curve.iter().map(|at| (at.loss, at.truncation)).unzip();
            return Ok(Curve { losses, truncations, probe_errors: none });
        }
        Method::Explicit => explicit_curve,
        Method::Conditional => conditional_curve,
    };
    // What draws features has been refused infinitely many.
    let sizes: Vec<usize> = settings.features.iter().filter_map(|size| size.finite()).collect();
    let teachers = teachers(design, settings, key);
    let drawn = draw_features(design, &teachers, &sizes, regression, &key.label("features"))?;
    Ok(Curve { losses: drawn.teacher_means(), truncations: none.clone(), probe_errors: none })
}

/// A decomposition that is right for what is asked of it.
pub(crate) fn decomposed(
    design: &Design,
    regression: Regression,
) -> Result<DesignSpectrum, SolverError> {
    if regression.noise() > 0.0 {
        DesignSpectrum::for_noise(design)
    } else {
        DesignSpectrum::new(design)
    }
}

fn iterative(design: &Design, settings: &Settings, key: &Key) -> Result<Curve, MonteCarloError> {
    let spectrum = StochasticSpectrum::new(design, settings.probes, &key.label("probes"))?;
    let curve = spectrum.corrected_curve(&settings.sizes(), settings.regression)?;
    Ok(Curve {
        losses: curve.iter().map(|estimate| estimate.loss).collect(),
        truncations: curve.iter().map(|estimate| estimate.truncation).collect(),
        probe_errors: curve.iter().map(|estimate| estimate.standard_error).collect(),
    })
}

fn teachers(design: &Design, settings: &Settings, key: &Key) -> Teachers {
    Teachers::draw(design, settings.teachers, TeacherLaw::Gaussian, &key.label("teachers"))
}
