"""Triton's onnxruntime backend in Python, for tests: the server's wheel has none.

It loads exported trees unchanged. Like the real one it runs the requests that the server hands it
together as one batch, and pairs a state's output with its input by the sorted order of names.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        self.config = json.loads(args["model_config"])
        file = self.config.get("default_model_filename") or "model.onnx"
        path = Path(args["model_repository"]) / args["model_version"] / file
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        states = self.config.get("sequence_batching", {}).get("state", [])
        taken, given = (sorted(s[key] for s in states) for key in ("input_name", "output_name"))
        self.pairs = dict(zip(taken, given, strict=True))
        self.zeros = {state["input_name"]: self.initial(state) for state in states}
        self.kept: dict[Any, dict[str, Any]] = {}

    def initial(self, state: dict[str, Any]) -> Any:
        """Return the state of a stream that begins; as in the server, nobody clears the memory."""
        kind = pb.triton_string_to_numpy(state["data_type"])
        lead = [1] if self.config["max_batch_size"] else []
        if not state.get("initial_state"):
            return np.full(lead + [int(d) for d in state["dims"]], 7, kind)
        return np.zeros(lead + [int(d) for d in state["initial_state"][0]["dims"]], kind)

    def execute(self, requests: list[Any]) -> list[Any]:
        if not self.config["max_batch_size"]:
            return [response for request in requests for response in self.together([request])]
        return self.together(requests)

    def together(self, requests: list[Any]) -> list[Any]:
        feeds = [self.feeds(request) for request in requests]
        rows = [len(next(iter(feed.values()))) for feed in feeds]
        joined = {name: np.concatenate([feed[name] for feed in feeds]) for name in feeds[0]}
        names = [output.name for output in self.session.get_outputs()]
        outputs = dict(zip(names, self.session.run(names, joined), strict=True))
        bounds = np.cumsum(rows)[:-1]
        parts = {name: np.split(array, bounds) for name, array in outputs.items()}
        if not self.config["max_batch_size"]:
            parts = {name: [array] for name, array in outputs.items()}
        return [
            self.response(request, {name: parts[name][place] for name in parts})
            for place, request in enumerate(requests)
        ]

    def feeds(self, request: Any) -> dict[str, Any]:
        given = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
        if request.flags() & pb.TRITONSERVER_REQUEST_FLAG_SEQUENCE_START:
            self.kept[request.correlation_id()] = self.zeros
        return {**given, **(self.kept[request.correlation_id()] if self.pairs else {})}

    def response(self, request: Any, outputs: dict[str, Any]) -> Any:
        if self.pairs:
            new = {taken: outputs[given] for taken, given in self.pairs.items()}
            self.kept[request.correlation_id()] = new
        wanted = [output["name"] for output in self.config["output"]]
        tensors = [pb.Tensor(name, np.ascontiguousarray(outputs[name])) for name in wanted]
        return pb.InferenceResponse(tensors)
