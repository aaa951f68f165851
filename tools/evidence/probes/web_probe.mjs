// Run one model on onnxruntime-web's WebAssembly provider in Node: model, feeds.json, got.json,
// output names (unused), the folder of the npm package. Runs on feeds A, B and A again, as
// three_runs.py does.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [model, feedsFile, gotFile, , folder] = process.argv.slice(2);
const load = createRequire(path.join(folder, "package.json"));
const ort = load("onnxruntime-web");
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "fatal";
const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array,
  float16: Uint16Array, bool: Uint8Array, int8: Int8Array, uint8: Uint8Array };
const feeds = { a: {}, b: {} };
for (const [key, feed] of Object.entries(JSON.parse(fs.readFileSync(feedsFile, "utf8")))) {
  const values = feed.type === "int64" ? feed.data.map(BigInt) : feed.data;
  feeds[key[0]][key.slice(2)] = new ort.Tensor(feed.type, arrays[feed.type].from(values), feed.dims);
}
const session = await ort.InferenceSession.create(fs.readFileSync(model), { executionProviders: ["wasm"] });
const got = {};
for (const [number, which] of ["a", "b", "a"].entries()) {
  const results = await session.run(feeds[which]);
  for (const [name, tensor] of Object.entries(results)) {
    got[`${number}/${name}`] = { type: tensor.type, dims: tensor.dims, data: Array.from(tensor.data, Number) };
  }
}
fs.writeFileSync(gotFile, JSON.stringify(got));
console.log(`onnxruntime-web ${ort.env.versions.web}`);
