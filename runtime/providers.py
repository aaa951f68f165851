"""The runtimes and onnxruntime providers by short name: one row to add for a new provider."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..texts import did_you_mean
from .errors import ProviderError

NUMPY = ("numpy", "numpy:float64")
_SERVED = ("http://", "https://", "grpc://", "grpcs://")


def is_served(on: str) -> bool:
    """Say whether `on` is the URL of a served model.

    >>> is_served("grpc://localhost:8001/tagger"), is_served("HTTP://host/"), is_served("cpu")
    (True, True, False)
    """
    return on.lower().startswith(_SERVED)


@dataclass(frozen=True)
class ProviderSpec:
    """What is known about one onnxruntime execution provider before it is loaded."""

    name: str
    """Short name, as given to ``load(on=...)``."""
    ort_name: str
    """onnxruntime's own name."""
    install: str
    """The command that puts it into an environment."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Provider options that are set unless the caller sets them."""
    precision: str | None = None
    """How it computes float32 with these defaults, where that needs saying."""
    overridden: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What it is instead, by provider option and value."""
    libraries: str | None = None
    """What to do when the build has the provider and its libraries or driver are missing."""
    plugin: str | None = None
    """The Python package that ships it as a plugin library, or None for a part of the build."""

    def stated_precision(self, provider_options: Mapping[str, str]) -> str | None:
        """Say how float32 is computed with these options, where that needs saying."""
        for (name, value), text in self.overridden.items():
            if provider_options.get(name) == value:
                return text
        return self.precision


def _extra(extra: str) -> str:
    return f"pip install 'onnxwright[{extra}]'"


_SPECS = (
    ProviderSpec("cpu", "CPUExecutionProvider", _extra("cpu")),
    ProviderSpec(
        "cuda",
        "CUDAExecutionProvider",
        _extra("gpu"),
        # cuDNN and cuBLAS round float32 operands to 10 bits of mantissa by default.
        {"use_tf32": "0"},
        "float32 without TF32 (use_tf32=0)",
        {("use_tf32", "1"): "float32 with TF32: matrix products round to 10 bits of mantissa"},
        "install NVIDIA's driver, and CUDA and cuDNN: pip install 'onnxruntime-gpu[cuda,cudnn]'",
    ),
    ProviderSpec(
        "tensorrt",
        "TensorrtExecutionProvider",
        _extra("gpu"),
        {"trt_fp16_enable": "0"},
        "float32; TensorRT may use TF32 unless NVIDIA_TF32_OVERRIDE=0 is in the environment",
        {("trt_fp16_enable", "1"): "float16 wherever TensorRT finds it faster"},
        "install NVIDIA's driver, CUDA, cuDNN and TensorRT: "
        "pip install 'onnxruntime-gpu[cuda,cudnn]' tensorrt",
    ),
    ProviderSpec(
        "tensorrt-rtx", "NvTensorRTRTXExecutionProvider", "a build of onnxruntime with it"
    ),
    ProviderSpec(
        "openvino",
        "OpenVINOExecutionProvider",
        _extra("openvino"),
        # Without it OpenVINO computes float32 models in bfloat16 on CPUs that have it.
        {"device_type": "CPU", "precision": "FP32"},
        "float32 (precision=FP32)",
        {
            ("precision", "FP16"): "float16 (precision=FP16)",
            ("precision", "ACCURACY"): "the model's own types (precision=ACCURACY)",
        },
    ),
    ProviderSpec("directml", "DmlExecutionProvider", _extra("directml")),
    ProviderSpec(
        "coreml",
        "CoreMLExecutionProvider",
        _extra("cpu") + " (on macOS)",
        {"ModelFormat": "MLProgram"},
        "may compute in float16 on the GPU and the neural engine (MLComputeUnits=CPUOnly does not)",
    ),
    ProviderSpec(
        "webgpu",
        "WebGpuExecutionProvider",
        "pip install onnxruntime onnxruntime-ep-webgpu",
        plugin="onnxruntime_ep_webgpu",
    ),
    ProviderSpec("migraphx", "MIGraphXExecutionProvider", "pip install onnxruntime-migraphx"),
    ProviderSpec("rocm", "ROCMExecutionProvider", "pip install onnxruntime-rocm"),
    ProviderSpec(
        "qnn",
        "QNNExecutionProvider",
        "pip install onnxruntime-qnn",
        precision="the HTP backend computes float32 in float16",
    ),
    ProviderSpec(
        "xnnpack", "XnnpackExecutionProvider", "a build of onnxruntime with --use_xnnpack"
    ),
    ProviderSpec("dnnl", "DnnlExecutionProvider", "a build of onnxruntime with --use_dnnl"),
    ProviderSpec("vitisai", "VitisAIExecutionProvider", "a build of onnxruntime with it"),
    ProviderSpec("cann", "CANNExecutionProvider", "pip install onnxruntime-cann"),
)
SPECS: Mapping[str, ProviderSpec] = {spec.name: spec for spec in _SPECS}
_BY_ORT_NAME = {spec.ort_name.lower(): spec for spec in _SPECS}


def runtime_name(on: str) -> str:
    """Return the name of a runtime of ours as it is written here; any other text as it is.

    >>> runtime_name("NumPy"), runtime_name("CPU"), runtime_name("http://Host/v2/models/net")
    ('numpy', 'CPU', 'http://Host/v2/models/net')
    """
    return on.lower() if on.lower() in NUMPY else on


def find_spec(on: str) -> ProviderSpec:
    """Return the provider called `on`, by short name or by onnxruntime's own name.

    An unknown name that ends in ``ExecutionProvider`` is taken as given: a plugin library can
    bring any.

    >>> find_spec("cuda").ort_name, find_spec("CUDAExecutionProvider").name
    ('CUDAExecutionProvider', 'cuda')

    Raises
    ------
    ProviderError
        There is no such runtime.
    """
    spec = SPECS.get(on.lower()) or _BY_ORT_NAME.get(on.lower())
    if spec is not None:
        return spec
    if on.endswith("ExecutionProvider"):
        name = on.removesuffix("ExecutionProvider").lower()
        return ProviderSpec(name, on, "the plugin library that has it, given as library=...")
    known = [*NUMPY, *SPECS]
    raise ProviderError(
        f"there is no runtime called '{on}'",
        f"{did_you_mean(on, known)}use one of {', '.join(known)}, onnxruntime's own name of a "
        "provider, or a served model's URL",
    )
