"""A place that fills with things: each is put where there is room for it.

Lengths are shares of the picture, y from above.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from captioner.scenes.drawing.pen import Bounds, Pen, Place, Point
from captioner.scenes.kinds import COLOURS, KINDS, Kind
from captioner.scenes.lanes import LOST, SETTINGS, Setting

MARGIN, GAP = 0.015, 0.02
SIZES = {"small": 0.6, "": 1.0, "big": 1.35}


class NoRoom(Exception):
    """The thing fits nowhere."""


@dataclass(frozen=True)
class Item:
    """One thing in the picture: drawn by `pen`, with its origin at (x, y)."""

    pen: Pen
    x: float
    y: float
    scale: float  # shares of the picture for one unit of the pen
    mirrored: bool
    depth: float = 0.0  # what has more is painted later
    shadow: bool = False
    ripples: float | None = None  # the height of the water around it

    @cached_property
    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        left, bottom, right, top = self.pen.bounds
        if self.mirrored:
            left, right = -right, -left
        across = self.x + left * self.scale, self.x + right * self.scale
        return across[0], self.y - top * self.scale, across[1], self.y - bottom * self.scale

    def place(self, pixels: int) -> Place:
        return Place(self.x * pixels, self.y * pixels, self.scale * pixels, self.mirrored)

    def at(self, x: float, y: float) -> Point:
        """A point of the sketch, in the picture."""
        side = -1 if self.mirrored else 1
        return self.x + side * x * self.scale, self.y - y * self.scale


@dataclass
class Group:
    """Things of one kind, colour, size and pose: what a caption speaks of as one."""

    kind: Kind
    colour: str
    pose: str
    size: str  # "small", "big" or ""
    lane: str
    items: list[Item] = field(default_factory=list)
    carried: bool = False  # held or ridden: it does nothing on its own

    @property
    def count(self) -> int:
        return len(self.items)

    @property
    def bounds(self) -> Bounds:
        lefts, tops, rights, bottoms = zip(*(item.bounds for item in self.items), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


@dataclass
class Relation:
    """`one` is `word` (left, right, above, front, behind, on, under) of the `other`, or holds,
    rides or flies it."""

    one: Group
    word: str
    other: Group


@dataclass(frozen=True)
class String:
    """Of a kite or a balloon; it belongs to no thing."""

    start: Point
    end: Point
    depth: float


@dataclass
class Stage:
    """A place that fills with groups: all that is known of a picture before it is painted.

    The first group is what the picture is about.
    """

    place: str
    light: str
    rng: Random
    groups: list[Group] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    strings: list[String] = field(default_factory=list)

    @property
    def setting(self) -> Setting:
        return SETTINGS[self.place]

    @property
    def ground(self) -> list[str]:
        """The lanes below the sky."""
        return [name for name in self.setting.lanes if name not in ("sky", "wall")]

    def choose(self, options: Iterable[str]) -> str:
        """One of them. Raises NoRoom if there is none."""
        if not (options := list(options)):
            raise NoRoom("nothing to choose from")
        return self.rng.choice(options)

    def cast(self, lane: str) -> list[str]:
        """What may still be put on a lane, if the place has it: nouns that are not there, most
        likely with a pose."""
        there = {group.kind.noun for group in self.groups}
        if self.light in ("night", "rain", "snow"):
            there |= {"butterfly", "kite"}
        cast = self.setting.lanes[lane].cast if lane in self.setting.lanes else ()
        return [role for role in cast if noun_of(role) not in there]

    def group(self, role: str, lane: str, pose: str = "", size: str = "") -> Group:
        """A group with nothing in it yet, of a colour that is not lost here. Raises NoRoom."""
        noun, _, acts = role.partition("/")
        kind = KINDS[noun]
        taken = {group.colour for group in self.groups if group.kind is kind}
        free = [colour for colour in self._colours(kind) if colour not in taken]
        used = {group.colour for group in self.groups}
        fresh = [colour for colour in free if colour not in used]  # things do not run together
        colour = self.choose(fresh or free)
        return Group(kind, colour, pose or acts or self.choose(kind.poses), size, lane)

    def _colours(self, kind: Kind) -> list[str]:
        """Those of a kind that stand out here."""
        if kind.noun == "cloud":
            return ["grey" if self.light == "rain" else "white"]
        if self.place in kind.elsewhere:
            return [kind.colours[0]]
        if kind.noun == "tree" or len(kind.colours) == 1:
            return list(kind.colours)
        lost = set(self.setting.avoid.split())
        if "sky" in self.setting.lanes:
            lost |= LOST.get(self.light, set())
        return [colour for colour in kind.colours if colour not in lost]

    def scale(self, group: Group) -> float:
        """The usual scale of things of a group, where they stand."""
        return self.setting.lanes[group.lane].scale * SIZES[group.size] * group.kind.height

    def sketch(self, group: Group) -> Pen:
        """One thing of a group, somehow different from the next."""
        pen, draw = Pen(), group.kind.elsewhere.get(self.place, group.kind.draw)
        noun = group.kind.noun
        lit = self.light == "night" and noun in ("house", "tent")
        draw(pen, COLOURS[group.colour], "lit" if lit else group.pose, self.rng)
        if group.pose == "jumps" and noun == "fish":
            return pen.turned(32, 0, 0.5)
        return pen

    def fill(
        self, group: Group, count: int = 1, within=(0.0, 1.0), before: Item | None = None
    ) -> Group:
        """Puts `count` things where there is room, between two x. `before`: they may cover a part
        of this one. Raises NoRoom."""
        for _ in range(count):
            group.items.append(self._fit(group, within, before))
        self.groups.append(group)
        return group

    def _fit(self, group: Group, within: tuple[float, float], before: Item | None) -> Item:
        lane, rng = self.setting.lanes[group.lane], self.rng
        others = [item for g in [*self.groups, group] for item in g.items if item is not before]
        pen, size = self.sketch(group), self.scale(group)
        for _ in range(30):
            mirrored = rng.random() < 0.5
            if group.items and rng.random() < 0.6:  # as the others
                mirrored = group.items[0].mirrored
            item = Item(pen, 0, 0, size * rng.uniform(0.93, 1.07), mirrored)
            left, top, right, bottom = item.bounds
            leftmost, rightmost = max(within[0], MARGIN) - left, min(within[1], 1 - MARGIN) - right
            if leftmost > rightmost:
                continue
            y = lane.top + (lane.bottom - lane.top) * rng.random()
            item = replace(item, x=rng.uniform(leftmost, rightmost), y=y, depth=y, shadow=True)
            if lane.hangs:
                if lane.bottom - bottom < lane.top - top:
                    continue
                y = rng.uniform(lane.top - top, lane.bottom - bottom)
                item = replace(item, y=y, depth=0.1 + y * 0.01, shadow=False)
            elif lane.wet:
                leap = 0.09 * lane.scale if group.pose == "jumps" else 0
                item = replace(item, y=y - leap, shadow=False, ripples=y)
            free = all(apart(item.bounds, other.bounds) for other in others)
            if free and (before is None or _covers_some(item.bounds, before.bounds)):
                return item
        raise NoRoom(f"no room for a {group.kind.noun}")


def noun_of(role: str) -> str:
    """The noun of "noun" or "noun/pose"."""
    return role.partition("/")[0]


def apart(one: Bounds, other: Bounds, gap: float = GAP) -> bool:
    """Whether two boxes keep a distance."""
    return (
        one[2] + gap <= other[0]
        or other[2] + gap <= one[0]
        or one[3] + gap <= other[1]
        or other[3] + gap <= one[1]
    )


def overlap(one: Bounds, other: Bounds) -> float:
    """The share of `other` that lies within `one`."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    area = (other[2] - other[0]) * (other[3] - other[1])
    return max(width, 0) * max(height, 0) / area


def _covers_some(front: Bounds, behind: Bounds) -> bool:
    middle = (front[0] + front[2]) / 2
    return 0.04 < overlap(front, behind) < 0.32 and behind[0] < middle < behind[2]
