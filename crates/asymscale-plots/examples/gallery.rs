//! Writes one figure of every kind to a folder: `gallery FOLDER`.

use std::error::Error;
use std::path::Path;

use asymscale_plots::{
    Axis, Band, Bars, Color, ColorMap, Contours, Dash, Figure, Grid, Heat, Legend, Line, Marker,
    Note, Panel, Points, Reference, Scale,
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: gallery FOLDER")?;
    for (name, figure) in gallery() {
        std::fs::write(Path::new(&folder).join(format!("{name}.svg")), figure.to_svg()?)?;
    }
    Ok(())
}

/// The figures and the names of their files.
pub(crate) fn gallery() -> Vec<(&'static str, Figure)> {
    vec![
        ("two-panels", two_panels()),
        ("heat-map", heat_map()),
        ("series", series()),
        ("edges", edges()),
        ("grid-of-panels", grid_of_panels()),
    ]
}

/// Values at equal ratios.
fn log_space(low: f64, high: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| low * (high / low).powf(k as f64 / (count - 1) as f64)).collect()
}

fn curve(x: &[f64], f: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    x.iter().map(|&x| (x, f(x))).collect()
}

/// A wobble between −1 and 1 in place of noise, so that the gallery is the same every time.
fn wobble(k: usize) -> f64 {
    (12.9898 * (k as f64 + 1.0)).sin()
}

/// A curve that peaks at `r` and settles at its floor.
fn descent(n: f64, r: f64) -> f64 {
    if n < r { n.powf(-0.8) / (1.0 - n / r) } else { 0.02 + r.powf(-0.8) * r / (n - r) }
}

fn descent_panel(title: &str, r: f64, series: usize) -> Panel {
    let n = log_space(4.0, 4096.0, 400);
    let few = log_space(6.0, 3000.0, 17);
    let points: Vec<(f64, f64)> = few
        .iter()
        .enumerate()
        .map(|(k, &n)| (n, descent(n, r) * (0.12 * wobble(k)).exp()))
        .collect();
    let spread = |k: usize, y: f64| (y * (0.82 - 0.1 * wobble(k + 5).abs()), y * 1.25);
    let intervals = points.iter().enumerate().map(|(k, &(_, y))| spread(k, y)).collect();
    let color = Color::Series(series);
    Panel::new(
        title,
        Axis::log("features $N$", ""),
        Axis::log("population loss", "").range(8e-3, 6.0),
    )
    .with(Line { name: "theory".into(), points: curve(&n, |n| descent(n, r)), ..Line::default() })
    .with(Points {
        name: "simulation, 95 % interval".into(),
        points,
        intervals,
        color,
        ..Points::default()
    })
    .with(Reference::vertical(r, r"$N = \operatorname{rank} X$"))
    .with(Reference { dash: Dash::Dotted, ..Reference::vertical(512.0, "$N = D$") })
}

fn two_panels() -> Figure {
    Figure {
        title: "Double descent".into(),
        description: "Loss against features; the peak lies at the rank of the design.".into(),
        heading: true,
        panels: vec![
            descent_panel(r"sparse, $\beta = 1.5$", 90.0, 0),
            descent_panel("dense", 511.0, 1),
        ],
        columns: 2,
        width: 960.0,
        height: 400.0,
        metadata: vec![("chapter".into(), "gallery".into()), ("seed".into(), "1".into())],
    }
}

fn heat_map() -> Figure {
    let ridge =
        |n: f64, d: f64| 0.5 * n.powf(-0.5) / (1.0 + (4.0 * (n / d.powf(0.7)).ln()).powi(2));
    let loss = |d: f64, n: f64| n.powf(-0.9) + d.powf(-0.55) + ridge(n, d);
    let x = log_space(1.0, 1e6, 61);
    let y = log_space(1.0, 1e6, 61);
    let grid = Grid::from_fn(x.clone(), y.clone(), loss);
    let gappy = Grid::from_fn(x, y, |d, n| if d > 1e5 && n < 1e2 { f64::NAN } else { loss(d, n) });
    let colors = Axis::log("population loss", "");
    let levels = vec![1e-3, 1e-2, 0.1, 1.0];
    let panel = Panel::new("", Axis::log("samples $D$", ""), Axis::log("features $N$", ""))
        .with(Heat { grid: gappy, colors, ..Heat::default() })
        .with(Contours { grid, levels, ..Contours::default() })
        .with(Line {
            name: r"threshold $N = \operatorname{rank} X$".into(),
            points: curve(&log_space(1.0, 1e6, 2), |d| d.powf(0.7)),
            color: Color::Rgb(255, 255, 255),
            dash: Dash::Dashed,
            ..Line::default()
        })
        .with(Note { text: "starved of samples".into(), at: (400.0, 2e5), color: Color::Ink });
    Figure {
        title: "Phase diagram".into(),
        panels: vec![panel],
        width: 620.0,
        height: 460.0,
        ..Figure::default()
    }
}

