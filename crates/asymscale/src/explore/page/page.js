"use strict";
// The page of asymscale explore. It holds a state, asks for answers about it one at a time, and
// shows them. Numbers, sentences and figures are made by the server, or were made for an export.

const byId = id => document.getElementById(id);
const exported = window.asymscaleExport;

// --- Parameters ---------------------------------------------------------------------------------

const unique = list => [...new Set(list)];
const linear = (low, high, step) => {
  const count = Math.round((high - low) / step);
  return Array.from({ length: count + 1 }, (_, k) => String(Number((low + k * step).toFixed(4))));
};
const logarithmic = (low, high, each) => {
  const count = Math.round(each * Math.log10(high / low));
  const at = k => low * Math.pow(high / low, k / count);
  return unique(Array.from({ length: count + 1 }, (_, k) => String(Number(at(k).toPrecision(2)))));
};
const whole = (low, high, each) => unique(logarithmic(low, high, each).map(text => String(Math.round(text))));

const FIELDS = [
  { name: "alpha", group: "data-fields", label: "α, spectral exponent", first: "1", values: linear(0.1, 3, 0.05) },
  { name: "beta", group: "data-fields", label: "β, activity exponent", first: "1.5", values: linear(0, 4, 0.05) },
  { name: "onset", group: "data-fields", label: "c, onset of sparsity", first: "1", values: logarithmic(0.1, 1000, 20) },
  { name: "target-exponent", group: "data-fields", label: "b, source exponent", first: "",
    values: ["", ...linear(1.05, 5, 0.05)] },
  { name: "amplitude", group: "data-fields", label: "Amplitude", first: "gaussian", choices: ["gaussian", "rademacher"] },
  { name: "features", group: "size-fields", label: "N, features", first: "100", values: whole(1, 1e6, 24) },
  { name: "samples", group: "size-fields", label: "D, samples", first: "1000", values: whole(1, 1e6, 24) },
  { name: "ridge", group: "size-fields", label: "γ, ridge", first: "0", values: ["0", ...logarithmic(1e-6, 10, 10)] },
  { name: "noise", group: "size-fields", label: "σ², label noise", first: "0", values: ["0", ...logarithmic(1e-6, 10, 10)] },
  { name: "rate", group: "step-fields", label: "η, step size", first: "0.02", values: logarithmic(1e-3, 10, 20) },
  { name: "epochs", group: "step-fields", label: "K, passes", first: "1", values: whole(1, 1000, 12) },
  { name: "law-e", group: "law-fields", label: "E, what no size lowers", first: "1.7", values: linear(0, 10, 0.02) },
  { name: "law-a", group: "law-fields", label: "A, of A·N^−alpha", first: "400", values: logarithmic(1e-2, 1e6, 24) },
  { name: "law-alpha", group: "law-fields", label: "alpha, exponent in N", first: "0.34", values: linear(0.01, 1.5, 0.005) },
  { name: "law-b", group: "law-fields", label: "B, of B·D^−beta", first: "400", values: logarithmic(1e-2, 1e6, 24) },
  { name: "law-beta", group: "law-fields", label: "beta, exponent in D", first: "0.28", values: linear(0.01, 1.5, 0.005) },
];
if (exported) {
  for (const field of FIELDS) {
    if (exported.grid[field.name]) field.values = exported.grid[field.name].map(String);
    field.first = exported.first[field.name] ?? field.first;
  }
}
const shownFields = FIELDS.filter(field => !exported || exported.grid[field.name]);
const state = Object.fromEntries(FIELDS.map(field => [field.name, field.first]));

// The place on a slider that is nearest to a value.
function place(field, text) {
  const exact = field.values.indexOf(text);
  if (exact >= 0) return exact;
  const value = Number(text === "inf" ? Infinity : text);
  if (text === "" || Number.isNaN(value)) return 0;
  let best = 0, least = Infinity;
  field.values.forEach((other, at) => {
    const far = other === "" ? Infinity : Math.abs(Math.log((Number(other) + 1e-9) / (value + 1e-9)));
    if (far < least) { least = far; best = at; }
  });
  return value === Infinity ? field.values.length - 1 : best;
}

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") made.textContent = value; else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

