// Runs models by onnxruntime-web in Node: node web_node.mjs JOBS.json, a list of {model, feeds}; prints a list of outputs.
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
const answers = [];
for (const { model, feeds } of JSON.parse(readFileSync(process.argv[2]))) {
  const session = await ort.InferenceSession.create(readFileSync(model));
  const given = Object.entries(feeds).map(([name, { type, dims, data }]) => [name, new ort.Tensor(type, data, dims)]);
  const found = await session.run(Object.fromEntries(given));
  answers.push(Object.fromEntries(Object.entries(found).map(([name, t]) => [name, { dims: t.dims, data: Array.from(t.data) }])));
}
console.log(JSON.stringify(answers));
