"""Pooling of any rank, strides, dilations and paddings.

Where the specification is silent or ambiguous, this is what is computed here:

* A window that would start in the right padding is left out, at every opset (the rule that
  AveragePool-22 and MaxPool-22 write down).
* ``ceil_mode`` windows may reach beyond the padding; such cells are never counted by AveragePool,
  also not with ``count_include_pad``.
* SAME_UPPER and SAME_LOWER never pad by less than zero: where strides skip cells, the first window
  starts at the first cell.
* MaxPool's ``storage_order=1`` orders the spatial axes column-major inside each channel's plane.
* The first of equal maxima, in row-major order of the window, gives the index.
"""
