//! Text as outlines: a little TeX, the glyphs it needs, and their true extents.
//!
//! Labels look the same in every viewer because they are drawn from the fonts in this crate.
//! Between dollar signs Latin and small Greek letters are italic, `^` and `_` raise and lower, and
//! the usual commands (`\alpha`, `\times`, `\operatorname{rank}`, …) stand for their signs. Markup
//! that is not understood is shown as typed and never refused; a character in none of the fonts
//! becomes an empty box.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Units of the outlines per em.
pub(crate) const EM: f64 = 1000.0;
/// Height of a capital letter, in em: what a label is centred by.
pub(crate) const CAPITAL: f64 = 0.727;
/// Size of a superscript or subscript relative to its base.
const SCRIPT: f64 = 0.7;

/// How heavy a line of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Labels and numbers.
    Regular,
    /// Titles.
    Bold,
}

/// The fonts, by their place in [`FACES`].
const REGULAR: u8 = 0;
const ITALIC: u8 = 1;
const BOLD: u8 = 2;
const BOLD_ITALIC: u8 = 3;
const MATH: u8 = 4;

static FACES: LazyLock<[Face<'static>; 5]> = LazyLock::new(|| {
    let face = |bytes| Face::parse(bytes, 0).expect("the fonts in this crate are well formed");
    [
        face(include_bytes!("../../fonts/Inter-Regular.otf")),
        face(include_bytes!("../../fonts/Inter-Italic.otf")),
        face(include_bytes!("../../fonts/Inter-SemiBold.otf")),
        face(include_bytes!("../../fonts/Inter-SemiBoldItalic.otf")),
        face(include_bytes!("../../fonts/DejaVuSans-Math.ttf")),
    ]
});

/// One glyph of a line, at size 1 em, y downwards from the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Glyph {
    pub(crate) face: u8,
    pub(crate) id: u16,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) scale: f64,
}

/// A line of text, laid out at size 1 em.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Run {
    pub(crate) glyphs: Vec<Glyph>,
    /// The text without markup, for screen readers.
    pub(crate) plain: String,
    /// Sum of the advances.
    pub(crate) width: f64,
    /// Highest and lowest ink, y downwards from the baseline.
    pub(crate) top: f64,
    pub(crate) bottom: f64,
}

/// Lays out one line.
pub(crate) fn shape(text: &str, weight: Weight) -> Run {
    let mut run =
        Run { glyphs: Vec::new(), plain: String::new(), width: 0.0, top: 0.0, bottom: 0.0 };
    for symbol in crate::backends::markup::parse(text) {
        run.plain.push_str(symbol.before);
        run.plain.push(symbol.sign);
        run.plain.push_str(symbol.after);
        push(&mut run, symbol.sign, symbol.italic, weight, symbol.level);
    }
    run
}

/// Width of a line, in pixels.
pub(crate) fn width(text: &str, size: f64, weight: Weight) -> f64 {
    shape(text, weight).width * size
}

/// The size, at most the given one, at which a line fits into `room` pixels.
pub(crate) fn fit(text: &str, size: f64, weight: Weight, room: f64) -> f64 {
    let width = width(text, size, weight);
    if width > room && room > 0.0 { size * room / width } else { size }
}

fn push(run: &mut Run, sign: char, italic: bool, weight: Weight, level: i8) {
    let (face, id) = find(sign, italic, weight);
    let font = &FACES[usize::from(face)];
    let em = f64::from(font.units_per_em());
    let (scale, y) = match level {
        0 => (1.0, 0.0),
        l if l > 0 => (SCRIPT, -0.36),
        _ => (SCRIPT, 0.15),
    };
    // A raised sign after a slanted one would touch it.
    let after_italic =
        run.glyphs.last().is_some_and(|g| matches!(g.face, ITALIC | BOLD_ITALIC) && g.scale == 1.0);
    let x = run.width + if level > 0 && after_italic { 0.05 } else { 0.0 };
    if let Some(ink) = font.glyph_bounding_box(id) {
        run.top = run.top.min(y - scale * f64::from(ink.y_max) / em);
        run.bottom = run.bottom.max(y - scale * f64::from(ink.y_min) / em);
    }
    run.glyphs.push(Glyph { face, id: id.0, x, y, scale });
    run.width = x + scale * f64::from(font.glyph_hor_advance(id).unwrap_or(0)) / em;
}

