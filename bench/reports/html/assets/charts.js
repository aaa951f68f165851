// The charts: one view for each panel, drawn when it comes into sight, before printing, and again
// when the filters, the theme or the width change.
"use strict";

const PANELS = 12; // of a chart at first; a button shows as many more
const page = JSON.parse(document.getElementById("data").textContent);
const rows = unpacked(page.rows);
const passing = new Set(rows.keys());
const charts = page.charts.map((chart) => ({
  ...chart,
  data: unpacked(chart.data).map((datum) => ({ ...rows[datum.row], ...datum })),
  place: document.querySelector(`[data-chart="${CSS.escape(chart.key)}"]`),
  shown: PANELS,
  title: document.getElementById(chart.key).querySelector("h2").textContent,
  views: [],
  due: true,
}));

function unpacked(columns) {
  // Texts that come again and again are written once: {of: texts, at: their places}.
  const lists = Object.entries(columns).map(([name, told]) => [name, told.of ? told.at.map((place) => told.of[place]) : told]);
  const length = lists.length ? lists[0][1].length : 0;
  return Array.from({ length }, (_, place) => Object.fromEntries(lists.map(([name, list]) => [name, list[place]])));
}

function node(name, text, className) {
  const made = document.createElement(name);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// Replace the words that stand for the theme's colours.
function filled(spec, words) {
  if (typeof spec === "string") return words[spec] ?? spec;
  if (Array.isArray(spec)) return spec.map((each) => filled(each, words));
  if (spec === null || typeof spec !== "object") return spec;
  return Object.fromEntries(Object.entries(spec).map(([key, value]) => [key, key === "domain" ? value : filled(value, words)]));
}

function program(chart) {
  const spec = { ...filled(chart.spec, themed()), data: { name: "data" }, width: 300 };
  const compiled = vegaLite.compile(spec, { config: vegaConfig() }).spec;
  return vega.parse({ ...compiled, autosize: { type: "fit-x", contains: "padding" } }, null, { ast: true });
}

// What each group's cases are compared with: the group's first row, unless another is chosen.
const firsts = new Map([...rows].reverse().map((row) => [row.group, row.runtime]));
let against = "";

function wanted(chart, datum) {
  return passing.has(datum.row) && (!chart.against || datum.against === (against || firsts.get(datum.group)));
}

function panels(chart) {
  const found = new Map();
  for (const datum of chart.data) {
    if (!wanted(chart, datum)) continue;
    const name = chart.panel ? datum[chart.panel] : "";
    if (!found.has(name)) found.set(name, []);
    found.get(name).push(datum);
  }
  return [...found];
}

function legend(chart, present) {
  const list = node("ul", "", "legend");
  chart.legend.forEach((word, place) => {
    if (!present.has(word)) return;
    const item = node("li");
    const sign = node("span", chart.shapes ? SIGNS[place % SIGNS.length] : "■", "sign");
    sign.style.color = palette()[place % palette().length];
    sign.setAttribute("aria-hidden", "true");
    item.append(sign, node("span", word));
    list.append(item);
  });
  return list;
}

function draw(chart) {
  chart.due = false;
  chart.views.splice(0).forEach((view) => view.finalize());
  const found = panels(chart);
  const grid = node("div", "", chart.widest ? "panels widest" : "panels");
  if (chart.widest) grid.style.maxWidth = `${chart.widest}px`;
  const values = new Set(found.flatMap(([, data]) => data.flatMap((datum) => Object.values(datum))));
  chart.place.replaceChildren(...(chart.legend.length ? [legend(chart, values)] : []), grid);
  if (!found.length) grid.append(node("p", "No case that passes the filters has this.", "empty"));
  const runtime = found.length ? program(chart) : null;
  const signals = { extent: extent(found.flatMap(([, data]) => data)) };
  const limit = printing ? Math.max(chart.shown, PANELS) : chart.shown;
  const figures = found.slice(0, limit).map(([name, data]) => {
    const figure = node("figure", "", "panel");
    const plot = node("div", "", "plot");
    figure.append(node("figcaption", name), plot);
    grid.append(figure);
    return [plot, name, data];
  });
  for (const [plot, name, data] of figures) {
    const view = drawPanel(chart, runtime, plot, name, data, signals);
    chart.views.push(view);
    plot.previousSibling.append(saver(view, chart.key));
  }
  chart.place.append(foot(chart, found.length, limit));
}

// From the lowest to the highest end of an interval of ratios, and 1 in any case.
function extent(data) {
  const ends = data.flatMap((datum) => [datum.low, datum.high]).filter(Number.isFinite);
  return [Math.min(0.95, ...ends), Math.max(1.05, ...ends)];
}

function drawPanel(chart, runtime, plot, name, data, signals) {
  const view = new vega.View(runtime, { expr: vega.expressionInterpreter, renderer: "svg", container: plot, hover: true, logLevel: vega.Error, tooltip: showTip });
  view.description(name ? `${chart.title}: ${name}` : chart.title).data("data", data).width(Math.max(plot.clientWidth, 120));
  const given = { ...signals, sizes: [...new Set(data.map((datum) => datum.at))] };
  for (const { name: signal } of chart.spec.params ?? []) view.signal(signal, given[signal]);
  view.runAsync();
  return view;
}

function foot(chart, all, limit) {
  const line = node("div", "", "foot");
  if (all > limit) {
    const more = node("button", `Show ${Math.min(PANELS, all - limit)} more of ${all}`);
    more.type = "button";
    more.addEventListener("click", () => {
      chart.shown += PANELS;
      draw(chart);
    });
    line.append(more);
  }
  return line;
}

function saver(view, key) {
  const save = node("button", "SVG", "save");
  save.type = "button";
  save.title = "Save this chart as an SVG file";
  save.addEventListener("click", () => view.toSVG().then((svg) => download(svg, `${key}.svg`)));
  return save;
}

function download(svg, name) {
  const link = node("a");
  link.href = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

const tip = node("div", "", "tip");
tip.hidden = true;
document.body.append(tip);

// Texts of files stay texts: nothing of a tooltip is read as HTML.
function showTip(_, event, __, value) {
  tip.hidden = value === null || value === undefined || typeof value !== "object";
  if (tip.hidden) return;
  const lines = Object.entries(value).map(([name, told]) => {
    const line = node("div");
    line.append(node("span", name, "name"), node("span", String(told)));
    return line;
  });
  tip.replaceChildren(...lines);
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, room)) + scrollX}px`;
  tip.style.top = `${event.clientY + 16 + scrollY}px`;
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      const chart = charts.find((each) => each.place === entry.target);
      chart.visible = entry.isIntersecting;
      if (chart.visible && chart.due) draw(chart);
    }
  },
  { rootMargin: "400px" },
);

function redraw() {
  for (const chart of charts) {
    chart.due = true;
    if (chart.visible) draw(chart);
  }
}

function drawAll() {
  for (const chart of charts) if (chart.due || printing) draw(chart);
}
