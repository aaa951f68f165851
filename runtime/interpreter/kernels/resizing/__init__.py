"""Resize and Upsample, one axis at a time.

Where the specification is silent or leaves a choice, this is what is computed here:

* A length made by a scale is floor(length * scale), the product taken in float32. For the rest a
  scale is taken as the ratio of small whole numbers that float32 rounds to it, where there is one:
  float32 cannot hold 3/5, and 4.9999998 in place of 5 would pick another cell. onnxruntime computes
  places in float32, and picks another cell in such cases here and there.
* align_corners takes the length that the scale gives before it is rounded down, as onnx's own tests
  do; onnxruntime takes the rounded one.
* Below opset 11 ``nearest`` rounds down where an axis grows and up where it shrinks, as onnxruntime
  does.
* Integers are rounded to the nearest and saturated; onnxruntime cuts their fractions off in mode
  ``linear`` without antialiasing.
"""
