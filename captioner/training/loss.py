"""A decoder and what it is taught by: its loss, its optimizer, its learning rate."""

import keras
import numpy as np
from keras import ops

from captioner.backbones.backbone import Backbone
from captioner.decoder import model
from captioner.training import devices, optimizers
from captioner.training.settings import FitConfig


class Teaching(keras.Model):
    """A decoder with its loss over captions; see `CaptionBatches` for what it is fed.

    With a `network` it is fed pixels in place of the grid, and the network learns, too; its batch
    norm keeps the statistics it has, since the photos of a batch are few.
    """

    def __init__(
        self,
        decoder: model.Decoder,
        config: FitConfig,
        network: keras.Model | None = None,
        steps: int = 1,
    ):
        """`steps`: how many there will be in all."""
        super().__init__()
        self.decoder = decoder
        self.network = network
        # Sentences of negative weight would push all words down without an end.
        self.smoothing = 0.0 if config.self_critical else config.label_smoothing
        self.coverage = config.doubly_stochastic
        self.supervision = config.attention_supervision
        self.replicas = 1  # that compute a loss of their own, whose gradients are added up
        self.own_words = config.scheduled_sampling
        if self.own_words:
            self.steps = steps
            self.chance = keras.random.SeedGenerator(config.seed)
            self.taken = self.add_weight(initializer="zeros", trainable=False, name="taken")
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.per_word = keras.metrics.Mean(name="loss_per_word")  # nats, without smoothing

    def call(self, inputs, training=False):
        if self.network is not None:
            grid = self.network(inputs["grid"], training=False)  # (P, rows, cols, D)
            cells = (-1, self.decoder.config.cells, self.decoder.config.channels)
            inputs = {**inputs, "grid": ops.reshape(grid, cells)}
        if training and self.own_words:
            inputs = {**inputs, "tokens": self._with_own_words(inputs)}
        return self.decoder(inputs, training=training)

    def _with_own_words(self, inputs):
        """Tokens (N, T) of which more and more are what the decoder itself says there.

        Scheduled sampling (Bengio et al. 2015, arXiv:1506.03099) for all words at once (Duckworth
        et al. 2019, arXiv:1906.04331): drawn from what it says after the true words.
        """
        tokens = inputs["tokens"]
        every = {name: inputs[name] for name in ("grid", "photo", "tokens")}
        logits = ops.stop_gradient(self.decoder(every, training=False)["logits"])  # (N, T, V)
        rows = ops.reshape(logits, (-1, logits.shape[-1]))
        said = keras.random.categorical(rows, 1, dtype="int32", seed=self.chance)
        said = ops.reshape(said, ops.shape(tokens))
        said = ops.concatenate([tokens[:, :1], said[:, :-1]], axis=1)  # START stays
        share = self.own_words * self.taken / self.steps
        self.taken.assign_add(1.0)
        drawn = keras.random.uniform(ops.shape(tokens), seed=self.chance)
        return ops.where(drawn < share, said, tokens)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Mean over the words that are there; padding, of weight 0, counts for nothing."""
        weights, targets = x["weights"], x["targets"]
        present = ops.cast(weights != 0, weights.dtype)  # (N, T)
        if "places" in x:
            weights, targets = (
                ops.take(ops.reshape(each, (-1,)), x["places"]) for each in (weights, targets)
            )
        words = ops.maximum(ops.sum(present), 1.0)
        # One operation, whose gradient comes with it: choosing the right words' out of all
        # log-probabilities, which is undone word by word, takes twice as long on a processor.
        logits, share = y_pred["logits"], self.smoothing
        aims = (1 - share) * ops.one_hot(targets, logits.shape[-1]) + share / logits.shape[-1]
        off = ops.categorical_crossentropy(aims, logits, from_logits=True)
        loss = ops.sum(off * weights) / words
        said = ops.stop_gradient(logits)
        right = ops.take_along_axis(said, targets[..., None], axis=-1)[..., 0]
        unsmoothed = ops.stop_gradient(off) + share * (ops.mean(said, axis=-1) - right)
        if self.coverage:
            # Doubly stochastic attention (Xu et al. 2015, section 4.2.1), with the sum that a
            # uniform map would give as its aim: with 49 cells and ten words 1 can't be reached.
            given = ops.sum(y_pred["attention"] * present[:, :, None], axis=1)  # (N, L)
            fair = ops.mean(given, axis=-1, keepdims=True)
            there = ops.max(present, axis=-1)
            uneven = ops.sum(ops.square(given - fair), axis=-1) * there
            loss += self.coverage * ops.sum(uneven) / ops.maximum(ops.sum(there), 1.0)
        if self.supervision and "inside" in x:
            # Attention within the boxes of what a word names (Liu et al. 2017, arXiv:1605.09553).
            inside = ops.cast(x["inside"], "float32")  # (N, T, L)
            named = present * ops.cast(ops.any(inside > 0, axis=-1), present.dtype)
            within = ops.maximum(ops.sum(inside * y_pred["attention"], axis=-1), 1e-6)
            loss -= self.supervision * ops.sum(named * ops.log(within)) / words
        self.loss_tracker.update_state(loss)
        self.per_word.update_state(ops.sum(unsmoothed * weights) / words, sample_weight=words)
        return loss / self.replicas


def build(
    config: FitConfig,
    sizes: model.DecoderConfig,
    steps: int,
    example: dict,
    backbone: Backbone | None = None,
    initial: model.Decoder | None = None,
    team: devices.Devices | None = None,
    vectors: np.ndarray | None = None,
) -> Teaching:
    """A compiled Teaching whose variables are all there.

    `steps` there will be in all; `example` is a batch. The weights of `initial` are begun with.
    `vectors` (V, E) of the words are kept as they are.
    """
    team = team or devices.one()
    with team.scope():
        return _build(config, sizes, steps, example, backbone, initial, team.replicas, vectors)


def _build(config, sizes, steps, example, backbone, initial, replicas, vectors) -> Teaching:
    keras.utils.set_random_seed(config.seed)
    policy = devices.policy(config.mixed)
    decoder, network = model.Decoder(sizes, dtype=policy), None
    if initial is not None:
        decoder.set_weights(initial.get_weights())
    if vectors is not None:
        decoder.embed.set_weights([vectors])
        decoder.embed.trainable = False
    if config.tune:
        network = backbone.copy(policy).network
    teaching = Teaching(decoder, config, network, steps)
    teaching.replicas = replicas
    optimizer = optimizers.adamw(
        config.peak_rate,
        steps,
        min(config.warmup, steps // 5),
        config.weight_decay,
        left=1e-3 if config.schedule == "cosine" else 1.0,
        global_clipnorm=5.0,
    )
    teaching.compile(optimizer=optimizer, jit_compile=devices.with_xla())
    teaching(example)
    optimizer.build(teaching.trainable_variables)
    return teaching
