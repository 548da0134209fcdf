//! PDF from SVG, for papers: the same outlines on one page.

use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Name, Pdf, Rect, Ref};
use resvg::usvg::tiny_skia_path::{PathSegment, Point};
use resvg::usvg::{self, FillRule, Group, Node, Paint, Path, Transform};

use crate::error::PlotError;

/// Points (1/72 inch) of a pixel (1/96 inch).
const POINTS: f32 = 0.75;

/// Objects of the file.
const CATALOG: i32 = 1;
const PAGES: i32 = 2;
const PAGE: i32 = 3;
const CONTENT: i32 = 4;

/// A figure as a page of its own size: a pixel of the figure is 1/96 inch.
///
/// For SVG as this crate writes it, which is paths of plain colours alone; anything else in an SVG
/// is left out. Text is outlines, so no font is needed anywhere.
///
/// ```
/// use asymscale_plots::{Axis, Figure, Line, Panel, pdf};
/// let panel = Panel::new("", Axis::log("$N$", ""), Axis::log("loss", ""))
///     .with(Line { points: vec![(1.0, 1.0), (100.0, 0.1)], ..Line::default() });
/// let page = pdf(&Figure { panels: vec![panel], ..Figure::default() }.to_svg()?)?;
/// assert!(page.starts_with(b"%PDF-"));
/// # Ok::<(), asymscale_plots::PlotError>(())
/// ```
///
/// # Errors
/// Text that is no SVG.
pub fn pdf(svg: &str) -> Result<Vec<u8>, PlotError> {
    let tree = usvg::Tree::from_str(svg, &usvg::Options::default())
        .map_err(|error| PlotError::Pdf(error.to_string()))?;
    let (width, height) = (POINTS * tree.size().width(), POINTS * tree.size().height());
    let mut page = Page { content: Content::new(), opacities: Vec::new() };
    // A page counts upwards from its lower edge.
    page.content.transform([POINTS, 0.0, 0.0, -POINTS, 0.0, height]);
    page.group(tree.root(), 1.0);
    Ok(page.finish(width, height))
}

/// A page in the making, and the opacities it uses.
struct Page {
    content: Content,
    opacities: Vec<f32>,
}

impl Page {
    fn group(&mut self, group: &Group, opacity: f32) {
        let opacity = opacity * group.opacity().get();
        for node in group.children() {
            match node {
                Node::Group(inner) => self.group(inner, opacity),
                Node::Path(path) => self.path(path, opacity),
                Node::Image(_) | Node::Text(_) => {}
            }
        }
    }

    fn path(&mut self, path: &Path, opacity: f32) {
        let at = path.abs_transform();
        if let Some((fill, Paint::Color(color))) = path.fill().map(|fill| (fill, fill.paint())) {
            self.opacity(opacity * fill.opacity().get());
            let [r, g, b] = share(*color);
            self.content.set_fill_rgb(r, g, b);
            self.outline(path, at);
            match fill.rule() {
                FillRule::NonZero => self.content.fill_nonzero(),
                FillRule::EvenOdd => self.content.fill_even_odd(),
            };
        }
        if let Some((stroke, Paint::Color(color))) =
            path.stroke().map(|stroke| (stroke, stroke.paint()))
        {
            self.opacity(opacity * stroke.opacity().get());
            let [r, g, b] = share(*color);
            self.content.set_stroke_rgb(r, g, b);
            self.content.set_line_width(stroke.width().get() * at.sx.hypot(at.ky));
            self.content
                .set_line_join(LineJoinStyle::RoundJoin)
                .set_line_cap(LineCapStyle::ButtCap);
            self.outline(path, at);
            self.content.stroke();
        }
    }

    fn outline(&mut self, path: &Path, at: Transform) {
        let place = |point: Point| {
            (at.sx * point.x + at.kx * point.y + at.tx, at.ky * point.x + at.sy * point.y + at.ty)
        };
        let mut last = Point::zero();
        for segment in path.data().segments() {
            match segment {
                PathSegment::MoveTo(end) => {
                    let (x, y) = place(end);
                    self.content.move_to(x, y);
                    last = end;
                }
                PathSegment::LineTo(end) => {
                    let (x, y) = place(end);
                    self.content.line_to(x, y);
                    last = end;
                }
                PathSegment::QuadTo(control, end) => {
                    let [first, second] = raised(last, control, end).map(place);
                    self.curve(first, second, place(end));
                    last = end;
                }
                PathSegment::CubicTo(first, second, end) => {
                    self.curve(place(first), place(second), place(end));
                    last = end;
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
    }

    fn curve(&mut self, first: (f32, f32), second: (f32, f32), end: (f32, f32)) {
        self.content.cubic_to(first.0, first.1, second.0, second.1, end.0, end.1);
    }

    fn opacity(&mut self, opacity: f32) {
        let known = self.opacities.iter().position(|known| *known == opacity);
        let at = known.unwrap_or_else(|| {
            self.opacities.push(opacity);
            self.opacities.len() - 1
        });
        self.content.set_parameters(Name(format!("o{at}").as_bytes()));
    }

    fn finish(self, width: f32, height: f32) -> Vec<u8> {
        let mut pdf = Pdf::new();
        pdf.catalog(Ref::new(CATALOG)).pages(Ref::new(PAGES));
        pdf.pages(Ref::new(PAGES)).kids([Ref::new(PAGE)]).count(1);
        let state = |at: usize| Ref::new(CONTENT + 1 + at as i32);
        let mut page = pdf.page(Ref::new(PAGE));
        page.parent(Ref::new(PAGES))
            .media_box(Rect::new(0.0, 0.0, width, height))
            .contents(Ref::new(CONTENT));
        let mut resources = page.resources();
        let mut states = resources.ext_g_states();
        for at in 0..self.opacities.len() {
            states.pair(Name(format!("o{at}").as_bytes()), state(at));
        }
        drop(states);
        drop(resources);
        drop(page);
        for (at, opacity) in self.opacities.iter().enumerate() {
            pdf.ext_graphics(state(at)).non_stroking_alpha(*opacity).stroking_alpha(*opacity);
        }
        pdf.stream(Ref::new(CONTENT), &self.content.finish());
        pdf.finish()
    }
}

/// Red, green and blue in [0, 1].
fn share(color: usvg::Color) -> [f32; 3] {
    [color.red, color.green, color.blue].map(|channel| f32::from(channel) / 255.0)
}

/// The controls of the cubic that is a quadratic curve.
fn raised(start: Point, control: Point, end: Point) -> [Point; 2] {
    let towards = |from: Point| {
        Point::from_xy(
            from.x + (control.x - from.x) * 2.0 / 3.0,
            from.y + (control.y - from.y) * 2.0 / 3.0,
        )
    };
    [towards(start), towards(end)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_where_the_picture_has_them() {
        let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 80 40">
            <path fill="#ff0000" opacity="0.5" d="M10 4h20v8z"/></svg>"##;
        let page = pdf(svg).unwrap();
        let text = String::from_utf8_lossy(&page);
        assert!(text.contains("/MediaBox [0 0 30 15]"), "{text}");
        assert!(
            text.contains("1 0 0 rg\n5 2 m\n15 2 l\n15 6 l\n") && text.contains("/ca 0.5"),
            "{text}"
        );
    }

    #[test]
    fn other_text_is_refused() {
        assert!(pdf("N,D,loss").unwrap_err().to_string().starts_with("PDF: "));
    }
}
