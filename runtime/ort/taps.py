"""A copy of a session whose model also gives values between its nodes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import onnx

from ...files import read_model
from .session import Session, open_session

_FOLDER = "session.model_external_initializers_file_folder_path"
"""Where onnxruntime looks for external data of a model that it is given as bytes."""


def tapped_session(session: Session, names: Sequence[str]) -> Session:
    """Open the session's model again, with the values `names` of its main graph as outputs too.

    More outputs keep onnxruntime from fusing across them: the model's own outputs may move.

    Raises
    ------
    ProviderError, ModelError
        onnxruntime refuses the model with these outputs.
    """
    if isinstance(session.source, bytes):
        model = onnx.ModelProto.FromString(session.source)
        options = session.options
    else:
        model = read_model(session.source, embedded=False)
        folder = os.fspath(Path(session.source).resolve().parent)
        options = replace(session.options, config={**session.options.config, _FOLDER: folder})
    present = {value.name for value in model.graph.output}
    for name in names:
        if name not in present:
            model.graph.output.append(onnx.ValueInfoProto(name=name))
    return open_session(model.SerializeToString(), session.spec, options)
