"""Run one model on OpenCV's dnn module. See ../check_targets.py for the protocol."""

import sys
from typing import Any

import cv2
import three_runs

net = cv2.dnn.readNetFromONNX(sys.argv[1])
outputs = sys.argv[4].split(",")


def run(feeds: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs by name."""
    for name, array in feeds.items():
        net.setInput(array, name)
    return dict(zip(outputs, net.forward(net.getUnconnectedOutLayersNames()), strict=False))


three_runs.write(sys.argv[2], sys.argv[3], run)
print(f"OpenCV {cv2.__version__}")