/// The first font that has the sign; an empty box where none has.
fn find(sign: char, italic: bool, weight: Weight) -> (u8, GlyphId) {
    let first = match (italic, weight) {
        (true, Weight::Regular) => ITALIC,
        (true, Weight::Bold) => BOLD_ITALIC,
        (false, Weight::Bold) => BOLD,
        (false, Weight::Regular) => REGULAR,
    };
    [first, REGULAR, MATH]
        .into_iter()
        .find_map(|face| FACES[usize::from(face)].glyph_index(sign).map(|id| (face, id)))
        .unwrap_or((REGULAR, GlyphId(0)))
}

/// Outline of a glyph as SVG path data, 1000 units per em, y downwards.
pub(crate) fn outline(face: u8, id: u16) -> String {
    let font = &FACES[usize::from(face)];
    let mut path =
        PathData { data: String::new(), scale: EM / f64::from(font.units_per_em()), at: (0, 0) };
    font.outline_glyph(GlyphId(id), &mut path);
    path.data
}

/// Collects an outline with relative whole coordinates, the shortest notation.
struct PathData {
    data: String,
    scale: f64,
    at: (i32, i32),
}

impl PathData {
    fn round(&self, x: f32, y: f32) -> (i32, i32) {
        ((f64::from(x) * self.scale).round() as i32, (-f64::from(y) * self.scale).round() as i32)
    }

    fn command(&mut self, letter: char, points: &[(f32, f32)]) {
        let from = self.at;
        self.data.push(letter);
        for (k, &(x, y)) in points.iter().enumerate() {
            self.at = self.round(x, y);
            crate::backends::svg::push_pair(
                &mut self.data,
                self.at.0 - from.0,
                self.at.1 - from.1,
                k > 0,
            );
        }
    }
}

impl OutlineBuilder for PathData {
    fn move_to(&mut self, x: f32, y: f32) {
        self.at = self.round(x, y);
        self.data.push('M');
        crate::backends::svg::push_pair(&mut self.data, self.at.0, self.at.1, false);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.command('l', &[(x, y)]);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.command('q', &[(x1, y1), (x, y)]);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.command('c', &[(x1, y1), (x2, y2), (x, y)]);
    }
    fn close(&mut self) {
        self.data.push('z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_a_figure_needs_is_there() {
        let signs = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺₀₁₂₃αβγδεηθκλμνπρστφχψωΓΔΘΛΣΦΨΩ×≤≥∞∝√–—−·±≈≠→←∑∏∂∫∈≪≫⊗′";
        for sign in signs.chars() {
            assert_ne!(find(sign, false, Weight::Regular).1, GlyphId(0), "{sign} is in no font");
        }
    }

    #[test]
    fn unknown_sign_becomes_a_box_with_width() {
        let run = shape("語", Weight::Regular);
        assert_eq!(run.glyphs[0].id, 0);
        assert!(run.width > 0.3);
    }

    #[test]
    fn superscripts_rise_and_subscripts_fall() {
        let base = shape("$D$", Weight::Regular);
        assert!(shape("$D^{2}$", Weight::Regular).top < base.top);
        assert!(shape("$D_{2}$", Weight::Regular).bottom > base.bottom);
    }

    #[test]
    fn plain_text_keeps_the_meaning() {
        assert_eq!(
            shape(r"loss $\propto D^{-\alpha/\beta}$", Weight::Regular).plain,
            "loss ∝ D^(−α/β)"
        );
    }

    #[test]
    fn fitting_only_shrinks() {
        assert_eq!(fit("short", 12.0, Weight::Regular, 500.0), 12.0);
        let size = fit("a rather long axis label", 12.0, Weight::Regular, 60.0);
        assert!((width("a rather long axis label", size, Weight::Regular) - 60.0).abs() < 1e-9);
    }
}
