"""The data set that is drawn: pictures, captions, and the box of every object.

`draw` makes one scene; `write` makes a folder of them that `datasets.read` understands.
`compose` fills a `layout` by one of the `arrangements`, `captions` describes it, and `render`
paints it with the sketches in `drawing`.
"""

from captioner.scenes.folder import ScenesError, is_scenes_folder, write
from captioner.scenes.kinds import NOUNS
from captioner.scenes.scene import Scene, SceneObject, draw

__all__ = ["NOUNS", "Scene", "SceneObject", "ScenesError", "draw", "is_scenes_folder", "write"]
