//! Figures in files: the kind is told by the extension.

use super::Failure;
use asymscale_plots::{Figure, pdf, png};
use std::fmt::Display;
use std::path::Path;

/// Pixels of a PNG per pixel of the figure.
const SHARPNESS: f32 = 2.0;

/// Refuses a file that could not be written, before any work.
pub(crate) fn check(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    if kind(path).is_none() {
        return Err(Failure::Input(format!(
            "--plot {}: must end in .svg, .png or .pdf",
            path.display()
        )));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => Err(unwritable(path, &std::io::ErrorKind::NotFound)),
        _ => Ok(()),
    }
}

/// Writes a figure.
pub(crate) fn write(path: &Path, figure: &Figure) -> Result<(), Failure> {
    let refused = |error: asymscale_plots::PlotError| Failure::Work(error.into());
    let svg = figure.to_svg().map_err(refused)?;
    let bytes = match kind(path) {
        Some("png") => png(&svg, SHARPNESS).map_err(refused)?,
        Some("pdf") => pdf(&svg).map_err(refused)?,
        _ => svg.into_bytes(),
    };
    std::fs::write(path, bytes).map_err(|error| unwritable(path, &error.kind()))
}

fn kind(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?;
    ["svg", "png", "pdf"].into_iter().find(|known| extension.eq_ignore_ascii_case(known))
}

fn unwritable(path: &Path, error: &dyn Display) -> Failure {
    Failure::Input(format!("--plot {}: cannot be written ({error})", path.display()))
}
