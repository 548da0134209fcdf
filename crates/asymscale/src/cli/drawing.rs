//! Figures in files: the kind is told by the extension.

use super::Failure;
use super::files::{check_writable, save};
use asymscale_plots::{Figure, pdf, png};
use std::path::Path;

/// Pixels of a PNG per pixel of the figure.
const SHARPNESS: f32 = 2.0;

/// Refuses a file of a figure that could not be written, before any work.
pub(crate) fn check(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    if kind(path).is_none() {
        return Err(Failure::input(format!(
            "--plot {}: must end in .svg, .png or .pdf",
            path.display()
        )));
    }
    check_writable("plot", path)
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
    save("plot", path, &bytes)
}

fn kind(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?;
    ["svg", "png", "pdf"].into_iter().find(|known| extension.eq_ignore_ascii_case(known))
}
