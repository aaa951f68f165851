"""A copy of a session whose model also gives values between its nodes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import onnx

from ...external import external_tensors
from ...files import PROTOBUF_LIMIT, read_model
from ...untrusted import byte_count
from .options import OrtOptions
from .session import Session, open_session

_FOLDER = "session.model_external_initializers_file_folder_path"
"""Where onnxruntime looks for external data of a model that it is given as bytes."""
_ROOM = 2**20
"""Bytes left for the names of the added outputs."""


def tapped_session(session: Session, names: Sequence[str]) -> Session:
    """Open the session's model again, with the values `names` of its main graph as outputs too.

    More outputs keep onnxruntime from fusing across them: the model's own outputs may move.

    Raises
    ------
    ProviderError, ModelError
        onnxruntime refuses the model with these outputs.
    """
    model, options = _model(session)
    present = {value.name for value in model.graph.output}
    for name in names:
        if name not in present:
            model.graph.output.append(onnx.ValueInfoProto(name=name))
    return open_session(model.SerializeToString(), session.spec, options)


def _model(session: Session) -> tuple[onnx.ModelProto, OrtOptions]:
    """Return the session's model, and the options to open its bytes with."""
    if isinstance(session.source, bytes):
        return onnx.ModelProto.FromString(session.source), session.options
    model = read_model(session.source, embedded=False)
    outside = sum(byte_count(tensor) for tensor in external_tensors(model))
    if outside + model.ByteSize() < PROTOBUF_LIMIT - _ROOM:
        return read_model(session.source), session.options
    # Only newer builds of onnxruntime know this entry: those before refuse the model.
    folder = os.fspath(Path(session.source).resolve().parent)
    return model, replace(session.options, config={**session.options.config, _FOLDER: folder})
