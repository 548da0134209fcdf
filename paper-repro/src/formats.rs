//! Further formats of the figures, beside their SVG: PNG for slides and PDF for papers, both made
//! of the SVG, so that they need no rows.

use crate::runner::{Context, Outcome, RunError};
use crate::{Chapter, Fingerprint, Preset, beside, files, whole};
use anyhow::Context as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Pixels of a PNG per pixel of the figure.
#[cfg(feature = "formats")]
const SHARPNESS: f32 = 2.0;

/// Whether this build can write anything but SVG.
const HAS_FORMATS: bool = cfg!(feature = "formats");

/// The formats that are written beside the SVG, which always is.
///
/// ```
/// use paper_repro::Formats;
/// assert_eq!("svg".parse(), Ok(Formats::default()));
/// assert!("svg,jpg".parse::<Formats>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Formats {
    png: bool,
    pdf: bool,
}

impl FromStr for Formats {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let mut formats = Self::default();
        for word in list.split(',') {
            match word {
                "svg" => {}
                "png" => formats.png = true,
                "pdf" => formats.pdf = true,
                _ => {
                    return Err(format!(
                        "--formats {list}: must be one or more of svg, png and pdf, with commas \
                         between"
                    ));
                }
            }
        }
        if HAS_FORMATS || !formats.is_any() {
            return Ok(formats);
        }
        Err(format!(
            "--formats {list}: this build writes svg alone; `cargo xtask repro` builds the others, \
             as does `cargo build --package paper-repro --features formats`"
        ))
    }
}

impl Formats {
    /// Whether anything is asked for beside the SVG.
    pub(crate) fn is_any(self) -> bool {
        self.png || self.pdf
    }

    /// Writes the formats of a drawing beside its file; says how many files these are.
    ///
    /// # Errors
    /// A drawing that is no SVG; a file that cannot be written.
    pub(crate) fn write(self, path: &Path, svg: &str) -> anyhow::Result<usize> {
        let mut written = 0;
        for (is_asked, ending) in [(self.png, "png"), (self.pdf, "pdf")] {
            if is_asked {
                let path = path.with_extension(ending);
                whole::write(&path, &drawing(ending, svg)?)?;
                written += 1;
            }
        }
        Ok(written)
    }
}

/// A drawing in another format.
#[cfg(feature = "formats")]
fn drawing(ending: &str, svg: &str) -> anyhow::Result<Vec<u8>> {
    let drawn = match ending {
        "png" => asymscale_plots::png(svg, SHARPNESS),
        _ => asymscale_plots::pdf(svg),
    };
    Ok(drawn?)
}

/// What no such build is asked for: `FromStr` has refused it.
#[cfg(not(feature = "formats"))]
fn drawing(ending: &str, _svg: &str) -> anyhow::Result<Vec<u8>> {
    anyhow::bail!("this build writes no {ending}")
}

/// Writes the formats of figures that are drawn and fresh, from their SVG, and computes nothing;
/// `None`, with nothing written, if nothing but SVG is asked for or a figure is missing or stale.
///
/// # Errors
/// As [`Formats::write`].
pub(crate) fn of_fresh(context: &Context) -> Result<Option<Outcome>, RunError> {
    let folder = files::figures(context);
    let fresh = |chapter: &Chapter| fresh_figures(chapter, context.preset, &folder);
    let figures: Option<Vec<Vec<PathBuf>>> = context.chapters.iter().map(fresh).collect();
    let Some(figures) = figures.filter(|_| context.formats.is_any()) else { return Ok(None) };
    let (mut figures, mut written) = (figures.concat(), 0);
    figures.sort();
    for path in &figures {
        let svg = whole::read(path).with_context(|| path.display().to_string())?;
        written += context.formats.write(path, &svg)?;
    }
    println!(
        "the figures are fresh: nothing computed, {written} files written into {}",
        folder.display()
    );
    Ok(Some(Outcome::Done))
}

/// The drawings of a chapter, if there are some and all were made by the code as it is at this
/// preset.
fn fresh_figures(chapter: &Chapter, preset: Preset, folder: &Path) -> Option<Vec<PathBuf>> {
    let own = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(chapter.id) && name.ends_with(".svg")
    };
    let paths = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let drawn: Vec<PathBuf> = paths.filter(own).collect();
    let code = Fingerprint::of_figures(chapter).value;
    let is_fresh = |path: &PathBuf| {
        let facts = beside::read(&path.with_extension("json")).ok().flatten().unwrap_or_default();
        facts["preset"] == preset.to_string().as_str()
            && facts["figures"]["fingerprint"] == code.as_str()
    };
    (!drawn.is_empty() && drawn.iter().all(is_fresh)).then_some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_or_refused_in_words() {
        assert_eq!("svg".parse(), Ok(Formats::default()));
        for list in ["", "jpg", "png,", "PNG", "svg png"] {
            let message = list.parse::<Formats>().unwrap_err();
            assert!(message.starts_with(&format!("--formats {list}: must be one")), "{message}");
        }
        let both = "svg,png,pdf".parse::<Formats>();
        if HAS_FORMATS {
            assert_eq!(both, Ok(Formats { png: true, pdf: true }));
        } else {
            assert!(both.unwrap_err().contains("this build writes svg alone"));
        }
    }
}
