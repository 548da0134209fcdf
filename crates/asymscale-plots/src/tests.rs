//! Structure of whole figures: every label on the canvas and off its neighbours, legends off the
//! data, the same bytes twice, and no value that stops a figure.

use crate::backends::scene::{Rect, Shape};
use crate::{
    Axis, Band, Bars, Contours, Figure, Grid, Heat, Line, Panel, PlotError, Points, Reference,
    Scale,
};

#[expect(dead_code, reason = "its main is for the command line")]
#[path = "../examples/gallery.rs"]
mod gallery;

fn line(points: Vec<(f64, f64)>) -> Line {
    Line { name: "line".into(), points, ..Line::default() }
}

fn log_panel() -> Panel {
    Panel::new("panel", Axis::log("x", "s"), Axis::log("y", ""))
}

fn figure(panel: Panel) -> Figure {
    Figure { title: "title".into(), panels: vec![panel], ..Figure::default() }
}

#[test]
fn labels_stay_on_the_canvas() {
    for (name, mut figure) in gallery::gallery() {
        for scale in [0.75, 1.0, 1.6] {
            (figure.width, figure.height) = (figure.width * scale, figure.height * scale);
            let canvas = Rect::new(0.0, 0.0, figure.width, figure.height);
            for label in figure.scene().unwrap().labels() {
                assert!(
                    canvas.holds(&label.bounds()),
                    "{name} x {scale}: {:?} at {:?}",
                    label.text,
                    label.bounds()
                );
            }
            (figure.width, figure.height) = (figure.width / scale, figure.height / scale);
        }
    }
}

#[test]
fn labels_stay_apart() {
    for (name, figure) in gallery::gallery() {
        let scene = figure.scene().unwrap();
        let labels: Vec<_> = scene.labels().collect();
        for (k, one) in labels.iter().enumerate() {
            for other in &labels[..k] {
                assert!(
                    !one.bounds().overlaps(&other.bounds()),
                    "{name}: {:?} on {:?}",
                    one.text,
                    other.text
                );
            }
        }
    }
}

#[test]
fn long_labels_shrink_instead_of_being_cut() {
    let long = "a label far longer than any page is wide ".repeat(4);
    let panel =
        Panel::new(long.clone(), Axis::log(long.clone(), "s"), Axis::log(long.clone(), "s"));
    let panel = panel.with(line(vec![(1.0, 1.0), (10.0, 10.0)]));
    let figure = Figure { title: long, heading: true, ..figure(panel) };
    let canvas = Rect::new(0.0, 0.0, figure.width, figure.height);
    assert!(figure.scene().unwrap().labels().all(|label| canvas.holds(&label.bounds())));
}

#[test]
fn legend_keeps_off_points_where_a_corner_is_free() {
    // The data lie on a diagonal in either direction: the free corners differ.
    for rising in [true, false] {
        let points =
            (0..30).map(|k| (1.2f64.powi(k), 1.2f64.powi(if rising { k } else { -k }))).collect();
        let scene =
            figure(log_panel().with(Points { name: "data".into(), points, ..Points::default() }))
                .scene()
                .unwrap();
        let legend = scene.labels().find(|label| label.text == "data").unwrap().bounds();
        let sample = Rect::new(legend.left - 40.0, legend.top, legend.right, legend.bottom);
        let covered = scene.shapes.iter().filter(
            |shape| matches!(shape, Shape::Disc { center, .. } if sample.contains(*center)),
        );
        // The marker of the legend itself is three shapes at most: rim, fill, centre.
        assert!(covered.count() <= 3);
    }
}

#[test]
fn legend_goes_below_where_no_corner_is_free() {
    let nodes = vec![(1.0, 1.0, 10.0), (10.0, 1.0, 10.0)];
    let panel =
        Panel::new("", Axis::log("x", "").range(1.0, 10.0), Axis::log("y", "").range(1.0, 10.0));
    let scene =
        figure(panel.with(Band { name: "all".into(), nodes, ..Band::default() })).scene().unwrap();
    let legend = scene.labels().find(|label| label.text == "all").unwrap();
    let axis = scene.labels().find(|label| label.text == "x").unwrap();
    assert!(legend.bounds().top > axis.bounds().bottom);
}

#[test]
fn frames_of_a_row_line_up() {
    let one = log_panel().with(line(vec![(1.0, 1.0), (10.0, 10.0)]));
    let two = Panel::new("no caption", Axis::linear("", ""), Axis::linear("", ""))
        .with(line(vec![(0.0, 0.0), (1.0, 1e9)]));
    let figure = Figure { panels: vec![one, two], columns: 2, width: 900.0, ..Figure::default() };
    let scene = figure.scene().unwrap();
    let titles: Vec<_> = scene.labels().filter(|label| label.text.starts_with('(')).collect();
    assert_eq!(
        titles.iter().map(|t| t.text.as_str()).collect::<Vec<_>>(),
        ["(a) panel", "(b) no caption"]
    );
    assert_eq!(titles[0].at.1, titles[1].at.1);
}

