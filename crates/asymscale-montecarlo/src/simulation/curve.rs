//! The losses on one design, by each of the methods.

use super::{Method, Settings};
use crate::MonteCarloError;
use asymscale_model::SparseModel;
use asymscale_sampling::{Design, Key, TargetEnergies, TeacherLaw, Teachers};
use asymscale_solvers::{
    DesignSpectrum, Regression, SolverError, StochasticSpectrum, TeacherSpectrum,
    conditional_curve, explicit_curve,
};

/// What a method gives at each model size.
pub(super) struct Curve {
    pub(super) losses: Vec<f64>,
    pub(super) truncations: Vec<f64>,
    pub(super) probe_errors: Vec<f64>,
}

/// The losses on a design by `method`, which need not be that of the settings.
pub(super) fn curve(
    model: &SparseModel,
    design: &Design,
    settings: &Settings,
    method: Method,
    key: &Key,
) -> Result<Curve, MonteCarloError> {
    let regression = settings.regression;
    let none = vec![0.0; settings.features.len()];
    let draw_features = match method {
        Method::Iterative => return iterative(design, settings, key),
        Method::Averaged if !model.has_iid_teacher() => {
            return of_teacher(model, design, settings);
        }
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
    let key_of_teachers = key.label("teachers");
    let law = TeacherLaw::Gaussian;
    let teachers = Teachers::draw_for(model, design, settings.teachers, law, &key_of_teachers);
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

/// For a teacher of its own there is no order after the deterministic equivalent. Where that stops
/// is estimated from what the next order changes for an iid teacher, relatively.
fn of_teacher(
    model: &SparseModel,
    design: &Design,
    settings: &Settings,
) -> Result<Curve, MonteCarloError> {
    let (sizes, regression) = (settings.sizes(), settings.regression);
    let spectrum = TeacherSpectrum::new(design, &TargetEnergies::of(model, design))?;
    let losses = spectrum.averaged_curve(&sizes, regression)?;
    let mut truncations = Vec::with_capacity(sizes.len());
    for (n, loss) in sizes.iter().zip(&losses) {
        let corrected = spectrum.spectrum().corrected_loss(*n, regression)?;
        let equivalent = spectrum.spectrum().averaged_loss(*n, regression)?;
        let change = (corrected.loss / equivalent - 1.0).abs() + corrected.truncation / equivalent;
        // Nothing is left out of a loss of 0, or of one that is infinite.
        let exact = equivalent == 0.0 || *loss == f64::INFINITY;
        truncations.push(if exact { 0.0 } else { loss * change });
    }
    Ok(Curve { losses, truncations, probe_errors: vec![0.0; sizes.len()] })
}
