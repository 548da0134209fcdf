//! A plotters backend that writes SVG: tenths of a pixel under a view box, text as outlines, and
//! neighbours of one style joined into one path. The bytes depend on the figure alone.

use std::convert::Infallible;
use std::fmt::Write;

use plotters::drawing::IntoDrawingArea;
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::style::{FontDesc, FontFamily, FontTransform, RGBAColor, ShapeStyle, TextStyle};
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend,
};
use plotters_backend::{DrawingErrorKind, FontStyle};

use crate::backends::document::{self, DocumentInfo, Glyphs};
use crate::backends::scene::{HorizontalAnchor, Label, Position, Scene, Shape, VerticalAnchor};
use crate::backends::text::{self, Weight};
use crate::error::PlotError;
use crate::theme::Color;

/// Units of the view box per pixel: plotters' coordinates are whole numbers.
const UNITS: f64 = 10.0;

/// Draws a scene through plotters.
pub(crate) fn render(scene: &Scene, head: &DocumentInfo<'_>) -> Result<String, PlotError> {
    let mut body = SvgBody::default();
    let backend = SvgBackend {
        body: &mut body,
        size: (to_units(head.width) as u32, to_units(head.height) as u32),
    };
    let area = backend.into_drawing_area();
    for shape in &scene.shapes {
        match shape {
            Shape::Path { vertices, pen } => {
                let style =
                    shape_style(pen.color, 1.0).stroke_width(to_units(pen.width).max(1) as u32);
                area.draw(&PathElement::new(coordinates(vertices), style))
            }
            Shape::Area { vertices, color, opacity } => area
                .draw(&Polygon::new(coordinates(vertices), shape_style(*color, *opacity).filled())),
            Shape::Cell { rect, color } => {
                let corners =
                    [coordinate((rect.left, rect.top)), coordinate((rect.right, rect.bottom))];
                area.draw(&Rectangle::new(corners, shape_style(*color, 1.0).filled()))
            }
            Shape::Disc { center, radius, color } => area.draw(&Circle::new(
                coordinate(*center),
                to_units(*radius),
                shape_style(*color, 1.0).filled(),
            )),
            Shape::Text(label) => {
                area.draw(&Text::new(label.text.as_str(), coordinate(label.at), text_style(label)))
            }
        }
        .map_err(|error| PlotError::Backend(error.to_string()))?;
    }
    area.present().map_err(|error| PlotError::Backend(error.to_string()))?;
    drop(area);
    Ok(document::write(
        head,
        (to_units(head.width), to_units(head.height)),
        &body.glyphs,
        &body.svg,
    ))
}

fn to_units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn coordinate((x, y): Position) -> BackendCoord {
    (to_units(x), to_units(y))
}

fn coordinates(vertices: &[Position]) -> Vec<BackendCoord> {
    vertices.iter().copied().map(coordinate).collect()
}

fn rgba(color: Color, opacity: f64) -> RGBAColor {
    let (r, g, b) = color.rgb();
    RGBAColor(r, g, b, opacity)
}

fn shape_style(color: Color, opacity: f64) -> ShapeStyle {
    ShapeStyle::from(rgba(color, opacity))
}

fn text_style(label: &Label) -> TextStyle<'static> {
    let style = if label.weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal };
    let turn = if label.rotated { FontTransform::Rotate270 } else { FontTransform::None };
    let font = FontDesc::new(FontFamily::SansSerif, label.size * UNITS, style).transform(turn);
    let side = match label.side {
        HorizontalAnchor::Left => HPos::Left,
        HorizontalAnchor::Middle => HPos::Center,
        HorizontalAnchor::Right => HPos::Right,
    };
    let level = match label.level {
        VerticalAnchor::Top => VPos::Top,
        VerticalAnchor::Middle => VPos::Center,
        VerticalAnchor::Base => VPos::Bottom,
    };
    let (r, g, b) = label.color.rgb();
    let color = BackendColor { alpha: 1.0, rgb: (r, g, b) };
    TextStyle { font, color, pos: Pos::new(side, level) }
}

/// The SVG in progress: finished elements, the element being extended, and the glyphs in use.
#[derive(Default)]
struct SvgBody {
    svg: String,
    style: String,
    data: String,
    glyphs: Glyphs,
}

impl SvgBody {
    /// Adds path data, to the open element if the style is the same.
    fn add(&mut self, style: String, data: &str) {
        if style != self.style {
            self.flush();
            self.style = style;
        }
        self.data.push_str(data);
    }

    fn flush(&mut self) {
        if !self.data.is_empty() {
            let _ = writeln!(self.svg, r#"<path {} d="{}"/>"#, self.style, self.data);
        }
        self.data.clear();
    }
}

/// The plotters backend.
struct SvgBackend<'a> {
    body: &'a mut SvgBody,
    size: (u32, u32),
}

type DrawResult = Result<(), DrawingErrorKind<Infallible>>;