function build() {
  for (const field of shownFields) {
    const row = element("div", { class: "field" });
    const label = element("label", { for: field.name, text: field.label });
    if (field.choices) {
      const options = field.choices.map(choice => element("option", { value: choice, text: choice }));
      field.text = element("select", { id: field.name }, ...options);
      row.append(label, field.text);
    } else {
      field.text = element("input", { id: field.name, type: "text", inputmode: "decimal",
        spellcheck: "false", "aria-describedby": `${field.name}-error` });
      field.slider = element("input", { type: "range", id: `${field.name}-slider`, min: "0",
        max: String(field.values.length - 1), step: "1", "aria-label": field.label });
      field.text.readOnly = Boolean(exported);
      if (field.first === "") field.text.placeholder = "1 + α";
      row.append(label, field.text, field.slider);
      field.slider.addEventListener("input", () => set(field, field.values[Number(field.slider.value)], "slider"));
    }
    field.error = element("p", { id: `${field.name}-error`, class: "error", hidden: "" });
    row.append(field.error);
    field.text.addEventListener("input", () => set(field, field.text.value.trim(), "text"));
    byId(field.group).append(row);
  }
  if (exported) {
    for (const id of ["simulate", "simulate-hint", "step-fields", "size-fields"]) byId(id).hidden = true;
    byId("grid-note").hidden = false;
    byId("grid-note").textContent = exported.note;
  }
}

function show(field, but) {
  if (but !== "text") field.text.value = state[field.name];
  if (!field.slider) return;
  if (but !== "slider") field.slider.value = String(place(field, state[field.name]));
  field.slider.setAttribute("aria-valuetext", state[field.name] === "" ? "as the spectrum" : state[field.name]);
}

function set(field, value, from) {
  if (state[field.name] === value) return;
  state[field.name] = value;
  show(field, from);
  changed();
}

const queryOf = all => {
  const query = new URLSearchParams();
  for (const field of FIELDS) {
    if (all || state[field.name] !== field.first) query.set(field.name, state[field.name]);
  }
  return query;
};

// The state is in the address, so that a reload or a friend finds it again.
let addressTimer = 0;
function keepAddress() {
  clearTimeout(addressTimer);
  addressTimer = setTimeout(() => {
    const query = queryOf(false).toString();
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  }, 120);
}

function readAddress() {
  const query = new URLSearchParams(location.search);
  for (const field of shownFields) {
    const given = query.get(field.name);
    state[field.name] = given === null ? field.first : given;
    if (exported && !field.values.includes(state[field.name])) state[field.name] = field.first;
    show(field);
  }
}

// --- Asking -------------------------------------------------------------------------------------

const SLOW = ["training", "frontier"];
let views = ["loss", "samples", "instability", "training", "frontier"];
let version = 0, lastChange = -1e9, moved = null, asking = null, lost = false, later = 0;
let simulation = null, drawnLoss = 0, drawnSamples = 0;
const stale = new Set();

function changed() {
  version += 1;
  lastChange = performance.now();
  if (moved === null) moved = lastChange;
  for (const view of views) {
    stale.add(view);
    if (byId(`view-${view}`) && view !== "loss") byId(`view-${view}`).classList.add("stale");
  }
  keepAddress();
  pump();
}

// Whether the curve in D has just been drawn, so that it may wait while sliders move.
const isFollowed = () => performance.now() - drawnSamples < 400;

// Whether everything that is shown is of the state that is shown.
const rested = () => stale.size === 0 && !asking;

