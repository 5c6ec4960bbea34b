"""A decoder for captioning: its two models, compiled."""

import numpy as np

from captioner.decoder import model
from captioner.decoding import EncodedPhotos


class CompiledDecoder:
    """Runs a decoder once per photo (`encode`) and once per word (`step`).

    Both are compiled when a new shape comes, and follow the weights of the decoder.
    """

    def __init__(self, decoder: model.Decoder):
        self._encoder = model.encoder_model(decoder)
        self.step = model.step_model(decoder).predict_on_batch  # the `step` of `decoding`

    def encode(self, grid: np.ndarray, visible: np.ndarray | None = None) -> EncodedPhotos:
        """Prepares P photos for decoding.

        Args:
            grid: features (P, L, D).
            visible: 1 for a visible cell and 0 for a hidden one, (P, L), or (1, L) for all photos
                alike; None if all cells are visible.
        """
        visible = np.broadcast_to(np.float32(1) if visible is None else visible, grid.shape[:2])
        inputs = [np.asarray(grid, np.float32), visible]
        return EncodedPhotos(*self._encoder.predict_on_batch(inputs))
