"""Run one model on OpenCV's dnn module. See ../check_targets.py for the protocol."""

import sys

import cv2
import numpy as np

net = cv2.dnn.readNetFromONNX(sys.argv[1])
for name, array in np.load(sys.argv[2]).items():
    net.setInput(array, name)
names = net.getUnconnectedOutLayersNames()
outputs = sys.argv[4].split(",")
results = net.forward(names)
np.savez(sys.argv[3], **dict(zip(outputs, results, strict=False)))
print(f"OpenCV {cv2.__version__}")
