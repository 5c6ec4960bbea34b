"""A decoder that captions: what it does once per photo, and once per word, compiled."""

import numpy as np

from captioner.decoder import model
from captioner.decoding import Seen


class Compiled:
    """The two models of a decoder that are run, compiled for every shape when it first comes. They
    follow the decoder's weights."""

    def __init__(self, decoder: model.Decoder):
        self._look = model.looking(decoder)
        self.step = model.stepping(decoder).predict_on_batch  # as `decoding` asks for it

    def see(self, grid: np.ndarray, visible: np.ndarray | None = None) -> Seen:
        """Grids (P, L, D), and which cells are visible, 1 or 0: (P, L), (1, L) for all photos
        alike, or None for all cells."""
        visible = np.broadcast_to(np.float32(1) if visible is None else visible, grid.shape[:2])
        return Seen(*self._look.predict_on_batch([np.asarray(grid, np.float32), visible]))
