"""Additive attention, as in Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning
to Align and Translate" (arXiv:1409.0473, section 3.1 and appendix A.1.2)."""

from keras import layers, ops


class BahdanauAttention(layers.Layer):
    """Chooses for every word which cells of the photo count, and sums them up by these weights.

    With the query q (the decoder's state) and the value h_j of cell j:

        e_j = v . tanh(W q + U h_j)      energy
        a   = softmax(scale * e)         attention weights
        c   = sum over j of a_j h_j      context

    W, U and v are the layers `query`, `key` and `score`. U h_j does not depend on the word:
    compute the keys once per photo with `layer.key(values)`.

    Args:
        units: A, the size of the hidden layer in which query and cell are compared.
        scale: multiplies the energies. Far above 1 the weights soon concentrate on few cells,
            since a small change of W, U or v then changes them more.
        use_bias: whether W and v have a bias. U always has one.
    """

    def __init__(self, units: int, scale: float = 1.0, use_bias: bool = False, **kwargs):
        # Without autocast the mask stays float32: its large negative numbers exceed float16.
        super().__init__(autocast=False, **kwargs)
        self.scale = scale
        self.key = layers.Dense(units, name="key")
        self.query = layers.Dense(units, use_bias=use_bias, name="query")
        self.score = layers.Dense(1, use_bias=use_bias, name="score")

    def build(self, query_shape, keys_shape, values_shape, mask_shape):
        self.key.build(values_shape)
        self.query.build(query_shape)
        self.score.build(keys_shape)
        self.built = True

    def call(self, query, keys, values, mask):
        """Attends to N photos.

        Args:
            query: (N, Q).
            keys: (N, L, A), `layer.key(values)`.
            values: (N, L, G), the cells.
            mask: float32 (N, L), 0 for a visible cell and a large negative number for a hidden one.

        Returns:
            The context (N, G) and the weights, float32 (N, L), whose sum is 1.
        """
        hidden = ops.tanh(keys + self.query(query)[:, None, :])  # (N, L, A)
        energies = ops.cast(self.score(hidden)[:, :, 0], "float32")  # (N, L)
        weights = ops.softmax(self.scale * energies + mask, axis=-1)
        context = ops.matmul(ops.cast(weights, values.dtype)[:, None], values)[:, 0]
        return context, weights
