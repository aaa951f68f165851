// The page of a model: its inputs as JSON, a run, its outputs. All facts come from model.json.
import { arrayOf, bytesOf, filled, flat, jsonOf, nested, sizeOf } from "./tensors.mjs";

const SHOWN = 24; // rows of an output that are drawn; the JSON below has all
const part = (id) => document.getElementById(id);
let ort, facts, session;
let seed = 1;
const states = new Map(); // what the states were after the last run

function element(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

function say(state, text) {
  part("status").dataset.state = state;
  part("status").textContent = text;
}

async function start() {
  facts = await (await fetch("model.json")).json();
  document.title = part("name").textContent = facts.name;
  const count = facts.parameters.toLocaleString("en");
  part("facts").textContent = `${count} parameters, ${bytesOf(facts.bytes)}, opset ${facts.opset}`;
  drawInputs();
  const gpu = facts.webgpu && navigator.gpu && (await navigator.gpu.requestAdapter().catch(() => null));
  ort = await import(gpu ? "./ort/ort.webgpu.min.mjs" : "./ort/ort.wasm.min.mjs");
  ort.env.wasm.wasmPaths = new URL("./ort/", import.meta.url).href;
  const most = Math.min(facts.threads ?? 4, navigator.hardwareConcurrency || 1);
  ort.env.wasm.numThreads = crossOriginIsolated ? most : 1;
  session = await ort.InferenceSession.create("model.onnx", {
    executionProviders: gpu ? ["webgpu"] : ["wasm"],
    externalData: facts.external.map((path) => ({ path, data: path })),
  });
  const threads = ort.env.wasm.numThreads;
  const where = gpu ? "WebGPU" : `WebAssembly, ${threads} ${threads === 1 ? "thread" : "threads"}`;
  const why = facts.webgpu && !gpu ? "; this browser has no WebGPU" : "";
  say("ready", `Ready, on ${where}${why}`);
  part("run").disabled = false;
}

function drawInputs() {
  const named = [...new Set(facts.inputs.flatMap((input) => input.dims.filter((dim) => typeof dim === "string")))];
  for (const dim of named) {
    const field = element("input", { type: "number", min: 1, max: 100000, value: facts.sizes[dim] ?? 1, id: `dim-${dim}` });
    field.addEventListener("change", () => fillAll());
    part("dims").append(element("label", {}, dim || "unnamed", field));
  }
  part("dims-part").hidden = !named.length;
  part("carry-part").hidden = part("reset").hidden = !facts.states.length;
  for (const input of facts.inputs) part("inputs").append(drawInput(input));
  fillAll();
}

function drawInput(input) {
  const area = element("textarea", { id: `input-${input.name}`, spellcheck: false });
  area.setAttribute("aria-label", `${input.name} as JSON`);
  const fill = element("div", { className: "fill" });
  for (const kind of ["zeros", "random"]) {
    const button = element("button", { type: "button", className: "quiet", textContent: kind });
    button.addEventListener("click", () => put(input, kind));
    fill.append(button);
  }
  return element("div", { className: "tensor" }, head(input, input.dims, fill), area);
}

function head(tensor, dims, ...more) {
  return element("div", { className: "tensor-head" },
    element("span", { className: "tensor-name", textContent: tensor.name }),
    element("span", { className: "tensor-type", textContent: `${tensor.type} [${dims.map((dim) => dim === "" ? "?" : dim).join(", ")}]` }),
    ...more);
}

const isState = (input) => facts.states.some((state) => state.taken === input.name);

function dimsOf(input) {
  return input.dims.map((dim) => (typeof dim === "string" ? Number(part(`dim-${dim}`).value) : dim));
}

function put(input, kind) {
  const dims = dimsOf(input);
  part(`input-${input.name}`).value = jsonOf(nested(filled(input, dims, kind, seed++), dims));
}

function fillAll() {
  states.clear();
  for (const input of facts.inputs) {
    const whole = input.type.includes("int") || input.type === "bool";
    put(input, isState(input) || whole ? "zeros" : "random");
  }
}

function feedOf(input) {
  const given = JSON.parse(part(`input-${input.name}`).value);
  const dims = sizeOf(given);
  const wanted = dimsOf(input);
  if (dims.length !== wanted.length || dims.some((dim, axis) => typeof input.dims[axis] === "number" && dim !== wanted[axis])) {
    throw new Error(`${input.name} has the shape [${dims}], needs [${input.dims.map((d) => d || "?")}]`);
  }
  return new ort.Tensor(input.type, arrayOf(input.type, flat(given)), dims);
}

async function run() {
  part("run").disabled = true;
  try {
    const feeds = {};
    for (const input of facts.inputs) feeds[input.name] = states.get(input.name) ?? feedOf(input);
    const before = performance.now();
    const results = await session.run(feeds);
    const took = performance.now() - before;
    part("timing").textContent = `${took.toFixed(took < 10 ? 2 : 0)} ms`;
    show(results);
    if (part("carry").checked) for (const state of facts.states) keep(state, results[state.given]);
    say("done", part("status").textContent.replace(/^[^,]*,/, "Done,"));
  } catch (error) {
    say("failed", `Not run, ${error.message}`);
  }
  part("run").disabled = false;
}

function keep(state, tensor) {
  states.set(state.taken, tensor);
  const area = part(`input-${state.taken}`);
  area.value = jsonOf(nested(tensor.data, tensor.dims));
}

function show(results) {
  part("outputs-part").hidden = false;
  part("outputs").replaceChildren();
  const all = {};
  for (const output of facts.outputs) {
    const tensor = results[output.name];
    all[output.name] = nested(tensor.data, tensor.dims);
    part("outputs").append(drawOutput(output, tensor));
  }
  part("result").textContent = jsonOf(all);
}

function drawOutput(output, tensor) {
  const made = element("div", { className: "tensor" }, head(output, tensor.dims));
  const wide = tensor.dims.at(-1) ?? 1;
  const last = Array.from(tensor.data).slice(-wide);
  const values = last.map(Number);
  const top = values.indexOf(Math.max(...values));
  const low = Math.min(0, ...values);
  const span = Math.max(0, ...values) - low || 1;
  if (tensor.data.length > wide) made.append(element("p", { className: "muted", textContent: "The last row:" }));
  values.slice(0, SHOWN).forEach((value, place) => {
    const bar = element("i");
    bar.style.left = `${((Math.min(value, 0) - low) / span) * 100}%`;
    bar.style.width = `${(Math.abs(value) / span) * 100}%`;
    made.append(element("div", { className: place === top && wide > 1 ? "row top" : "row" },
      element("span", { className: "index", textContent: place }),
      element("span", { className: "track" }, bar),
      element("span", { className: "value", textContent: Number.isInteger(value) ? last[place] : value.toPrecision(5) })));
  });
  if (values.length > SHOWN) made.append(element("p", { className: "muted", textContent: `and ${values.length - SHOWN} more` }));
  return made;
}

part("run").addEventListener("click", run);
part("reset").addEventListener("click", fillAll);
part("inputs").addEventListener("input", (event) => states.delete(event.target.id.slice("input-".length)));
start().catch((error) => say("failed", `The model cannot be loaded: ${error.message}`));
