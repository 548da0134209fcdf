//! PNG from SVG, for places that show no SVG.

use resvg::{tiny_skia, usvg};

use crate::error::PlotError;

/// Rasterises a figure; `scale` is pixels per pixel of the figure, in (0, 16].
///
/// The SVG carries its text as outlines, so no font is looked up anywhere.
///
/// # Errors
/// A scale outside (0, 16]; text that is no SVG; a picture too large for memory.
///
/// ```
/// use asymscale_plots::{Axis, Figure, Line, Panel, png};
/// let panel = Panel::new("", Axis::log("$N$", ""), Axis::log("loss", ""))
///     .with(Line { points: vec![(1.0, 1.0), (100.0, 0.1)], ..Line::default() });
/// let svg = Figure { panels: vec![panel], ..Figure::default() }.to_svg()?;
/// assert!(png(&svg, 2.0)?.starts_with(b"\x89PNG"));
/// # Ok::<(), asymscale_plots::PlotError>(())
/// ```
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PlotError> {
    let failed = |reason: String| PlotError::Png { scale, reason };
    if !(scale > 0.0 && scale <= 16.0) {
        return Err(failed("the scale must lie in (0, 16]".into()));
    }
    let tree =
        usvg::Tree::from_str(svg, &usvg::Options::default()).map_err(|e| failed(e.to_string()))?;
    let side = |length: f32| (length * scale).ceil() as u32;
    let (width, height) = (side(tree.size().width()), side(tree.size().height()));
    let mut map = tiny_skia::Pixmap::new(width, height)
        .ok_or_else(|| failed(format!("no room for {width} x {height}")))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut map.as_mut());
    map.encode_png().map_err(|e| failed(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_follows_the_scale() {
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"/>"#;
        let bytes = png(svg, 2.0).unwrap();
        assert_eq!(&bytes[1..4], b"PNG");
        // Width and height are the first eight bytes of the header chunk.
        assert_eq!(bytes[16..24], [0, 0, 0, 60, 0, 0, 0, 40]);
    }

    #[test]
    fn bad_scale_is_named() {
        let message = png("<svg/>", 0.0).unwrap_err().to_string();
        assert_eq!(message, "PNG at scale 0: the scale must lie in (0, 16]");
    }
}