// Asks for the next answer that is out of date; only one question is under way at a time. What
// takes long waits until the sliders rest, and is dropped when they move again; while they move the
// curve in D follows a few times a second.
function pump() {
  if (lost) return;
  if (asking) {
    const waits = SLOW.includes(asking.view) || (asking.view === "samples" && isFollowed());
    if (waits && asking.version !== version) asking.stop.abort();
    return;
  }
  const rests = performance.now() - Math.max(lastChange, drawnLoss) > 150;
  const waits = name => !["loss", "table"].includes(name) && !rests && !(name === "samples" && !isFollowed());
  const view = views.find(name => stale.has(name) && !waits(name));
  if (!view) {
    if (stale.size) { clearTimeout(later); later = setTimeout(pump, 160); }
    return;
  }
  const asked = { view, version, stop: new AbortController() };
  asking = asked;
  ask(view, asked.stop.signal).then(
    ({ status, body }) => {
      asking = null;
      if (status === 503) { setTimeout(pump, 300); return; }
      if (asked.version === version) stale.delete(view);
      if (status === 200) render(view, body); else refuse(view, body.error);
      pump();
    },
    error => {
      asking = null;
      if (error.name === "AbortError") pump(); else lose();
    });
}

// Whether a figure has the room of a narrow one: as many stand side by side as can (style.css).
function isNarrow() {
  const width = Math.min(byId("answers").clientWidth, 74 * 16);
  return width / Math.max(1, Math.floor((width + 13) / (22.5 * 16 + 13))) < 480;
}

async function ask(view, signal) {
  if (exported) return lookUp(view);
  const query = queryOf(true);
  query.set("view", view);
  query.set("narrow", String(isNarrow()));
  if (simulation) query.set("simulation", simulation);
  const response = await fetch(`api/answer?${query}`, { signal });
  return { status: response.status, body: await response.json() };
}

function lose() {
  lost = true;
  const told = byId("lost");
  told.hidden = false;
  told.textContent = "The server does not answer: what is shown is from before. Start asymscale explore again on "
    + `the same port (${location.port}); this page goes on by itself.`;
  document.body.dataset.lost = "true";
  const retry = () => fetch("api/begin").then(response => response.json()).then(found, () => setTimeout(retry, 1000));
  setTimeout(retry, 1000);
}

function found(begun) {
  lost = false;
  simulation = null;
  byId("lost").hidden = true;
  byId("simulated").textContent = "";
  running(null);
  delete document.body.dataset.lost;
  resume(begun.simulation);
  changed();
}

// --- Showing ------------------------------------------------------------------------------------

const latest = {};

function parts(view) {
  const section = byId(`view-${view}`);
  if (!section.made) {
    // The curve in D stands beside that in N.
    const first = element("div", { class: "group" }), second = element("div", { class: "group" });
    const figures = element("div", { class: "figures" }, first, second);
    section.made = {
      words: element("div", { class: "words" }),
      figures: first,
      second,
      numbers: element("div"),
      copies: element("div"),
    };
    const save = element("p", { class: "buttons" });
    for (const kind of ["CSV", "JSON"]) {
      const button = element("button", { type: "button", text: `Save numbers as ${kind}` });
      button.addEventListener("click", () => saveNumbers(view, kind));
      save.append(button);
    }
    const details = (text, ...inside) => element("details", {}, element("summary", { text }), ...inside);
    section.append(section.made.words, figures,
      details("All numbers", section.made.numbers, save));
    if (view !== "table") section.append(details("Ask this elsewhere: command, Python, Rust", section.made.copies));
  }
  return section.made;
}

function render(view, answer) {
  latest[view] = answer;
  if (view === "samples") {
    drawFigures(parts("loss").second, answer.figures);
    drawnSamples = performance.now();
    return;
  }
  const made = parts(view);
  byId(`view-${view}`).classList.remove("stale");
  made.words.replaceChildren(
    ...answer.words.map(text => element("p", { text })),
    ...answer.warnings.map(text => element("p", { class: "warning", text })));
  drawFigures(made.figures, answer.figures);
  made.numbers.replaceChildren(table(answer.numbers));
  if (answer.copies) copies(made.copies, answer.copies);
  if (view === "loss") headline(answer);
  clearErrors(view);
}

