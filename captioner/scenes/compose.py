"""Composes a scene: a place, an arrangement, and whatever else there is room for."""

from contextlib import suppress
from itertools import combinations, permutations
from random import Random

from captioner.scenes.arrangements import ARRANGEMENTS
from captioner.scenes.kinds import OBJECT_KINDS
from captioner.scenes.layout import GAP, Group, Layout, NoRoom
from captioner.scenes.places import PLACES

KINDS = list(OBJECT_KINDS)  # captions mention the first ones first
CLOUDS = {"sun": (0, 1, 2), "clouds": (2, 3), "rain": (1, 2), "snow": (0, 1)}  # how many


def compose(rng: Random) -> Layout:
    """A random layout; tries until there is room for its arrangement."""
    while True:
        place = rng.choices(list(PLACES), [place.weight for place in PLACES.values()])[0]
        layout = Layout(place, rng.choice(PLACES[place].lights), rng)
        arrange = rng.choices(list(ARRANGEMENTS), list(ARRANGEMENTS.values()))[0]
        try:
            arrange(layout)
        except NoRoom:
            continue
        _add_weather(layout)
        for _ in range(rng.choice((0, 1, 1, 2))):
            zone = rng.choice(list(layout.zones))
            if options := layout.options(zone):
                option = rng.choice(options)
                _add_if_room(layout, option, zone, layout.random_count(option))
        main = layout.relations[0].one if layout.relations else None
        layout.groups.sort(key=lambda group: (group is not main, *_order_of_mention(group)))
        _add_visible_relations(layout)
        return layout


def _order_of_mention(group: Group) -> tuple:
    """A sort key: first what is on the ground, then by kind."""
    return group.zone in ("sky", "wall"), KINDS.index(group.kind.noun), group.bounds


def _add_weather(layout: Layout) -> None:
    """Adds the sun, the moon and the clouds that fit the light."""
    if "sky" not in layout.zones:
        return
    rng, light = layout.rng, layout.light
    if light == "sunset" or (light == "sun" and rng.random() < 0.6):
        _add_if_room(layout, "sun", "sky")
    if light == "night":
        _add_if_room(layout, "moon", "sky")
    _add_if_room(layout, "cloud", "sky", rng.choice(CLOUDS.get(light, (0,))))


def _add_if_room(layout: Layout, option: str, zone: str, most: int = 1) -> None:
    """Adds as many objects as there is room for."""
    for count in range(most, 0, -1):
        with suppress(NoRoom):
            layout.add(layout.new_group(option, zone, size=layout.random_size(option)), count)
            return


def _add_visible_relations(layout: Layout) -> None:
    """Adds the relations that follow from positions: left, right, above."""
    related = [{relation.one, relation.other} for relation in layout.relations]
    groups = [g for g in layout.groups if g.kind.family != "sky" and not g.carried]
    for pair in combinations(groups, 2):
        if set(pair) not in related:
            for one, other in permutations(pair):
                if word := _visible_relation(layout, one, other):
                    layout.relate(one, word, other)


def _visible_relation(layout: Layout, one: Group, other: Group) -> str:
    """How `one` is placed relative to the other, or "" where that is ambiguous."""
    a, b = one.bounds, other.bounds
    shared = min(a[3], b[3]) - max(a[1], b[1])
    level = shared > 0.3 * min(a[3] - a[1], b[3] - b[1])
    if a[2] + GAP / 2 <= b[0] and level:
        return "left"
    if b[2] + GAP / 2 <= a[0] and level:
        return "right"
    between = max(a[0], b[0]) - min(a[2], b[2])
    higher = layout.zones[one.zone].off_ground and a[3] + GAP / 2 <= b[1]
    return "above" if higher and between < 0 else ""
