"""Every form of layer as data: how a network says it, and what the oracle says it must give."""

from .form import Feeds, Form
from .images import IMAGES
from .matrices import MATRICES
from .recurrent import RecurrentForm
from .tables import GRUS, LSTMS, RNNS

__all__ = ["GRUS", "IMAGES", "LSTMS", "MATRICES", "RNNS", "Feeds", "Form", "RecurrentForm"]
