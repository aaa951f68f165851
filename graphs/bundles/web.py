"""A static page that runs the model in the browser, with onnxruntime-web."""

import json
from pathlib import Path
from typing import Any

import onnx

from ...untrusted import element_count
from .errors import BundleError
from .folder import Content
from .made import Made, Target
from .options import Options
from .own_server import template
from .signature import Tensor
from .subject import Subject

TYPES = {
    "FLOAT": "float32", "DOUBLE": "float64", "FLOAT16": "float16", "BOOL": "bool",
    "INT8": "int8", "INT16": "int16", "INT32": "int32", "INT64": "int64",
    "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32", "UINT64": "uint64",
    "STRING": "string",
}  # fmt: skip
"""onnxruntime-web's element types by ONNX's names."""
FLOATS = ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16")
NEEDED = {
    "cpu": ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"),
    "webgpu": (
        "ort.webgpu.min.mjs",
        "ort-wasm-simd-threaded.asyncify.mjs",
        "ort-wasm-simd-threaded.asyncify.wasm",
    ),
}
"""Files of onnxruntime-web that a page needs, by accelerator; WebAssembly's are always there."""
ISOLATION = (
    "`Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`"
)
PAGE = {
    "index.html": "index.html",
    "page.css": "page.css",
    "page.mjs": "page.mjs",
    "tensors.mjs": "tensors.mjs",
    "serve.py": "serve_page.py.txt",
}
"""Files of the page, and of this package that they are copies of."""


def pack(subject: Subject, options: Options) -> Made:
    """Return the page, the model and onnxruntime-web."""
    made: dict[str, Content] = {name: template(source) for name, source in PAGE.items()}
    made |= {"model.json": (json.dumps(_facts(subject, options), indent=1) + "\n").encode()}
    made |= subject.files("") | _runtime(options)
    return Made(
        made,
        start="python3 serve.py",
        url="",
        more=(
            "The page is at http://localhost:8000/ then. Any web server will do in its place: the "
            "folder has all that the page needs, and nothing is fetched from elsewhere. For more "
            f"than one thread it must send the headers {ISOLATION}, as `serve.py` does. A page "
            "that is opened from the disk (`file://`) may not load the model.",
        ),
    )


def _facts(subject: Subject, options: Options) -> dict[str, Any]:
    """Return what the page must know of the model."""
    signature, model = subject.signature, subject.model
    content = subject.content()
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    dims = {dim for t in signature.inputs for dim in t.dims if isinstance(dim, str)}
    return {
        "name": subject.name,
        "bytes": size + sum(path.stat().st_size for path in subject.external.values()),
        "opset": max(
            (o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0
        ),
        "parameters": _parameters(subject),
        "external": sorted(subject.external),
        "webgpu": options.accelerator == "webgpu",
        "threads": options.threads,
        "sizes": {dim: options.dims.get(dim, 1) for dim in sorted(dims)},
        "inputs": [_tensor(tensor) for tensor in signature.inputs],
        "outputs": [_tensor(tensor) for tensor in signature.outputs],
        "states": [{"taken": s.taken.name, "given": s.given.name} for s in signature.states],
    }


def _tensor(tensor: Tensor) -> dict[str, Any]:
    if tensor.type_name not in TYPES:
        raise BundleError(
            f"'{tensor.name}' is {tensor.type_name.lower()}, which JavaScript has no array for",
            "cast it in the model, as to float32",
        )
    return {"name": tensor.name, "type": TYPES[tensor.type_name], "dims": list(tensor.dims)}


def _parameters(subject: Subject) -> int:
    """Return how many floats the initializers hold."""
    floats = [
        t
        for t in subject.model.graph.initializer
        if onnx.TensorProto.DataType.Name(t.data_type) in FLOATS
    ]
    return sum(element_count(tensor.dims) for tensor in floats)


def _runtime(options: Options) -> dict[str, Content]:
    """Return the files of onnxruntime-web, from the folder of its npm package.

    Raises
    ------
    BundleError
        No folder is given, or one of the files is not there.
    """
    remedy = "npm install onnxruntime-web, and give --onnxruntime-web node_modules/onnxruntime-web"
    if options.onnxruntime_web is None:
        raise BundleError("a page needs onnxruntime-web, and no folder of it is given", remedy)
    accelerators = dict.fromkeys(["cpu", options.accelerator or "cpu"])
    found: dict[str, Content] = {}
    for name in (name for key in accelerators for name in NEEDED[key]):
        path = _there(options.onnxruntime_web, name)
        if path is None:
            raise BundleError(f"there is no {name} in {options.onnxruntime_web}", remedy)
        found[f"ort/{name}"] = path
    return found


def _there(folder: Path, name: str) -> Path | None:
    places = (folder / "dist" / name, folder / name)
    return next((path for path in places if path.is_file()), None)


WEB = Target(
    name="web",
    title="a web page",
    takes=frozenset({"threads", "dims", "onnxruntime_web"}),
    accelerators={"cpu": "web", "webgpu": "webgpu"},
    judge="web",
    pack=pack,
)
