"""Whether a model is sound, whatever runs it: held against ONNX's own rules, never executed."""

from .check import check_soundness
from .fix import fix
from .rules import RULES, SoundnessRule, explain

__all__ = ["RULES", "SoundnessRule", "check_soundness", "explain", "fix"]
