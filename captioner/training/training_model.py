"""The decoder with its loss and optimizer. Shapes: N captions, T words, L cells, V vocabulary."""

import keras
import numpy as np
from keras import ops

from captioner.backbones.backbone import Backbone
from captioner.decoder import architectures, model
from captioner.decoder.designs import DecoderConfig
from captioner.training import optimizers
from captioner.training.machines.devices import Devices, default_device, policy
from captioner.training.settings import FitConfig


def cross_entropy(logits, targets, smoothing: float):
    """Cross-entropy of words in nats, with label smoothing (Szegedy et al. 2016, arXiv:1512.00567)
    and without: both (...). Only the first has a gradient.

    Args:
        logits: (..., V).
        targets: ids of the words, (...).
        smoothing: share of the target that is spread over all words.
    """
    # One operation with its own gradient: on a processor, picking the targets out of
    # log-probabilities takes twice as long.
    size = logits.shape[-1]
    smooth_targets = (1 - smoothing) * ops.one_hot(targets, size) + smoothing / size
    smoothed = ops.categorical_crossentropy(smooth_targets, logits, from_logits=True)
    fixed = ops.stop_gradient(logits)
    of_target = ops.take_along_axis(fixed, targets[..., None], axis=-1)[..., 0]
    plain = ops.stop_gradient(smoothed) + smoothing * (ops.mean(fixed, axis=-1) - of_target)
    return smoothed, plain


def doubly_stochastic_penalty(attention, present):
    """How unevenly the attention of a caption is spread over the cells, the mean over captions.

    Doubly stochastic attention of Xu et al. (2015, section 4.2.1, arXiv:1502.03044), but the
    target of each cell is the mean instead of 1, which few words cannot reach on many cells.

    Args:
        attention: (N, T, L).
        present: 1 for a word, 0 for padding, (N, T).
    """
    total = ops.sum(attention * present[:, :, None], axis=1)  # (N, L)
    uneven = ops.sum(ops.square(total - ops.mean(total, axis=-1, keepdims=True)), axis=-1)
    captions = ops.max(present, axis=-1)  # 0 for a row of padding
    return ops.sum(uneven * captions) / ops.maximum(ops.sum(captions), 1.0)


def supervision_loss(attention, inside, present):
    """Negative log of the attention inside the boxes of what each word names, summed over words.

    Supervised attention of Liu et al. (2017, arXiv:1605.09553). Words without boxes count 0.

    Args:
        attention: (N, T, L).
        inside: share of each cell that the boxes cover, (N, T, L); zeros without boxes.
        present: 1 for a word, 0 for padding, (N, T).
    """
    inside = ops.cast(inside, "float32")
    named = present * ops.cast(ops.any(inside > 0, axis=-1), present.dtype)
    attended = ops.maximum(ops.sum(inside * attention, axis=-1), 1e-6)
    return -ops.sum(named * ops.log(attended))


def features(network: keras.Model, pixels, sizes: DecoderConfig):
    """Pixels (P, size, size, 3) -> the grid (P, L, D) of a backbone's network, whose batch norm
    keeps its statistics."""
    grid = network(pixels, training=False)  # (P, rows, cols, D)
    return ops.reshape(grid, (-1, sizes.cells, sizes.channels))


