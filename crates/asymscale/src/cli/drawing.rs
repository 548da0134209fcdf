//! Files that the command writes, and figures in them: the kind is told by the extension.

use super::Failure;
use asymscale_plots::{Figure, pdf, png};
use std::io::ErrorKind;
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

/// Refuses the file of a flag that could not be written, before any work: its folder must be there,
/// and the file be none.
pub(crate) fn check_writable(flag: &str, path: &Path) -> Result<(), Failure> {
    let refuse = |kind: ErrorKind| Err(Failure::input(unwritable(flag, path, kind)));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => refuse(ErrorKind::NotFound),
        _ if path.is_dir() => refuse(ErrorKind::IsADirectory),
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
    save("plot", path, &bytes)
}

fn kind(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?;
    ["svg", "png", "pdf"].into_iter().find(|known| extension.eq_ignore_ascii_case(known))
}

/// Writes the file of a flag; that it cannot be written after all is a failure of the work.
pub(crate) fn save(flag: &str, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure::work(unwritable(flag, path, error.kind())))
}

fn unwritable(flag: &str, path: &Path, kind: ErrorKind) -> String {
    format!("--{flag} {}: cannot be written ({kind})", path.display())
}
