"""Folders that serve a model: for Triton, KServe, MLServer, Ray Serve, OpenVINO and browsers."""

from .bundle import TARGETS, Bundle, bundle
from .checks.check import Checked, check
from .checks.problem import Problem
from .errors import BundleError
from .options import Options

__all__ = ["TARGETS", "Bundle", "BundleError", "Checked", "Options", "Problem", "bundle", "check"]