fn series() -> Figure {
    let x = log_space(10.0, 1e5, 60);
    let mut panel = Panel::new(
        r"$L \propto D^{-\alpha/\max(1,\beta)}$",
        Axis::log("samples $D$", ""),
        Axis::log("population loss", ""),
    )
    .legend(Legend::Right);
    for (i, beta) in [0.5, 1.0, 1.5, 2.0, 3.0, 4.0].into_iter().enumerate() {
        let law = move |d: f64| 3.0 * d.powf(-1.0 / f64::max(1.0, beta)) * (1.0 + 0.2 * i as f64);
        let name = format!(r"$\beta = {beta}$");
        let dash = [Dash::Solid, Dash::Dashed, Dash::DashDot, Dash::Dotted][i % 4];
        let color = Color::Series(i);
        let points = log_space(20.0, 5e4, 8)
            .iter()
            .enumerate()
            .map(|(k, &d)| (d, law(d) * (0.1 * wobble(k + i)).exp()))
            .collect();
        let nodes = x.iter().map(|&d| (d, 0.8 * law(d), 1.25 * law(d))).collect();
        panel = panel
            .with(Band { nodes, color, ..Band::default() })
            .with(Line {
                name: name.clone(),
                points: curve(&x, law),
                color,
                dash,
                ..Line::default()
            })
            .with(Points {
                name,
                points,
                color,
                marker: Marker::series(i),
                filled: i % 2 == 0,
                ..Points::default()
            });
    }
    Figure {
        title: "Slopes".into(),
        panels: vec![panel],
        width: 640.0,
        height: 420.0,
        ..Figure::default()
    }
}

/// Values that an axis cannot show, all at once.
fn edges() -> Figure {
    let panel = Panel::new(
        "values off the axes",
        Axis::log("x", "s").range(1.0, 30.0),
        Axis::log("y", "m/s").range(0.1, 5.0),
    )
    .with(Line {
        name: "line with a gap and ∞".into(),
        points: vec![
            (1.0, 1.0),
            (2.0, 0.5),
            (3.0, f64::NAN),
            (4.0, 0.4),
            (6.0, f64::INFINITY),
            (8.0, 0.5),
            (12.0, 0.0),
            (20.0, 0.4),
            (40.0, 0.4),
        ],
        ..Line::default()
    })
    .with(Points {
        name: "points beyond".into(),
        points: vec![
            (1.5, 2.0),
            (2.5, 1e6),
            (5.0, -3.0),
            (10.0, 1.5),
            (15.0, 0.2),
            (f64::NAN, 1.0),
            (50.0, 1.0),
        ],
        intervals: vec![
            (1.2, 3.0),
            (1.0, 2.0),
            (f64::NAN, 1.0),
            (-1.0, 2.2),
            (0.15, 90.0),
            (1.0, 1.0),
            (1.0, 1.0),
        ],
        color: Color::Series(1),
        marker: Marker::Diamond,
        ..Points::default()
    })
    .with(Reference::horizontal(1.0, "unit"))
    .with(Line { name: "empty".into(), color: Color::Series(3), ..Line::default() })
    .with(Note { text: "a remark moved inwards".into(), at: (30.0, 0.1), color: Color::Ink });
    Figure { title: "Edges".into(), panels: vec![panel], ..Figure::default() }
}

fn grid_of_panels() -> Figure {
    let bars = Bars {
        name: "counts".into(),
        bars: (0..12)
            .map(|k| {
                (
                    f64::from(k),
                    f64::from(k + 1),
                    40.0 * (-0.3 * f64::from(k)).exp() + 2.0 * wobble(k as usize),
                )
            })
            .collect(),
        ..Bars::default()
    };
    let histogram =
        Panel::new("a histogram", Axis::linear("bin", ""), Axis::linear("count", "")).with(bars);
    let x: Vec<f64> = (0..=40).map(|k| f64::from(k) / 20.0 - 1.0).collect();
    let surface = Panel::new("a linear map", Axis::linear("$u$", "m"), Axis::linear("$v$", "m"))
        .with(Heat {
            grid: Grid::from_fn(x.clone(), x.clone(), |u, v| u * v),
            colors: Axis::linear("$u v$", "m²"),
            map: ColorMap::Diverging(0.0),
        })
        .with(Contours {
            grid: Grid::from_fn(x.clone(), x, |u, v| u * v),
            levels: vec![-0.5, -0.2, 0.0, 0.2, 0.5],
            scale: Scale::Linear,
            ..Contours::default()
        });
    let wide =
        Panel::new("thirty decades", Axis::log("$C$", "FLOP"), Axis::linear("share $U/L$", ""))
            .with(Line {
                name: "share".into(),
                points: curve(&log_space(1.0, 1e30, 200), |c| 1.0 / (1.0 + 1e12 / c)),
                color: Color::Series(2),
                ..Line::default()
            });
    let narrow = Panel::new("a short range", Axis::log("$\\eta$", ""), Axis::log("time", "s"))
        .with(Points {
            points: curve(&log_space(0.2, 0.9, 9), |e| 1.2e-7 * e.sqrt()),
            marker: Marker::Cross,
            color: Color::Series(0),
            name: "measured".into(),
            ..Points::default()
        });
    Figure {
        title: "Four panels".into(),
        panels: vec![histogram, surface, wide, narrow],
        columns: 2,
        width: 900.0,
        height: 680.0,
        ..Figure::default()
    }
}
