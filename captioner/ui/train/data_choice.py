"""The data chosen for a training: one data set, or several that are trained on together."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from captioner.data import datasets
from captioner.ui.shared import data_sources

ALL = "*"  # validate on every data set, by the mean of their scores


@dataclass(frozen=True)
class DataChoice:
    """Choices as in `data_sources.choices`."""

    first: str
    more: tuple[str, ...] = ()  # folders of further data sets
    scene_count: int = data_sources.SCENE_COUNT

    @classmethod
    def from_controls(
        cls, first: str, more: Iterable[str] | None, scene_count: float = data_sources.SCENE_COUNT
    ) -> "DataChoice":
        """Makes it from what the controls hold; a data set that is chosen twice counts once."""
        more = dict.fromkeys(folder for folder in more or () if folder != first)
        return cls(first, tuple(more), int(scene_count))

    @property
    def all(self) -> tuple[str, ...]:
        return self.first, *self.more

    @property
    def has_scenes(self) -> bool:
        return self.first == data_sources.SCENES

    @property
    def only_scenes(self) -> bool:
        """Whether the settings for scenes suit; scenes beside photos train as photos do."""
        return self.has_scenes and not self.more

    def recipe_fields(self, scored: str = ALL) -> dict:
        """Returns the fields of a `Recipe` for these data.

        Args:
            scored: what to validate on, ALL or one of the choices.

        Raises:
            ValueError: a data set is missing, chosen twice, or `scored` is none of them.
        """
        fields = data_sources.recipe_fields(self.first, self.scene_count)
        for folder in self.more:
            if not Path(folder).is_dir():
                raise ValueError(f"{folder} is not a folder on this machine.")
        folders = dict(zip(self.all, (fields["data"], *self.more), strict=True))
        if len({Path(folder).resolve() for folder in folders.values()}) < len(folders):
            raise ValueError("The same data set is chosen twice. Remove one of them.")
        if scored not in (ALL, *folders):
            raise ValueError("Choose the validation data from the list.")
        fields["more_data"] = self.more
        fields["scored"] = (folders[scored],) if self.more and scored != ALL else ()
        return fields

    def run_name(self) -> str:
        """Returns a name for a run on these data."""
        first = "scenes" if self.has_scenes else data_sources.recipe_fields(self.first, 0)["data"]
        return " and ".join(Path(folder).name for folder in (first, *self.more))[:50].rstrip(" .")

    def size(self) -> tuple[int, int, int]:
        """Returns (scenes to draw, photos, captions to train on) of all. Raises ValueError."""
        sizes = [data_sources.size(choice, self.scene_count) for choice in self.all]
        return tuple(map(sum, zip(*sizes, strict=True)))

    def describe(self) -> tuple[str, list]:
        """Returns (Markdown, examples as (photo, caption)), some of each. Raises ValueError."""
        parts = [data_sources.describe(choice, name) for name, choice in self.names()]
        texts = [text for text, _ in parts]
        if self.more and Path(self.first).is_dir():
            _, photos, captions = self.size()
            texts.insert(0, f"**Together**: {photos:,} photos, {captions:,} captions to train on.")
        galleries = [examples for _, examples in parts if examples]
        each = -(-data_sources.EXAMPLES // max(1, len(galleries)))
        examples = [example for gallery in galleries for example in gallery[:each]]
        return "\n\n".join(texts), examples[: data_sources.EXAMPLES]

    def names(self) -> list[tuple[str, str]]:
        """Returns (name, choice) of each, with distinct names. Raises ValueError."""
        names = [data_sources.name(choice) for choice in self.all]
        return list(zip(datasets.unique_names(names, self.all), self.all, strict=True))
