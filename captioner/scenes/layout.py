"""The layout of a scene: groups of objects, each placed where there is room for it.

Lengths are shares of the picture, y from the top.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from captioner.scenes.drawing.pen import Bounds, Pen, Point, Transform
from captioner.scenes.kinds import COLOURS, OBJECT_KINDS, Kind
from captioner.scenes.places import LOW_CONTRAST, PLACES, Zone

MARGIN, GAP = 0.015, 0.02
SIZES = {"small": 0.6, "": 1.0, "big": 1.35}


class NoRoom(Exception):
    """The object fits nowhere; another arrangement may be tried."""


@dataclass(frozen=True)
class Item:
    """One object in the picture: a sketch with its origin at (x, y)."""

    pen: Pen
    x: float
    y: float
    scale: float  # shares of the picture for one unit of the sketch
    mirrored: bool
    depth: float = 0.0  # items are painted in this order
    shadow: bool = False
    water_line: float | None = None  # y of the water around it

    @cached_property
    def bounds(self) -> Bounds:
        """Left, top, right, bottom."""
        left, bottom, right, top = self.pen.bounds
        (x, lower), (u, upper) = self.at(left, bottom), self.at(right, top)
        return min(x, u), upper, max(x, u), lower

    def transform(self, pixels: int) -> Transform:
        """Where the sketch is on a canvas of `pixels` x `pixels`."""
        return Transform(self.x * pixels, self.y * pixels, self.scale * pixels, self.mirrored)

    def at(self, x: float, y: float) -> Point:
        """Where a point of the sketch is in the picture."""
        side = -1 if self.mirrored else 1
        return self.x + side * x * self.scale, self.y - y * self.scale


@dataclass(eq=False)
class Group:
    """Objects of one kind, colour, size and pose, which captions mention together."""

    kind: Kind
    colour: str
    pose: str
    size: str  # "small", "big" or ""
    zone: str
    items: list[Item] = field(default_factory=list)
    carried: bool = False  # held or ridden; it has no action of its own

    @property
    def count(self) -> int:
        """The number of objects."""
        return len(self.items)

    @property
    def bounds(self) -> Bounds:
        """Left, top, right, bottom of all items."""
        lefts, tops, rights, bottoms = zip(*(item.bounds for item in self.items), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)


@dataclass
class Relation:
    """`one` is left, right, above, front, behind, on or under the other; or holds, rides, flies it.

    `word` is one of these.
    """

    one: Group
    word: str
    other: Group


@dataclass(frozen=True)
class String:
    """The string of a kite or a balloon; it belongs to no object's box."""

    start: Point
    end: Point
    depth: float


