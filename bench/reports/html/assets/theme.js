// Light and dark: the page's own colours, taken over by the charts.
"use strict";

// Okabe and Ito's colours, which people tell apart whatever their colour vision; each with the
// shape of the same place.
const PALETTES = {
  light: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b87f00", "#555555", "#8a6d3b"],
  dark: ["#5ab4e8", "#f08a4b", "#2fc69a", "#e3a4c6", "#9cd3f5", "#e9b949", "#b5b5b5", "#c9ad7c"],
};
const SIGNS = ["●", "■", "▲", "◆", "✚", "▼", "▶"];
const HEATS = { light: ["#f2f5f9", "#d3e1f0", "#abc9e8", "#7fb0e0"], dark: ["#1d2731", "#1f3a54", "#265584", "#2f6ea8"] };

let printing = false;

function isDark() {
  if (printing) return false;
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function palette() {
  return PALETTES[isDark() ? "dark" : "light"];
}

// What a specification leaves to the theme stands in it under these words.
function themed() {
  const [text, soft, ground, good, bad, wrong] = ["--text", "--soft", "--ground", "--good", "--bad", "--wrong"].map(variable);
  return {
    "@heat": HEATS[isDark() ? "dark" : "light"],
    "@verdicts": [good, bad, soft, soft, wrong, wrong, bad],
    "@text": text,
    "@soft": soft,
    "@ground": ground,
    "@bad": bad,
  };
}

function vegaConfig() {
  const [text, soft, line] = ["--text", "--soft", "--line"].map(variable);
  const font = getComputedStyle(document.body).fontFamily;
  const words = { labelColor: soft, titleColor: soft, labelFont: font, titleFont: font, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" };
  return {
    background: "transparent",
    font,
    view: { stroke: null },
    range: { category: palette() },
    axis: { ...words, gridColor: line, domainColor: line, tickColor: line, labelLimit: 150, labelOverlap: true, titlePadding: 8, labelPadding: 5 },
    text: { color: text, fontSize: 12 },
  };
}
