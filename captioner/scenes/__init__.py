"""The data set that we draw ourselves: pictures, captions, and the box of everything in them.

`draw` makes one scene, `write` a folder of them that `datasets.read` understands. How they come
about: `compose` puts things on a `stage` by one of the `stories`; `words` says five true things
about it; `render` paints it with the sketches of `animals`, `people`, `goods`, .. on one of the
`places`.
"""

from captioner.scenes.folder import ScenesError, are_in, write
from captioner.scenes.kinds import NOUNS
from captioner.scenes.scene import Scene, Thing, draw

__all__ = ["NOUNS", "Scene", "ScenesError", "Thing", "are_in", "draw", "write"]
