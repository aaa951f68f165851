// Numbers with units, for axes and tooltips; Vega's expressions call them by name.
"use strict";

const TIMES = [[1, "s"], [1e-3, "ms"], [1e-6, "µs"], [1e-9, "ns"]];
const RATES = [[1e12, "T/s"], [1e9, "G/s"], [1e6, "M/s"], [1e3, "k/s"], [1, "/s"]];
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function short(value) {
  return String(Number(value.toPrecision(3)));
}

function scaled(value, units) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "-";
  if (value === 0) return "0";
  const [scale, unit] = units.find(([least]) => Math.abs(value) >= least * 0.9995) ?? units[units.length - 1];
  return short(value / scale) + " " + unit;
}

const seconds = (value) => scaled(value, TIMES.concat([[1e-12, "ps"]]));
const rate = (value) => scaled(value, RATES);
const times = (value) => short(value) + "x";
const count = (value) => (value >= 0.001 && value < 1e6 ? Number(value.toPrecision(6)).toLocaleString("en") : power(value));

// 2.4e-7 as 2.4 × 10⁻⁷; a power of ten alone as 10⁻⁷
function power(value) {
  const [digits, exponent] = value.toExponential(1).split("e");
  const raised = (exponent[0] === "-" ? "⁻" : "") + [...exponent.slice(1)].map((d) => SUPERSCRIPTS[d]).join("");
  return (digits === "1.0" ? "" : digits + "\u2009×\u2009") + "10" + raised;
}

const exponential = (value) => value.toExponential(1);

const exactly = (value) => (value > 0 ? exponential(value) : "exact");

function between(low, high, unit) {
  const write = unit === "rate" ? rate : seconds;
  return low === null || low === undefined ? "" : " [" + write(low) + ", " + write(high) + "]";
}

// Ticks of a logarithmic axis: as round as leaves at least three of them.
function logTicks([low, high]) {
  const powers = [];
  for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) powers.push(Number(`1e${e}`));
  for (const digits of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 6, 8]]) {
    const found = powers.flatMap((power) => digits.map((digit) => Number((digit * power).toPrecision(2))));
    const inside = found.filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
    const every = Math.ceil(inside.length / 7);
    if (inside.length >= 3) return inside.filter((_, place) => place % every === 0);
  }
  const step = 10 ** Math.floor(Math.log10((high - low) / 3));
  const wide = [1, 2, 5, 10].map((each) => each * step).find((each) => (high - low) / each <= 5);
  const ticks = [];
  for (let tick = Math.ceil(low / wide) * wide; tick <= high * 1.0001; tick += wide) ticks.push(tick);
  return ticks;
}

for (const [name, write] of Object.entries({ seconds, rate, times, count, power, exponential, exactly, between, logTicks })) {
  vega.expressionFunction(name, write);
}
