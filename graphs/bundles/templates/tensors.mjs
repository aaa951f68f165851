// Tensors as JSON and back. 64-bit integers are BigInt, float16 is held as its bits where the browser has no Float16Array.
const ARRAYS = {
  float32: Float32Array, float64: Float64Array, float16: globalThis.Float16Array ?? Uint16Array,
  int8: Int8Array, uint8: Uint8Array, int16: Int16Array, uint16: Uint16Array, int32: Int32Array,
  uint32: Uint32Array, int64: BigInt64Array, uint64: BigUint64Array, bool: Uint8Array,
};

export function arrayOf(type, values) {
  if (type === "string") return values.map(String);
  if (type.endsWith("64") && type !== "float64") return ARRAYS[type].from(values, (value) => BigInt(Math.trunc(value)));
  if (type === "float16" && !globalThis.Float16Array) return Uint16Array.from(values, halfBits);
  return ARRAYS[type].from(values, Number);
}

export function filled(input, dims, kind, seed) {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (input.type === "string") return Array(count).fill("");
  const random = generator(seed);
  const whole = input.type.includes("int") || input.type === "bool";
  const one = () => (kind === "zeros" ? 0 : whole ? Math.floor(random() * 2) : Math.round((random() * 4 - 2) * 1000) / 1000);
  return Array.from({ length: count }, one);
}

export function nested(data, dims) {
  const values = Array.from(data, (value) => (typeof value === "bigint" ? Number(value) : value));
  if (!dims.length) return values[0];
  let level = values;
  for (const dim of dims.slice(1).reverse()) {
    const rows = [];
    for (let start = 0; start < level.length; start += dim || 1) rows.push(level.slice(start, start + dim));
    level = rows;
  }
  return level;
}

export function sizeOf(value) {
  const dims = [];
  for (let level = value; Array.isArray(level); level = level[0]) dims.push(level.length);
  if (flat(value).length !== dims.reduce((product, dim) => product * dim, 1)) throw new Error("its rows have different lengths");
  return dims;
}

export const flat = (value) => (Array.isArray(value) ? value.flat(Infinity) : [value]);

export function jsonOf(value) {
  const text = JSON.stringify(value, (_, one) => (typeof one === "number" && !Number.isFinite(one) ? String(one) : one));
  return text.replaceAll("],[", "],\n [");
}

export function bytesOf(count) {
  const units = ["bytes", "kB", "MB", "GB"];
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(count, 1)) / 3), 0), 3);
  return `${(count / 1000 ** step).toFixed(step ? 1 : 0)} ${units[step]}`;
}

function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function halfBits(value) {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, Number(value));
  const bits = view.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent <= 0) return sign | Math.round(Math.abs(Number(value)) * 2 ** 24);
  return sign | ((exponent << 10) + ((bits >>> 13) & 0x3ff) + ((bits >>> 12) & 1));
}
