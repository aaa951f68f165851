"""Folders that serve a model: for Triton, KServe, MLServer, Ray Serve, OpenVINO and browsers."""

from .bundle import TARGETS, Bundle, bundle
from .errors import BundleError
from .options import Options

__all__ = ["TARGETS", "Bundle", "BundleError", "Options", "bundle"]