impl DrawingBackend for SvgBackend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> DrawResult {
        Ok(())
    }

    fn present(&mut self) -> DrawResult {
        self.body.flush();
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> DrawResult {
        self.body.add(fill(color), &format!("M{x} {y}h1v1h-1z"));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> DrawResult {
        let (color, opacity) = paint(style.color());
        let width = style.stroke_width();
        let attributes = format!(r#"fill="none" stroke="{color}" stroke-width="{width}"{opacity}"#);
        self.body.add(attributes, &path_data(path));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> DrawResult {
        self.draw_path([from, to], style)
    }

    /// Rectangles are the cells of heat maps: smoothed edges would leave seams between them.
    fn draw_rect<S: BackendStyle>(
        &mut self,
        (l, t): BackendCoord,
        (r, b): BackendCoord,
        style: &S,
        _fill: bool,
    ) -> DrawResult {
        let attributes = fill(style.color()) + r#" shape-rendering="crispEdges""#;
        self.body.add(attributes, &format!("M{l} {t}H{r}V{b}H{l}z"));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> DrawResult {
        self.body.add(fill(style.color()), &(path_data(path) + "z"));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        r: u32,
        style: &S,
        _fill: bool,
    ) -> DrawResult {
        let (left, across) = (x - r.cast_signed(), 2 * r);
        let data = format!("M{left} {y}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0z");
        self.body.add(fill(style.color()), &data);
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> DrawResult {
        self.body.flush();
        self.body.style.clear();
        let weight =
            if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular };
        let run = text::shape(text, weight);
        let start = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -run.width / 2.0,
            HPos::Right => -run.width,
        };
        let base = match style.anchor().v_pos {
            VPos::Top => text::CAPITAL,
            VPos::Center => text::CAPITAL / 2.0,
            VPos::Bottom => 0.0,
        };
        let turn =
            if matches!(style.transform(), FontTransform::Rotate270) { "rotate(-90)" } else { "" };
        let (color, _) = paint(style.color());
        let scale = style.size() / text::EM;
        let plain = document::escape(&run.plain);
        let _ = write!(
            self.body.svg,
            r#"<g transform="translate({x} {y}){turn}scale({scale:.4})" fill="{color}" aria-label="{plain}">"#
        );
        for glyph in &run.glyphs {
            self.glyph(*glyph, start, base);
        }
        self.body.svg.push_str("</g>\n");
        Ok(())
    }
}

impl SvgBackend<'_> {
    /// Refers to a glyph, and keeps its outline for the definitions; blanks need neither.
    fn glyph(&mut self, glyph: text::Glyph, start: f64, base: f64) {
        let key = (glyph.face, glyph.id);
        let outline =
            self.body.glyphs.entry(key).or_insert_with(|| text::outline(glyph.face, glyph.id));
        if outline.is_empty() {
            return;
        }
        let x = ((start + glyph.x) * text::EM).round() as i32;
        let y = ((base + glyph.y) * text::EM).round() as i32;
        let (face, id) = key;
        let _ = if glyph.scale == 1.0 {
            write!(self.body.svg, r##"<use xlink:href="#g{face}-{id}" x="{x}" y="{y}"/>"##)
        } else {
            let scale = glyph.scale;
            write!(
                self.body.svg,
                r##"<use xlink:href="#g{face}-{id}" transform="translate({x} {y})scale({scale})"/>"##
            )
        };
    }
}

fn paint(color: BackendColor) -> (String, String) {
    let (r, g, b) = color.rgb;
    let opacity =
        if color.alpha < 1.0 { format!(r#" opacity="{}""#, color.alpha) } else { String::new() };
    (format!("#{r:02x}{g:02x}{b:02x}"), opacity)
}

fn fill(color: BackendColor) -> String {
    let (color, opacity) = paint(color);
    format!(r#"fill="{color}"{opacity}"#)
}

/// Path data with relative whole coordinates; repeated places are left out.
fn path_data(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut data = String::new();
    let mut last: Option<BackendCoord> = None;
    let mut continued = false;
    for (x, y) in path {
        match last {
            None => {
                data.push('M');
                push_pair(&mut data, x, y, false);
            }
            Some(at) if at == (x, y) => {}
            Some(at) => {
                if !continued {
                    data.push('l');
                }
                push_pair(&mut data, x - at.0, y - at.1, continued);
                continued = true;
            }
        }
        last = Some((x, y));
    }
    data
}

/// Writes a pair; a minus sign separates by itself.
pub(crate) fn push_pair(data: &mut String, x: i32, y: i32, separate: bool) {
    let before_x = if separate && x >= 0 { " " } else { "" };
    let before_y = if y >= 0 { " " } else { "" };
    let _ = write!(data, "{before_x}{x}{before_y}{y}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_skip_repeats() {
        assert_eq!(path_data([(10, 20), (10, 20), (13, 15), (12, 15)]), "M10 20l3-5-1 0");
    }

    #[test]
    fn neighbours_of_one_style_share_an_element() {
        let mut body = SvgBody::default();
        body.add("fill=\"a\"".into(), "M0 0");
        body.add("fill=\"a\"".into(), "M1 1");
        body.add("fill=\"b\"".into(), "M2 2");
        body.flush();
        assert_eq!(body.svg.lines().count(), 2);
    }
}
