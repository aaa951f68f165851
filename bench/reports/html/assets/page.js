// The page's own controls: filters, light and dark, print, width.
"use strict";

const form = document.getElementById("filters");
const FIELDS = ["model", "shape", "runtime", "verdict"];

for (const field of FIELDS) {
  const select = form.elements[field];
  const values = [...new Set(rows.map((row) => row[field]))];
  for (const value of values) select.append(new Option(value || "(none)", value));
  select.closest("label").hidden = values.length < 2;
}
const others = [...new Set(rows.map((row) => row.runtime))];
for (const value of others) form.elements.against.append(new Option(value, value));
form.elements.against.options[0].textContent = "the first";
form.elements.against.closest("label").hidden = others.length < 3;
form.hidden = !rows.length;

function applyFilters() {
  const words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
  passing.clear();
  against = form.elements.against.value;
  rows.forEach((row, place) => {
    const chosen = FIELDS.every((field) => !form.elements[field].value || form.elements[field].value === row[field]);
    const text = Object.values(row).join(" ").toLowerCase();
    if (chosen && words.every((word) => text.includes(word))) passing.add(place);
  });
  document.getElementById("count").textContent = `${passing.size} of ${rows.length} cases`;
  hideRows();
  redraw();
}

let waiting = 0;
function soon(work) {
  clearTimeout(waiting);
  waiting = setTimeout(work, 120);
}

form.addEventListener("input", () => soon(applyFilters));
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(applyFilters));

const switcher = document.getElementById("theme");
function tellTheme() {
  switcher.textContent = isDark() ? "Light" : "Dark";
  switcher.setAttribute("aria-pressed", String(isDark()));
}
switcher.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  tellTheme();
  redraw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  tellTheme();
  redraw();
});

document.getElementById("print").addEventListener("click", () => print());
const helps = [...document.querySelectorAll("details.how")];
let opened = [];
addEventListener("beforeprint", () => {
  printing = true;
  opened = helps.filter((help) => help.open);
  helps.forEach((help) => (help.open = true));
  document.documentElement.classList.add("printing");
  drawAll();
});
addEventListener("afterprint", () => {
  printing = false;
  helps.forEach((help) => (help.open = opened.includes(help)));
  document.documentElement.classList.remove("printing");
  redraw();
});

let width = document.documentElement.clientWidth;
addEventListener("resize", () => {
  if (printing || document.documentElement.clientWidth === width) return;
  width = document.documentElement.clientWidth;
  soon(redraw);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") tip.hidden = true;
});

document.documentElement.classList.add("scripted");
tellTheme();
applyFilters();
charts.forEach((chart) => seen.observe(chart.place));
