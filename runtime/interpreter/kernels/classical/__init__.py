"""Operators of classical machine learning, ``ai.onnx.ml``: trees, support vectors, linear models.

Where the specification is silent, this is what is computed here:

* Scores are added in float64 and rounded once, at the end; the output is float32.
* A tree ensemble's label is the class of the highest score among those that a leaf reached votes
  for, the first of those that are equal in float32: 15 times the float32 next to 1/30 is no more
  than half. Of two classes of which the leaves name only one, its score s is that of the second
  class; the first one's is 1 - s where no weight is below 0, else -s; with LOGISTIC they are those
  of s and -s. onnxruntime 1.32 differs where leaves name both of two classes: it takes the second
  one where its score is above 0, and writes 0 or 1 in place of the labels.
* TreeEnsemble's post_transform 1 is SOFTMAX and 2 LOGISTIC, as the schema says; onnxruntime 1.32
  exchanges them, takes sets of whole numbers only, and cuts the fraction of what it looks for.
* NaN goes where its node's ``nodes_missing_value_tracks_true`` says, else the way that the
  comparison gives: only BRANCH_NEQ holds.
* The float64 reference compares and adds in float64: a value that lies between a threshold and
  its float32 neighbour goes another way there.
"""
