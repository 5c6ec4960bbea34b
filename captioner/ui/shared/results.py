"""What the explorer shows: plain JSON, made from a caption or read from a saved file."""

import base64
import hashlib
import io
import time
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PIL import Image

from captioner.attention_maps import grid_json
from captioner.caption import Caption, rounded
from captioner.data.nouns import FUNCTION_WORDS, first_noun
from captioner.ui.shared.sampler_settings import DEFAULTS, Settings

# Of the JSON, which is also the format of saved results. Format 2 has the heads of transformers.
FORMAT = 2
JPEG_QUALITY = 88


@dataclass(frozen=True)
class CaptionResult:
    """A caption, and how it was made."""

    caption: Caption
    milliseconds: float
    vectors: np.ndarray  # (words, words): cosine similarity of the decoder's word vectors
    settings: Settings = DEFAULTS
    forced: int = 0  # number of words at the beginning that were prescribed
    covered: np.ndarray | None = None  # bool (rows, cols): hidden cells

    def to_json(self) -> dict:
        caption = self.caption.to_json()
        return {
            "caption": caption["caption"],
            "confidence": round(self.caption.confidence, 6),
            "milliseconds": round(self.milliseconds, 1),
            "attends": self.caption.use_attention,
            "words": caption["words"],
            "chosen": opening_word(self.caption),
            "vectors": rounded(self.vectors, 4),
            "settings": self.settings.to_json(),
            "forced": self.forced,
            "covered": [] if self.covered is None else np.argwhere(self.covered).tolist(),
        }


@dataclass(frozen=True)
class ExplorerValue:
    """A result and its photo: all that the explorer needs, and all that is saved.

    `keys` tell the pictures by their content, so that each is sent once.
    """

    result: CaptionResult
    photo: Image.Image  # upright RGB
    seen: Image.Image  # the input of the backbone, size x size
    checkpoint: str

    @property
    def keys(self) -> dict[str, str]:
        return {"photo": content_key(self.photo), "seen": content_key(self.seen)}

    def to_json(self, known: Collection[str] = ()) -> dict:
        """The value as JSON, without the pictures whose keys are `known`."""
        keys = self.keys
        value = {
            "format": FORMAT,
            "checkpoint": self.checkpoint,
            "width": self.photo.width,
            "height": self.photo.height,
            "keys": keys,
            "grid": grid_json(self.result.caption.geometry),
            **self.result.to_json(),
        }
        if keys["photo"] not in known:
            value["photo"] = data_url(self.photo, "jpeg", quality=JPEG_QUALITY)
        if keys["seen"] not in known:
            value["seen"] = data_url(self.seen, "png", compress_level=1)  # fast: somebody waits
        return value


def opening_word(caption: Caption) -> int:
    """Index of the word that a result opens on: the first noun; else, of the words that are no
    function words, the one with the sharpest attention; else the first word."""
    texts = [word.text for word in caption.words]
    if (noun := first_noun(texts)) is not None:
        return noun
    content = [i for i, text in enumerate(texts) if text not in FUNCTION_WORDS]
    return min(content, key=lambda i: _entropy(caption.words[i].attention), default=0)


def _entropy(attention: np.ndarray) -> float:
    weights = attention[attention > 0]
    return float(-(weights * np.log(weights)).sum())


def error_value(sentence: str) -> dict:
    """What the explorer gets instead of a caption."""
    return {"error": sentence}


def caption_photo(
    captioner, photo, settings: Settings = DEFAULTS, words=(), covered=None
) -> CaptionResult:
    """Captions a photo and measures the time. Raises as `Captioner.caption` does."""
    start = time.perf_counter()
    caption = captioner.caption(photo, settings.make_sampler(), words, covered)
    return result_of(captioner, caption, start, settings, words, covered)


def result_of(captioner, caption, start: float, settings, words, covered) -> CaptionResult:
    """The result for a caption that was just made, since `start` of `time.perf_counter`."""
    milliseconds = 1000 * (time.perf_counter() - start)
    vectors = captioner.vector_similarity([word.text for word in caption.words])
    return CaptionResult(caption, milliseconds, vectors, settings, len(words), covered)


def content_key(photo: Image.Image) -> str:
    """A key that only photos with the same pixels share."""
    size = f"{photo.width}x{photo.height}:".encode()
    return hashlib.blake2b(size + photo.tobytes(), digest_size=16).hexdigest()


def data_url(photo: Image.Image, kind: str, **options) -> str:
    """The photo as a data URL: no copy of it stays on the server."""
    file = io.BytesIO()
    photo.save(file, kind.upper(), **options)
    return file_url(f"image/{kind}", file.getvalue())


def file_url(media_type: str, data: bytes) -> str:
    """The contents of a file as a data URL."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"
