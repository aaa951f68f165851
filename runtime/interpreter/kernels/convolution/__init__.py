"""Convolutions of any rank, groups, strides, dilations and paddings."""
