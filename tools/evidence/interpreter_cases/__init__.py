"""The models that `tools/evidence/interpreter.py` times, each with one set of feeds.

`LAYERS` are single layers and plain nets, `NETS` nets like those that people run.
"""

from collections.abc import Callable

from . import classical, integers, layers, sound, spectra, vision
from .case import Case

Maker = Callable[[], Case]
LAYERS: list[Maker] = layers.CASES
NETS: list[Maker] = [
    lambda: vision.mobilenet(fused=False),
    lambda: vision.mobilenet(fused=True),
    vision.detector,
    vision.recogniser,
    sound.voice,
    sound.keywords,
    spectra.convolved,
    spectra.framed,
    integers.transformer,
    integers.integer_cnn,
    integers.marked_cnn,
    integers.lstm,
    lambda: classical.boosted_classifier(1),
    lambda: classical.boosted_classifier(1000),
    lambda: classical.boosted_regressor(100),
    lambda: classical.new_trees(100),
    lambda: classical.vector_classifier(100),
    lambda: classical.vector_regressor(100),
]
CASES = LAYERS + NETS
__all__ = ["CASES", "LAYERS", "NETS", "Case"]
