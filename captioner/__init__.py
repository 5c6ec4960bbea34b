"""Captions photos and shows what each word attends to.

    from captioner import Captioner
    caption = Captioner.load().caption("photo.jpg")

Importing this package is cheap: TensorFlow comes with the first use of `Captioner`.
"""

from captioner.caption import Caption, Word
from captioner.samplers import Beam, Greedy, Sampling

__all__ = ["Beam", "Caption", "Captioner", "Greedy", "Sampling", "Word"]


def __getattr__(name: str):
    if name == "Captioner":
        from captioner.imports import import_tensorflow

        import_tensorflow()
        from captioner.captioner import Captioner

        return Captioner
    raise AttributeError(f"module 'captioner' has no attribute {name!r}")
