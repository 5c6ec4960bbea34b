"""What the explorer shows: plain JSON, made from a caption or read back from a saved file."""

import base64
import io
import time
from dataclasses import dataclass

import numpy as np
from PIL import Image

from captioner.attention_maps import grid_json
from captioner.caption import Caption
from captioner.ui.shared.sampler_settings import USUAL, Settings

FORMAT = 1  # of the JSON, in which results are saved, too
JPEG_QUALITY = 88


@dataclass(frozen=True)
class Result:
    """A caption, and how it came about."""

    caption: Caption
    milliseconds: float
    vectors: np.ndarray  # (words, words): cosine of the decoder's word vectors
    settings: Settings = USUAL
    forced: int = 0  # so many words at the beginning were given
    covered: np.ndarray | None = None  # bool (rows, cols): hidden cells

    def to_json(self) -> dict:
        said = self.caption.to_json()
        return {
            "caption": said["caption"],
            "confidence": round(self.caption.confidence, 6),
            "milliseconds": round(self.milliseconds, 1),
            "attends": self.caption.use_attention,
            "words": said["words"],
            "vectors": np.round(self.vectors.astype(float), 4).tolist(),
            "settings": self.settings.to_json(),
            "forced": self.forced,
            "covered": [] if self.covered is None else np.argwhere(self.covered).tolist(),
        }


@dataclass(frozen=True)
class Shown:
    """A result and the photo it is of."""

    result: Result
    photo: Image.Image  # upright RGB
    seen: Image.Image  # what the network saw of it, size x size
    checkpoint: str

    def to_json(self) -> dict:
        return {
            "format": FORMAT,
            "checkpoint": self.checkpoint,
            "photo": data_url(self.photo, "jpeg", quality=JPEG_QUALITY),
            "width": self.photo.width,
            "height": self.photo.height,
            "seen": data_url(self.seen, "png", compress_level=1),  # quick; it travels often
            "grid": grid_json(self.result.caption.geometry),
            **self.result.to_json(),
        }


def error_value(sentence: str) -> dict:
    """What the explorer shows where there is no caption."""
    return {"error": sentence}


def captioned(captioner, photo, settings: Settings = USUAL, words=(), covered=None) -> Result:
    """Lets the captioner caption a photo. Raises as `Captioner.caption` does."""
    begun = time.perf_counter()
    caption = captioner.caption(photo, settings.chooser, words, covered)
    milliseconds = 1000 * (time.perf_counter() - begun)
    return result_of(captioner, caption, milliseconds, settings, words, covered)


def result_of(captioner, caption, milliseconds, settings, words=(), covered=None) -> Result:
    """A result around a caption that is there already."""
    vectors = captioner.vector_similarity([word.text for word in caption.words])
    return Result(caption, milliseconds, vectors, settings, len(words), covered)


def data_url(photo: Image.Image, kind: str, **options) -> str:
    """The photo within the value itself: nothing of it stays on the server."""
    file = io.BytesIO()
    photo.save(file, kind.upper(), **options)
    return file_url(f"image/{kind}", file.getvalue())


def file_url(kind: str, data: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