function headline(answer) {
  drawnLoss = performance.now();
  const of = name => answer.numbers.find(number => number.name === name);
  const loss = of("loss"), trust = of("reliability"), error = of("finite_size_error");
  byId("loss-value").textContent = loss.text;
  const told = byId("loss-trust");
  const percent = error.value === null || error.value === "inf" ? "unknown" : `${(100 * error.value).toPrecision(2)} %`;
  const finite = typeof loss.value === "number";
  told.textContent = finite ? `${of("regime").text} · theory ${trust.text}, error about ${percent}` : "no finite mean: see below";
  told.className = finite ? trust.text : "poor";
  document.body.dataset.loss = String(loss.value);
  if (moved !== null) document.body.dataset.took = String(performance.now() - moved);
  moved = asking || stale.has("loss") ? lastChange : null;
  document.body.dataset.version = String(version);
  clearTimeout(headline.timer);
  headline.timer = setTimeout(() => {
    byId("spoken").textContent = `Population loss ${loss.text}, ${of("regime").text}, theory ${trust.text}`;
  }, 700);
}

function drawFigures(holder, figures) {
  const names = figures.map(figure => figure.name).join();
  if (holder.dataset.names !== names) {
    holder.dataset.names = names;
    holder.replaceChildren(...figures.map(figure => {
      const button = element("button", { type: "button", text: "Save SVG", "aria-label": `Save the figure ${figure.title} as SVG` });
      const caption = element("figcaption", {}, element("span", { text: figure.title }), button);
      const made = element("figure", { id: `figure-${figure.name}` }, element("div"), caption);
      button.addEventListener("click", () => save(`${figure.name}.svg`, "image/svg+xml", made.svg));
      return made;
    }));
  }
  figures.forEach((figure, at) => {
    const made = holder.children[at];
    made.svg = figure.svg;
    made.firstChild.innerHTML = figure.svg;
    const drawn = made.querySelector("svg");
    drawn.removeAttribute("width");
    drawn.removeAttribute("height");
    drawn.setAttribute("aria-label", `${figure.title}. ${figure.description}`);
  });
}

function table(numbers) {
  const row = number => element("tr", {},
    element("th", { scope: "row", text: number.name.replaceAll("_", " ") }),
    element("td", { class: "number", text: number.text, title: String(number.value) }),
    element("td", { class: "about", text: number.about }));
  return element("table", {}, element("tbody", {}, ...numbers.map(row)));
}

function copies(holder, texts) {
  const names = { command: "Command", python: "Python", rust: "Rust" };
  if (!holder.children.length) {
    for (const [kind, name] of Object.entries(names)) {
      const text = element("pre", { tabindex: "0", "aria-label": `The question in ${name}` });
      const button = element("button", { type: "button", text: `Copy as ${name}` });
      button.addEventListener("click", () => copy(button, text.textContent, `Copy as ${name}`));
      holder.append(element("p", { class: "buttons" }, button), text);
      text.dataset.kind = kind;
    }
  }
  for (const text of holder.querySelectorAll("pre")) text.textContent = texts[text.dataset.kind];
}

function copy(button, text, label) {
  const told = word => { button.textContent = word; setTimeout(() => { button.textContent = label; }, 1500); };
  const write = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject();
  write.then(() => told("Copied"), () => told("Select the text below to copy it"));
}