#[test]
fn bytes_depend_on_the_figure_alone() {
    for (name, figure) in gallery::gallery() {
        let svg = figure.to_svg().unwrap();
        assert_eq!(svg, figure.to_svg().unwrap(), "{name}");
        assert!(svg.len() < 300_000, "{name}: {} bytes", svg.len());
        assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{name}");
    }
}

#[test]
fn metadata_and_texts_are_escaped() {
    let mut figure = figure(
        Panel::new("<b>", Axis::log("a & b", ""), Axis::log("\"q\"", ""))
            .with(line(vec![(1.0, 2.0)])),
    );
    figure.title = "a < b".into();
    figure.metadata = vec![("command".into(), "x > y & z --".into())];
    let svg = figure.to_svg().unwrap();
    assert!(
        svg.contains("<title>a &lt; b</title>") && svg.contains("command: x &gt; y &amp; z --\n")
    );
    assert!(
        svg.contains(r#"aria-label="&lt;b&gt;""#) && svg.contains(r#"aria-label="&quot;q&quot;""#)
    );
}

/// Values that break naive plotting code.
const ODD: [f64; 12] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    -1.0,
    5e-324,
    1e-300,
    1e308,
    -1e308,
    f64::MAX,
    1.0,
];

#[test]
fn no_value_stops_a_figure() {
    for scale in [Scale::Log, Scale::Linear] {
        for a in ODD {
            for b in ODD {
                let axis = Axis { label: "v".into(), scale, ..Axis::default() };
                let points = vec![(a, b), (b, a), (1.0, 1.0), (2.0, b)];
                let intervals = vec![(b, a), (a, b), (a, a), (b, 3.0)];
                let panel = Panel::new("odd", axis.clone(), axis.clone())
                    .with(line(points.clone()))
                    .with(Points { points, intervals, ..Points::default() })
                    .with(Band {
                        nodes: vec![(1.0, a, b), (2.0, b, a), (a, 1.0, b)],
                        ..Band::default()
                    })
                    .with(Bars { bars: vec![(a, b, 1.0), (1.0, 2.0, a)], ..Bars::default() })
                    .with(Reference::vertical(a, "a"))
                    .with(Reference::horizontal(b, "b"));
                let svg = figure(panel).to_svg().unwrap();
                assert!(!svg.contains("NaN"));
                let grid =
                    Grid { x: vec![1.0, 2.0], y: vec![1.0, 2.0], values: vec![a, b, 1.0, 2.0] };
                let map = Panel::new("odd map", axis.clone(), axis.clone())
                    .with(Heat { grid: grid.clone(), colors: axis, ..Heat::default() })
                    .with(Contours { grid, levels: vec![a, b, 1.5], scale, ..Contours::default() });
                figure(map).to_svg().unwrap();
            }
        }
    }
}

#[test]
fn empty_layers_are_fine_beside_data() {
    let panel = log_panel().with(line(vec![])).with(Points::default()).with(line(vec![(1.0, 1.0)]));
    assert!(figure(panel).to_svg().is_ok());
}

#[test]
fn faults_are_named() {
    let data = || line(vec![(1.0, 1.0), (2.0, 2.0)]);
    let message = |figure: Figure| figure.to_svg().unwrap_err().to_string();
    let no_data = "panel \"panel\": no finite data to draw (a log axis shows only values > 0)";
    assert_eq!(message(figure(log_panel())), no_data);
    assert_eq!(
        message(figure(log_panel().with(line(vec![(1.0, -1.0), (f64::NAN, 1.0)])))),
        no_data
    );
    assert_eq!(message(figure(log_panel().with(Reference::vertical(1.0, "only")))), no_data);
    assert_eq!(Figure::default().to_svg(), Err(PlotError::NoPanels));
    let columns = Figure { columns: 2, ..figure(log_panel().with(data())) };
    assert_eq!(
        message(columns),
        "columns = 2: must be a whole number in 1..=1, the number of panels"
    );
    let width = Figure { width: f64::NAN, ..figure(log_panel().with(data())) };
    assert_eq!(message(width), "width = NaN: must be in [120, 10000] pixels");
    let small = Figure { width: 120.0, height: 120.0, ..figure(log_panel().with(data())) };
    assert!(message(small).contains("at least 60 x 60 is needed"));
    let points = Points {
        name: "p".into(),
        points: vec![(1.0, 1.0)],
        intervals: vec![(1.0, 1.0); 2],
        ..Points::default()
    };
    let unequal = message(figure(log_panel().with(points)));
    assert_eq!(unequal, "panel \"panel\", layer \"p\": intervals has 2 entries, must have 1");
    let mut ranged = log_panel().with(data());
    ranged.y = ranged.y.range(0.0, 1.0);
    assert!(
        message(figure(ranged)).starts_with("panel \"panel\", y range = [0, 1]: must be finite")
    );
}
