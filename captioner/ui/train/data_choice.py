"""The data that a training is asked to learn from: one data set, or several together."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from captioner.data import datasets
from captioner.ui.shared import data_sources

ALL = "*"  # what is scored on: every data set, by the mean of their scores
_EXAMPLES = 8


@dataclass(frozen=True)
class DataChoice:
    """Values of the list `materials.choices`; `count` is that of scenes, where they are chosen."""

    first: str
    more: tuple[str, ...] = ()  # folders of the data sets beside it
    count: int = data_sources.COUNT

    @classmethod
    def of(cls, first: str, more: Iterable[str] | None, count: float = data_sources.COUNT):
        """What the controls hold; a data set that is the first one already counts once."""
        more = dict.fromkeys(one for one in more or () if one != first)
        return cls(first, tuple(more), int(count))

    @property
    def all(self) -> tuple[str, ...]:
        return self.first, *self.more

    def recipe(self, scored: str = ALL) -> dict:
        """What a recipe says of the data; `scored` is ALL or one of them. Raises ValueError if they
        are not to be had."""
        recipe = data_sources.recipe_of(self.first, self.count)
        for folder in self.more:
            if not Path(folder).is_dir():
                raise ValueError(f"{folder} is not a folder on this machine.")
        folders = dict(zip(self.all, (recipe["data"], *self.more), strict=True))
        if len({Path(folder).resolve() for folder in folders.values()}) < len(folders):
            raise ValueError("The same data set is chosen twice.")
        if scored not in (ALL, *folders):
            raise ValueError("Choose from the list what to score on.")
        recipe["more_data"] = self.more
        recipe["scored"] = (folders[scored],) if self.more and scored != ALL else ()
        return recipe

    def name(self) -> str:
        """A name for a run of these data."""
        scenes = self.first == data_sources.SCENES
        first = "scenes" if scenes else data_sources.recipe_of(self.first, self.count)["data"]
        return " and ".join(Path(folder).name for folder in (first, *self.more))[:50].rstrip(" .")

    def size(self) -> tuple[int, int, int]:
        """(drawn, photos, captions to train on) of all. Raises ValueError if that is not known."""
        sizes = [data_sources.size(one, self.count) for one in self.all]
        return tuple(map(sum, zip(*sizes, strict=True)))

    def described(self) -> tuple[str, list]:
        """What the data are, in words, and examples as (photo, caption). Raises ValueError if a
        data set cannot be read."""
        parts = [data_sources.described(one, called) for called, one in self.names()]
        words = [told for told, _ in parts]
        if self.more and Path(self.first).is_dir():
            _, photos, captions = self.size()
            words.insert(0, f"**Together**: {photos:,} photos, {captions:,} captions to train on.")
        pictured = [examples for _, examples in parts if examples]
        each = -(-_EXAMPLES // max(1, len(pictured)))
        shown = [example for examples in pictured for example in examples[:each]]
        return "\n\n".join(words), shown[:_EXAMPLES]

    def names(self) -> list[tuple[str, str]]:
        """(name, value) of each, told apart as the training does. Raises ValueError if one cannot
        be read."""
        names = datasets.told_apart([data_sources.name(one) for one in self.all], self.all)
        return list(zip(names, self.all, strict=True))