function refuse(view, error) {
  if (view === "samples") { latest[view] = null; drawFigures(parts("loss").second, []); return; }
  const made = parts(view);
  byId(`view-${view}`).classList.remove("stale");
  latest[view] = null;
  made.words.replaceChildren(element("p", { class: "refusal", text: `No answer: ${error.message}` }));
  drawFigures(made.figures, []);
  made.numbers.replaceChildren();
  made.copies.replaceChildren();
  const field = FIELDS.find(field => field.name === (error.parameter || "").replaceAll("_", "-"));
  if (view === "loss") {
    byId("loss-value").textContent = "not known";
    byId("loss-trust").textContent = error.message;
    byId("loss-trust").className = "poor";
    document.body.dataset.loss = "null";
    if (moved !== null) document.body.dataset.took = String(performance.now() - moved);
    document.body.dataset.version = String(version);
    moved = null;
    byId("spoken").textContent = `No answer: ${error.message}`;
  }
  clearErrors(view);
  if (field && field.error && (view === "loss" || view === "table")) {
    field.text.setAttribute("aria-invalid", "true");
    field.error.hidden = false;
    field.error.textContent = error.message;
    field.error.dataset.view = view;
  }
}

function clearErrors(view) {
  for (const field of shownFields) {
    if (field.error.hidden || field.error.dataset.view !== view) continue;
    field.error.hidden = true;
    field.text.removeAttribute("aria-invalid");
  }
}

// --- Saving -------------------------------------------------------------------------------------

