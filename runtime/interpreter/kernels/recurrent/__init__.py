"""RNN, GRU and LSTM, every option of the operator specification, opsets 7 to the newest.

Where the specification is silent, this is what is computed here:

* A row of length zero ends in its initial state (onnxruntime 1.32 gives zeros), and a step at or
  after a row's length is zero in Y.
* A length below 0 or above the number of steps is an error.
* ``clip`` bounds the input of *every* activation, the LSTM's C before ``h`` included; a clip of
  0.0 that is present is obeyed (every activation sees 0), a negative one is an error.
* ``input_forget=1`` makes the forget gate ``1 - i``.
* Affine without alpha and beta is the identity (1, 0), ScaledTanh without them is Tanh (1, 1);
  alphas and betas beyond those that the functions take are ignored.
* float16 and bfloat16 are computed in float32 and rounded once, at the end.
"""
