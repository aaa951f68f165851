"""The help of ``onnxwright bench``: under which headings its options stand, and examples."""

SECTIONS = {
    "What is measured": (
        "--on",
        "--axis",
        "--input",
        "--suite",
        "--size",
        "--env",
        "--ort",
        "--strict",
        "--seed",
    ),
    "How sharp, and how long": (
        "--min-effect",
        "--rounds",
        "--max-rounds",
        "--time-budget",
        "--sample-time",
        "--peaks",
        "--dry-run",
    ),
    "What counts as right": ("--against", "--budget", "--atol", "--rtol"),
    "Under load": ("--load", "--servers", "--load-time"),
    "Limits of one process": ("--timeout", "--memory-limit", "--max-steps", "--no-map"),
    "Other machines": ("--served", "--cluster", "--hw"),
    "What is shown": ("--wide", "--columns", "--format"),
    "What is kept": (
        "--out",
        "--resume",
        "--export-json",
        "--export-csv",
        "--export-markdown",
        "--export-html",
        "--save-baseline",
    ),
    "What fails": ("--baseline", "--fail-on", "--help"),
}
EXAMPLES = {
    "a model of yours on every runtime that is here": "onnxwright bench net.onnx",
    "two models, two runtimes, two sizes, kept for a report": (
        "onnxwright bench a.onnx b.onnx --on numpy --on cpu --axis batch=1,8 --export-json r.json"
    ),
    "what would that measure, and how long does it take?": (
        "onnxwright bench a.onnx b.onnx --on numpy --on cpu --axis batch=1,8 --dry-run"
    ),
    "one thread and two, and how the answers come under load": (
        "onnxwright bench net.onnx --on cpu --axis threads=1,2 --load closed=4 --load poisson=200"
    ),
    "is the quantized one faster, by how much, and what does it cost?": (
        "onnxwright bench net.onnx net.int8.onnx --against net.onnx --on cpu --input x=x.npy"
    ),
    "one window a call through LSTM stacks of three sizes": "onnxwright bench --suite lstm-latency",
    "go on with a run that was stopped": "onnxwright bench --resume run.jsonl",
    "a provider of another environment": (
        "onnxwright bench net.onnx --on cpu --on openvino --env openvino=/path/bin/python"
    ),
    "has a release of onnxruntime changed its speed, and which was the first?": (
        "onnxwright bench net.onnx --ort 1.20,1.25,1.32 --axis threads=1"
    ),
    "fail where it has become slower than the baseline, or a case gives no result": (
        "onnxwright bench net.onnx --on cpu --baseline main --fail-on failed"
    ),
}
