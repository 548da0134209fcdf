//! The bytes of one small figure, so that no change of the drawing goes unseen.

use asymscale_plots::{Axis, Color, Figure, Line, Panel, Points, Reference};

#[test]
fn small_figure() {
    let panel = Panel::new("decay", Axis::log("$D$", ""), Axis::log("loss", ""))
        .with(Line {
            name: "theory".into(),
            points: vec![(1.0, 1.0), (1e4, 0.01)],
            ..Line::default()
        })
        .with(Points {
            name: "simulation".into(),
            points: vec![(10.0, 0.3), (1000.0, 0.04)],
            intervals: vec![(0.2, 0.5), (0.03, 0.05)],
            color: Color::Series(0),
            ..Points::default()
        })
        .with(Reference::vertical(100.0, r"$D_\times$"));
    let figure = Figure {
        title: "Decay".into(),
        description: "Loss falls as the square root of the samples.".into(),
        panels: vec![panel],
        width: 300.0,
        height: 220.0,
        metadata: vec![("seed".into(), "1".into())],
        ..Figure::default()
    };
    insta::assert_snapshot!(figure.to_svg().unwrap());
}
