"""Two kinds of attention: additive, and scaled dot products with several heads."""

import numpy as np
from keras import layers, ops

HIDDEN = -1e9  # added to the energy of what must not be attended to; exceeds float16's range


class BahdanauAttention(layers.Layer):
    """Chooses for every word which cells of the photo count, and sums them up by these weights.

    Additive attention of Bahdanau et al. 2015, "Neural Machine Translation by Jointly Learning to
    Align and Translate" (arXiv:1409.0473, section 3.1 and appendix A.1.2).

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


class MultiHeadAttention(layers.Layer):
    """Attends with several heads, each of which compares other features of query and keys.

    Scaled dot-product attention of Vaswani et al. 2017, "Attention Is All You Need"
    (arXiv:1706.03762, section 3.2). With the query q and the value h_j, projected for each head:

        e_j = (W q) . (U h_j) / sqrt(size)      energy
        a   = softmax(scale * e)                attention weights
        c   = sum over j of a_j V h_j           context; those of all heads are projected together

    As Keras' layer of this name, but keys and values can be computed once and used for many words:
    `layer.key(values)` and `layer.value(values)`.

    Args:
        heads: H.
        size: A, of the keys, queries and values of a head.
        units: U, of the output.
        scale: multiplies the energies.
        dropout: share of the weights that is dropped in training.
    """

    def __init__(
        self, heads: int, size: int, units: int, scale: float = 1.0, dropout: float = 0.0, **kwargs
    ):
        super().__init__(autocast=False, **kwargs)  # `hide` stays float32, as above
        self.heads, self.size, self.scale = heads, size, scale
        policy = {"dtype": self.dtype_policy}
        # Without names of their own, which would have to differ from layer to layer in a model.
        self.query, self.key, self.value = (layers.Dense(heads * size, **policy) for _ in range(3))
        self.project = layers.Dense(units, **policy)
        self.drop = layers.Dropout(dropout, **policy)

    def build(self, query_shape, values_shape):
        self.query.build(query_shape)
        self.key.build(values_shape)
        self.value.build(values_shape)
        self.project.build((*query_shape[:-1], self.heads * self.size))
        self.built = True

    def call(self, x, keys, values, hide=0.0, training=False):
        """Attends with T queries.

        Args:
            x: (N, T, Q).
            keys, values: (N, M, H A), of `layer.key` and `layer.value`.
            hide: float32, 0 or a large negative number, that broadcasts to (N, H, T, M). It is not
                named "mask", a name that has a meaning of its own in Keras.

        Returns:
            The context (N, T, U) and the weights, float32 (N, H, T, M), whose sums over M are 1.
        """
        query, keys, values = map(self._divided, (self.query(x), keys, values))  # (N, H, ., A)
        products = ops.matmul(query, ops.transpose(ops.cast(keys, query.dtype), (0, 1, 3, 2)))
        energies = ops.cast(products, "float32") * (self.scale / np.sqrt(self.size))
        weights = ops.softmax(energies + hide, axis=-1)
        used = self.drop(ops.cast(weights, query.dtype), training=training)
        context = ops.matmul(used, ops.cast(values, query.dtype))  # (N, H, T, A)
        context = ops.reshape(
            ops.transpose(context, (0, 2, 1, 3)), (-1, ops.shape(x)[1], self.heads * self.size)
        )
        return self.project(context), weights

    def _divided(self, x):
        """(N, M, H A) -> (N, H, M, A)."""
        shape = (-1, ops.shape(x)[1], self.heads, self.size)
        return ops.transpose(ops.reshape(x, shape), (0, 2, 1, 3))