class TrainingModel(keras.Model):
    """A decoder, and the backbone's network if that is trained too, with the loss over captions.

    Its inputs are batches of `CaptionBatches`; with a network, `grid` holds pixels. The network's
    batch norm keeps its statistics, since a batch has few photos.
    """

    def __init__(
        self,
        decoder: model.Decoder,
        config: FitConfig,
        network: keras.Model | None = None,
        steps: int = 1,
        replicas: int = 1,
        workers: int = 1,
    ):
        """`steps` of the whole training; `replicas` have losses whose gradients are summed;
        `workers` are processes that train together."""
        super().__init__()
        self.workers = workers
        self.decoder, self.network = decoder, network
        self.config, self.replicas = config, replicas
        # With negative weights, smoothing would lower all words without limit.
        self.smoothing = 0.0 if config.self_critical else config.label_smoothing
        if config.scheduled_sampling:
            self.steps = steps
            self.random = keras.random.SeedGenerator(config.seed)
            self.step = self.add_weight(initializer="zeros", trainable=False, name="step")
        self.loss_tracker = keras.metrics.Mean(name="loss")
        self.loss_per_word = keras.metrics.Mean(name="loss_per_word")  # nats, without smoothing

    def call(self, inputs, training=False):
        if self.network is not None:
            inputs = {**inputs, "grid": features(self.network, inputs["grid"], self.decoder.config)}
        if training and self.config.scheduled_sampling:
            inputs = {**inputs, "tokens": self._with_sampled_tokens(inputs)}
        return self.decoder(inputs, training=training)

    def _with_sampled_tokens(self, inputs):
        """Tokens (N, T), a growing share of which is sampled from the decoder.

        Scheduled sampling (Bengio et al. 2015, arXiv:1506.03099), for all words in parallel
        (Duckworth et al. 2019, arXiv:1906.04331): sampled after the words of the caption.
        """
        tokens = inputs["tokens"]
        batch = {name: inputs[name] for name in ("grid", "photo", "tokens")}
        logits = ops.stop_gradient(self.decoder(batch, training=False)["logits"])  # (N, T, V)
        rows = ops.reshape(logits, (-1, logits.shape[-1]))
        sampled = keras.random.categorical(rows, 1, dtype="int32", seed=self.random)
        sampled = ops.reshape(sampled, ops.shape(tokens))
        sampled = ops.concatenate([tokens[:, :1], sampled[:, :-1]], axis=1)  # START stays
        share = self.config.scheduled_sampling * self.step / self.steps
        self.step.assign_add(1.0)
        chance = keras.random.uniform(ops.shape(tokens), seed=self.random)
        return ops.where(chance < share, sampled, tokens)

    def reset_metrics(self):
        """Sets the metrics to 0, those of several workers where they are; Keras would make them
        local again."""
        if self.workers == 1:
            return super().reset_metrics()
        for variable in self.metrics_variables:
            variable.assign(ops.zeros_like(variable.value))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The loss: mean over the words of a batch; padding, of weight 0, does not count."""
        weights, targets = x["weights"], x["targets"]
        present = ops.cast(weights != 0, weights.dtype)  # (N, T)
        if "places" in x:
            weights, targets = (
                ops.take(ops.reshape(each, (-1,)), x["places"]) for each in (weights, targets)
            )
        words = ops.maximum(ops.sum(present), 1.0)
        smoothed, plain = cross_entropy(y_pred["logits"], targets, self.smoothing)
        loss = ops.sum(smoothed * weights) / words
        attention, config = y_pred["attention"], self.config
        if config.doubly_stochastic:
            loss += config.doubly_stochastic * doubly_stochastic_penalty(attention, present)
        if config.attention_supervision and "inside" in x:
            supervision = supervision_loss(attention, x["inside"], present)
            loss += config.attention_supervision * supervision / words
        self.loss_tracker.update_state(loss)
        self.loss_per_word.update_state(ops.sum(plain * weights) / words, sample_weight=words)
        return loss / self.replicas


def build(
    config: FitConfig,
    decoder_config: DecoderConfig,
    steps: int,
    example: dict,
    backbone: Backbone | None = None,
    initial: model.Decoder | None = None,
    devices: Devices | None = None,
    word_vectors: np.ndarray | None = None,
) -> TrainingModel:
    """A compiled TrainingModel with all its variables.

    Args:
        config: settings of the training.
        decoder_config: sizes of the decoder.
        steps: of the whole training.
        example: a batch; its shapes build the model.
        backbone: is copied and trained too if `config.tune` is set.
        initial: decoder of the same sizes whose weights are the first ones.
        devices: to compute on; by default the backend's own choice.
        word_vectors: (V, E), used as embedding and not trained.
    """
    devices = devices or default_device()
    with devices.building():
        keras.utils.set_random_seed(config.seed)
        precision = policy(config.mixed)
        decoder = architectures.build(decoder_config, precision)
        if initial is not None:
            decoder.set_weights(initial.get_weights())
        if word_vectors is not None:
            decoder.embed.set_weights([word_vectors])
            decoder.embed.trainable = False
        network = backbone.copy(precision).network if config.tune else None
        training_model = TrainingModel(
            decoder, config, network, steps, devices.replicas, devices.workers.count
        )
        optimizer = optimizers.AdamW(
            config.peak_rate,
            steps,
            min(config.warmup, steps // 5),
            config.weight_decay,
            final_share=1e-3 if config.schedule == "cosine" else 1.0,
            global_clipnorm=5.0,
        )
        optimizers.compile_model(training_model, optimizer, example)
    decoder.by_rows = devices.by_rows  # only now: the example is not divided
    return training_model