@dataclass
class Layout:
    """All that is known of a picture before it is painted; the first group is its main subject.

    An option, below, is a noun or "noun/pose".
    """

    place: str
    light: str
    rng: Random
    groups: list[Group] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    strings: list[String] = field(default_factory=list)

    @property
    def zones(self) -> dict[str, Zone]:
        """The zones of the place, by name."""
        return PLACES[self.place].zones

    @property
    def ground(self) -> list[str]:
        """The zones below the sky."""
        return [name for name in self.zones if name not in ("sky", "wall")]

    def choose(self, options: Iterable[str]) -> str:
        """A random one. Raises NoRoom if there is none."""
        if not (options := list(options)):
            raise NoRoom("nothing to choose from")
        return self.rng.choice(options)

    def options(self, zone: str) -> list[str]:
        """The options that can still be added to a zone; none if the place lacks the zone."""
        used = {group.kind.noun for group in self.groups}
        if self.light in ("night", "rain", "snow"):
            used |= {"butterfly", "kite"}
        options = self.zones[zone].options if zone in self.zones else ()
        return [option for option in options if kind_of(option).noun not in used]

    def random_count(self, option: str) -> int:
        """1 to 3, mostly 1."""
        return self.rng.choices((1, 2, 3), (10, 4, 3))[0] if kind_of(option).plural else 1

    def random_size(self, option: str) -> str:
        """A size, for kinds that have sizes."""
        if not kind_of(option).has_sizes or option == "fish/jumps":
            return ""
        return self.choose(("small", "", "", "big"))

    def new_group(self, option: str, zone: str, pose: str = "", size: str = "") -> Group:
        """An empty group, of a colour that stands out. Raises NoRoom if none is left."""
        kind = kind_of(option)
        taken = {group.colour for group in self.groups if group.kind is kind}
        free = [colour for colour in self._colours(kind) if colour not in taken]
        used = {group.colour for group in self.groups}
        unused = [colour for colour in free if colour not in used]
        colour = self.choose(unused or free)
        pose = pose or option.partition("/")[2] or self.choose(kind.poses)
        return Group(kind, colour, pose, size, zone)

    def _colours(self, kind: Kind) -> list[str]:
        """The colours of a kind that stand out here."""
        if kind.noun == "cloud":
            return ["grey" if self.light == "rain" else "white"]
        if self.place in kind.elsewhere:
            return [kind.colours[0]]
        if kind.noun == "tree" or len(kind.colours) == 1:
            return list(kind.colours)
        hidden = PLACES[self.place].low_contrast
        if "sky" in self.zones:
            hidden = hidden | LOW_CONTRAST.get(self.light, set())
        return [colour for colour in kind.colours if colour not in hidden]

    def scale(self, group: Group) -> float:
        """The usual scale of the group's objects in their zone."""
        return self.zones[group.zone].scale * SIZES[group.size] * group.kind.height

    def sketch(self, group: Group) -> Pen:
        """A new drawing of one object of the group; no two are alike."""
        pen, draw = Pen(), group.kind.elsewhere.get(self.place, group.kind.draw)
        lit = self.light == "night" and group.kind.noun in ("house", "tent")
        draw(pen, COLOURS[group.colour], "lit" if lit else group.pose, self.rng)
        if group.pose == "jumps" and group.kind.noun == "fish":
            return pen.turned(32, 0, 0.5)
        return pen

    def add(
        self, group: Group, count: int = 1, within=(0.0, 1.0), before: Item | None = None
    ) -> Group:
        """Adds a group, and places `count` objects of it where there is room.

        `within` is the least and the greatest x; `before` is an item that the objects must hide
        in part. Raises NoRoom if an object fits nowhere.
        """
        for _ in range(count):
            group.items.append(self._fit(group, within, before))
        self.groups.append(group)
        return group

    def add_any(self, zone: str, count: int | None = None, within=(0.0, 1.0)) -> Group:
        """Adds a random group to a zone. Raises NoRoom."""
        option = self.choose(self.options(zone))
        group = self.new_group(option, zone, size=self.random_size(option))
        return self.add(group, count or self.random_count(option), within)

    def attach(self, group: Group, item: Item, base: Group) -> None:
        """Adds a group of one item that may touch `base`, but nothing else. Raises NoRoom."""
        check_inside(item)
        rest = [other for g in self.groups if g is not base for other in g.items]
        if not all(apart(item.bounds, other.bounds) for other in rest):
            raise NoRoom("something else is in the way")
        group.items.append(item)
        self.groups.append(group)

    def relate(self, one: Group, word: str, other: Group) -> None:
        """Records a relation."""
        self.relations.append(Relation(one, word, other))

    def _fit(self, group: Group, within: tuple[float, float], before: Item | None) -> Item:
        zone, rng = self.zones[group.zone], self.rng
        others = [item for g in [*self.groups, group] for item in g.items if item is not before]
        pen, scale = self.sketch(group), self.scale(group)
        for _ in range(30):
            mirrored = rng.random() < 0.5
            if group.items and rng.random() < 0.6:  # like the others of the group
                mirrored = group.items[0].mirrored
            item = Item(pen, 0, 0, scale * rng.uniform(0.93, 1.07), mirrored)
            left, top, right, bottom = item.bounds
            leftmost, rightmost = max(within[0], MARGIN) - left, min(within[1], 1 - MARGIN) - right
            if leftmost > rightmost:
                continue
            y = zone.top + (zone.bottom - zone.top) * rng.random()
            x = rng.uniform(leftmost, rightmost)
            if zone.off_ground:
                if zone.bottom - bottom < zone.top - top:
                    continue
                y = rng.uniform(zone.top - top, zone.bottom - bottom)
                item = replace(item, x=x, y=y, depth=0.1 + y * 0.01)
            elif zone.afloat:
                leap = 0.09 * zone.scale if group.pose == "jumps" else 0
                item = replace(item, x=x, y=y - leap, depth=y, water_line=y)
            else:
                item = replace(item, x=x, y=y, depth=y, shadow=True)
            free = all(apart(item.bounds, other.bounds) for other in others)
            if free and (before is None or _covers_part(item.bounds, before.bounds)):
                return item
        raise NoRoom(f"no room for a {group.kind.noun}")


def kind_of(option: str) -> Kind:
    """The kind of "noun" or "noun/pose"."""
    return OBJECT_KINDS[option.partition("/")[0]]


def check_inside(item: Item) -> None:
    """Raises NoRoom if the picture would cut an item off."""
    left, top, right, bottom = item.bounds
    if left < 0.005 or top < 0.01 or right > 0.995 or bottom > 0.998:
        raise NoRoom("it would be cut off")


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


def _covers_part(front: Bounds, behind: Bounds) -> bool:
    middle = (front[0] + front[2]) / 2
    return 0.04 < overlap(front, behind) < 0.32 and behind[0] < middle < behind[2]
