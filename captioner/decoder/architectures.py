"""From a config to its decoder."""

from captioner.decoder.designs import DESIGNS, DecoderConfig
from captioner.decoder.model import Decoder
from captioner.decoder.recurrent import RecurrentDecoder
from captioner.decoder.transformer import TransformerDecoder


def build(config: DecoderConfig, policy=None) -> Decoder:
    """A decoder with random weights.

    Args:
        config: its design and sizes.
        policy: Keras dtype policy; None for Keras' own.
    """
    kind = TransformerDecoder if DESIGNS[config.design].transformer else RecurrentDecoder
    return kind(config, dtype=policy)
