//! The page in a real browser: sliders, simulations, addresses, a server that is lost.

use crate::chromium::{Window, installed};
use crate::served::Served;

/// Moves a slider to a place, as a reader does.
const MOVE: &str = "
window.moveTo = (name, at) => {
  const slider = document.getElementById(`${name}-slider`);
  slider.value = String(Math.round(at * Number(slider.max)));
  slider.dispatchEvent(new Event('input', { bubbles: true }));
};
";

fn opened(served: &Served, window: &mut Window, query: &str) {
    window.go(&format!("{}{query}", served.url()));
    window.wait("document.readyState === 'complete' && document.body.dataset.loss !== undefined");
    window.ask(MOVE);
}

fn number(window: &mut Window, name: &str) -> f64 {
    let text = window.ask(&format!("document.body.dataset.{name}"));
    text.as_str().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

#[test]
fn a_slider_moves_the_number_and_the_address_keeps_it() {
    let Some(browser) = installed() else { return };
    let (served, mut window) = (Served::new(&[]), Window::open(&browser));
    opened(&served, &mut window, "");
    window.wait("rested()");
    let first = number(&mut window, "loss");
    window.ask("moveTo('features', 0.9)");
    window.wait("rested() && location.search.includes('features=')");
    let wide = number(&mut window, "loss");
    assert!(wide < 0.9 * first, "{wide} after {first}");
    let told = served
        .json(&format!("/api/answer?features={}", window.ask("state.features").as_str().unwrap()));
    assert_eq!(told["numbers"][0]["value"].as_f64(), Some(wide));

    // Every figure is there, named for a screen reader; every control has a name.
    let names = window.ask("[...document.querySelectorAll('figure')].map(f => f.id).join()");
    for name in ["loss-n", "loss-d", "instability", "training", "frontier", "isoflop"] {
        assert!(names.as_str().unwrap().contains(name), "{names}");
    }
    let unnamed = "[...document.querySelectorAll('input, select, button, svg')].filter(e => \
        !(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.textContent.trim()).length";
    assert_eq!(window.ask(unnamed), 0);
    window.wait("document.getElementById('spoken').textContent.includes('Population loss')");

    window.reload();
    window.wait("document.body.dataset.loss !== undefined && rested()");
    assert_eq!(number(&mut window, "loss"), wide);

    // The arrow keys of a slider do what the mouse does.
    window.ask("document.getElementById('beta-slider').focus()");
    for kind in ["keyDown", "keyUp"] {
        let key = serde_json::json!({ "type": kind, "key": "ArrowRight", "code": "ArrowRight",
            "windowsVirtualKeyCode": 39 });
        window.call("Input.dispatchKeyEvent", &key);
    }
    window.wait("state.beta === '1.55' && rested()");

    // Bad input is told at its field, and no number is shown.
    window.ask(
        "{ const field = document.getElementById('noise'); field.value = '-1'; \
        field.dispatchEvent(new Event('input')); }",
    );
    window.wait("document.getElementById('noise').getAttribute('aria-invalid') === 'true'");
    let shown = window.ask("document.getElementById('loss-value').textContent");
    assert_eq!(shown, "not known");
}

#[test]
fn designs_are_laid_over_the_lines() {
    let Some(browser) = installed() else { return };
    let (served, mut window) = (Served::new(&[]), Window::open(&browser));
    opened(&served, &mut window, "?samples=64&features=20");
    window.ask("document.getElementById('simulate').click()");
    window.wait("document.body.dataset.simulated && rested()");
    let lines = window.ask("latest.loss.figures[0].lines.map(line => line.name).join()");
    assert!(lines.as_str().unwrap().contains("simulated designs"), "{lines}");
    let said = window.ask("document.getElementById('simulated').textContent");
    assert!(said.as_str().unwrap().contains("asymscale simulate"), "{said}");

    // They are there after a reload too.
    window.reload();
    window.wait("document.body.dataset.simulated && rested()");
    assert_eq!(window.ask("latest.loss.figures[0].lines.map(line => line.name).join()"), lines);
}

#[test]
fn a_lost_server_is_said_and_found_again() {
    let Some(browser) = installed() else { return };
    let mut window = Window::open(&browser);
    let served = Served::new(&[]);
    let port = served.port;
    opened(&served, &mut window, "");
    window.wait("rested()");
    drop(served);
    window.ask("moveTo('alpha', 0.8)");
    window.wait("document.body.dataset.lost && !document.getElementById('lost').hidden");
    let served = Served::new(&["--port", &port.to_string()]);
    window.wait("!document.body.dataset.lost && document.getElementById('lost').hidden");
    window.wait("rested()");
    let told = served.json("/api/answer?alpha=2.4");
    assert_eq!(window.ask("state.alpha"), "2.4");
    assert_eq!(told["numbers"][0]["value"].as_f64(), Some(number(&mut window, "loss")));
}

/// Nothing is wider than the window, in either scheme of colours, on a desk and on a phone.
#[test]
fn the_page_fits_its_window() {
    let Some(browser) = installed() else { return };
    let (served, mut window) = (Served::new(&[]), Window::open(&browser));
    for (size, scheme) in
        [((1200, 900), "light"), ((1200, 900), "dark"), ((400, 800), "light"), ((400, 800), "dark")]
    {
        window.look(size, scheme);
        opened(&served, &mut window, "");
        window.wait("rested()");
        let over = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert!(window.ask(over).as_f64().unwrap() <= 0.0, "{size:?} {scheme}");
        let background = window.ask("getComputedStyle(document.body).backgroundColor");
        let is_dark = background.as_str().unwrap().contains("22, 24, 27");
        assert_eq!(is_dark, scheme == "dark", "{background}");
    }
}

/// How long a reader waits for the number after random moves, by the browser's own clock. Told, not
/// held to a bound: it depends on the machine.
#[test]
fn random_moves_are_timed() {
    let Some(browser) = installed() else { return };
    let (served, mut window) = (Served::new(&[]), Window::open(&browser));
    opened(&served, &mut window, "");
    window.wait("rested()");
    window.ask(
        "{ let seed = 1;
        window.random = () => (seed = (48271 * seed) % 2147483647) / 2147483647; }
        window.moveAtRandom = () => {
            const names = ['alpha', 'beta', 'onset', 'features', 'samples', 'ridge', 'noise'];
            const before = version;
            delete document.body.dataset.took;
            while (version === before) moveTo(names[Math.floor(random() * names.length)], random());
        };",
    );
    let mut took: Vec<f64> = (0..60)
        .map(|_| {
            window.ask("moveAtRandom()");
            window.wait("document.body.dataset.took");
            number(&mut window, "took")
        })
        .collect();
    took.sort_by(f64::total_cmp);
    assert!(took[0] > 0.0 && took[59].is_finite(), "{took:?}");
    let at = |share: f64| took[(share * 59.0).round() as usize];
    println!(
        "a moved slider is answered in {:.0} ms (median), {:.0} ms (95th percentile)",
        at(0.5),
        at(0.95)
    );
}