function save(name, kind, text) {
  const address = URL.createObjectURL(new Blob([text], { type: kind }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

const cell = value => {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

function saveNumbers(view, kind) {
  if (!latest[view]) return;
  const beside = view === "loss" && latest.samples ? latest.samples.figures : [];
  const answer = { ...latest[view], figures: [...latest[view].figures, ...beside] };
  if (kind === "JSON") {
    const figures = answer.figures.map(({ name, title, lines }) => ({ name, title, lines }));
    const told = { state: { ...state }, view, numbers: answer.numbers, words: answer.words, warnings: answer.warnings, figures };
    save(`${view}.json`, "application/json", JSON.stringify(told, null, 1));
    return;
  }
  const rows = [["figure", "line", "x", "y"]];
  for (const number of answer.numbers) rows.push(["", number.name, "", number.value]);
  for (const figure of answer.figures) {
    for (const line of figure.lines) for (const [x, y] of line.points) rows.push([figure.name, line.name, x, y]);
  }
  save(`${view}.csv`, "text/csv", rows.map(row => row.map(cell).join(",")).join("\n") + "\n");
}

// --- Simulating ---------------------------------------------------------------------------------

function running(job) {
  const is = Boolean(job) && job.status === "running";
  byId("cancel").hidden = !is;
  byId("progress-row").hidden = !is;
  if (is) {
    byId("progress").max = job.total;
    byId("progress").value = job.done;
  }
}

async function follow(number) {
  for (;;) {
    let job;
    try { job = await (await fetch(`api/simulate/${number}`)).json(); } catch { lose(); return; }
    if (follow.number !== number) return;
    running(job);
    const told = byId("simulated");
    if (job.status === "running") {
      told.textContent = `${job.done} of ${job.total} designs are drawn.`;
      await new Promise(done => setTimeout(done, 250));
      continue;
    }
    if (job.status === "done") {
      simulation = number;
      told.textContent = `${job.total} designs are laid over the lines, with 95 % intervals of their means. Those against N: ${job.command}`;
      document.body.dataset.simulated = String(number);
      changed();
    } else if (job.status === "failed") {
      told.textContent = `The simulation failed: ${job.error}`;
    } else {
      told.textContent = "The simulation was cancelled.";
    }
    return;
  }
}

// Goes on with the newest simulation of the server, as after a reload.
function resume(job) {
  if (!job) return;
  follow.number = job.job;
  running(job);
  follow(job.job);
}

async function simulate() {
  try {
    const response = await fetch(`api/simulate?${queryOf(true)}`, { method: "POST" });
    const job = await response.json();
    if (!response.ok) { byId("simulated").textContent = `No simulation: ${job.error.message}`; return; }
    resume(job);
  } catch { lose(); }
}

// --- The reader's table -------------------------------------------------------------------------

function ownTable(about) {
  if (!views.includes("table")) views = ["loss", "samples", "table", ...views.slice(2)];
  byId("view-table").hidden = false;
  byId("law-fields").hidden = about.kind !== "runs";
  byId("theory-head").hidden = false;
  const head = byId("view-table").querySelector("h2");
  head.textContent = `Your table: ${about.name}, ${about.rows} ${about.kind === "runs" ? "runs" : "features seen"}`;
  if (about.words === null) {
    setTimeout(() => fetch("api/begin").then(response => response.json()).then(begun => ownTable(begun.table), () => {}), 500);
    return;
  }
  const made = parts("table");
  if (!made.said) {
    made.said = element("pre", { tabindex: "0", "aria-label": "What the command says of this table", text: about.words });
    byId("view-table").append(element("details", { open: "" },
      element("summary", { text: about.kind === "runs" ? "The fit" : "The diagnosis" }), made.said));
    document.body.dataset.table = "told";
    if (about.parameters) startAt(about.parameters);
  }
}

// The law by hand begins at the fit, unless the address says otherwise.
function startAt(fit) {
  const given = new URLSearchParams(location.search);
  const names = { "law-e": fit.e, "law-a": fit.a, "law-alpha": fit.alpha, "law-b": fit.b, "law-beta": fit.beta };
  for (const field of FIELDS) {
    const value = names[field.name];
    if (value === undefined || value === null) continue;
    field.first = String(Number(value.toPrecision(6)));
    if (!given.has(field.name)) state[field.name] = field.first;
    show(field);
  }
  changed();
}

// --- An export ----------------------------------------------------------------------------------

// Puts the answers where they are looked up.
async function unpack() {
  const bytes = Uint8Array.from(atob(exported.packed), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  Object.assign(exported, await new Response(stream).json());
}

function lookUp(view) {
  const key = Object.keys(exported.grid).map(name => exported.grid[name].map(String).indexOf(state[name])).join();
  const answer = structuredClone(exported.answers[key][view]);
  for (const figure of answer.figures) {
    const used = unique(figure.svg.match(/#g\d+-\d+/g) ?? []).map(name => name.slice(1));
    const glyphs = used.map(name => `<path id="${figure.name}-${name}" d="${exported.glyphs[name]}"/>`).join("");
    figure.svg = figure.svg.replace("<defs></defs>", `<defs>${glyphs}</defs>`).replaceAll('href="#g', `href="#${figure.name}-g`);
  }
  return { status: 200, body: { view, ...answer } };
}

// --- Beginning ----------------------------------------------------------------------------------

build();
readAddress();
byId("simulate").addEventListener("click", simulate);
byId("cancel").addEventListener("click", () => fetch(`api/simulate/${follow.number}`, { method: "DELETE" }).catch(lose));
byId("controls").addEventListener("submit", event => event.preventDefault());
byId("reset").addEventListener("click", event => {
  event.preventDefault();
  for (const field of FIELDS) { state[field.name] = field.first; if (field.text) show(field); }
  changed();
});
window.addEventListener("popstate", () => { readAddress(); changed(); });
let drawnNarrow = isNarrow();
window.addEventListener("resize", () => {
  if (exported || drawnNarrow === isNarrow()) return;
  drawnNarrow = isNarrow();
  changed();
});
if (exported) {
  views = ["loss", "samples"];
  for (const view of ["instability", "training", "frontier"]) byId(`view-${view}`).hidden = true;
  unpack().then(changed, () => {
    byId("lost").hidden = false;
    byId("lost").textContent = "This browser cannot unpack the answers: it is from before 2023.";
  });
} else {
  fetch("api/begin").then(response => response.json()).then(begun => {
    if (begun.table) ownTable(begun.table);
    resume(begun.simulation);
  }, lose);
  changed();
}
