"""The arrangements of a scene: one or two groups of objects and how they relate to each other.

Each adds its groups to a layout, or raises NoRoom.
"""

from collections.abc import Callable
from dataclasses import replace

from captioner.scenes.drawing.people import HAND
from captioner.scenes.kinds import OBJECT_KINDS
from captioner.scenes.layout import GAP, Group, Item, Layout, NoRoom, String, check_inside, kind_of

ON = {  # support -> height of its top, how far from its middle things can be, what can be on it
    "sofa": (0.5, 0.5, "cat/sits cat/sleeps dog/sits dog/sleeps"),
    "chair": (0.46, 0.0, "cat/sits cat/sleeps man/sits woman/sits boy/sits girl/sits"),
    "table": (0.99, 0.55, "cup cup cup cup flower cat/sits cat/sleeps"),
    "bench": (0.53, 0.55, "cat/sits cat/sleeps bird/sits"),
    "house": (0.99, 0.0, "bird/sits"),
}
UNDER = {  # shelter -> how much larger than usual, height of its lower side, what can be there
    "table": (1.12, 0.76, "dog/sleeps cat/sleeps cat/sits ball/lies"),
    "tree": (1.0, 0.34, "dog/sleeps cat/sleeps rabbit/sits cat/sits"),
    "umbrella": (1.25, 0.56, "dog/sits dog/sleeps crab/sits ball/lies"),
}
LARGE = ("house", "tent", "tree", "sofa")  # something can be in front of them
HOLDABLE = {  # what a hand can hold -> its scale relative to the person's, and where the hand is
    "balloon": (0.5, (0.0, 0.12)),
    "umbrella": (0.85, (0.0, 0.12)),
    "ball": (0.36, (0.0, 0.5)),
    "flower": (0.5, (0.0, 0.3)),
    "cup": (0.3, (0.0, 0.5)),
}
RIDABLE = {  # what can be ridden -> the rider's relative scale, the saddle, height of the hips
    "bicycle": (1.75, (-0.27, 0.93), 0.255),
    "horse": (1.02, (-0.06, 0.66), 0.27),
}
STRING_LENGTH = 0.42  # of a balloon, in heights of the person who holds it


def side_by_side(layout: Layout) -> None:
    """Two groups, left and right of a line."""
    zone = layout.choose(layout.ground)
    split = layout.rng.uniform(0.4, 0.6)
    sides = [(0, split - GAP / 2), (split + GAP / 2, 1)]
    layout.rng.shuffle(sides)
    first = layout.add_any(zone, within=sides[0])
    if layout.rng.random() < 0.2:  # the same kind in another colour
        option = f"{first.kind.noun}/{first.pose}"
        layout.add(layout.new_group(option, zone, size=first.size), within=sides[1])
    else:
        other = layout.choose(layout.ground) if layout.rng.random() < 0.5 else zone
        layout.add_any(other, within=sides[1])


def above(layout: Layout) -> None:
    """Something off the ground, over something on it."""
    zone = layout.choose(zone for zone in layout.zones if zone not in layout.ground)
    left, _, right, _ = layout.add_any(layout.choose(layout.ground)).bounds
    layout.add_any(zone, within=(left - 0.08, right + 0.08))


def in_front(layout: Layout) -> None:
    """Something in front of something large, which it hides in part."""
    large = layout.choose(noun for noun in layout.options("back") if noun in LARGE)
    behind = layout.add(layout.new_group(large, "back"))
    option = layout.choose(n for n in layout.options("front") if n not in ("chair", "umbrella"))
    front = layout.add(layout.new_group(option, "front"), before=behind.items[0])
    layout.relate(front, "front", behind)
    layout.relate(behind, "behind", front)


def on_top(layout: Layout) -> None:
    """An animal, a person or a thing on furniture or on a roof."""
    zone = layout.choose(layout.ground)
    support = layout.choose(noun for noun in layout.options(zone) if noun in ON)
    height, spread, options = ON[support]
    base = layout.add(layout.new_group(support, zone))
    group, below = layout.new_group(layout.choose(options.split()), zone), base.items[0]
    x, y = below.at(layout.rng.uniform(-spread, spread), height)
    mirrored = below.mirrored if group.kind.person else layout.rng.random() < 0.5
    scale = layout.scale(group) * (0.8 if group.kind.person else 0.95)
    item = Item(layout.sketch(group), x, y, scale, mirrored, below.depth + 0.002)
    layout.attach(group, item, base)
    layout.relate(group, "on", base)


def under(layout: Layout) -> None:
    """An animal or a ball under a table, a tree or an umbrella."""
    zone = layout.choose(layout.ground)
    noun = layout.choose(noun for noun in layout.options(zone) if noun in UNDER)
    if noun == "tree" and layout.place == "snow":
        raise NoRoom("a fir has no room below")
    larger, clearance, options = UNDER[noun]
    shelter = layout.add(layout.new_group(noun, zone, size="big" if noun == "tree" else ""))
    roof = shelter.items[0] = replace(shelter.items[0], scale=shelter.items[0].scale * larger)
    check_inside(roof)
    group = layout.new_group(layout.choose(options.split()), zone)
    x, y = roof.at(layout.rng.uniform(-0.12, 0.12), -0.012 / roof.scale)
    mirrored = layout.rng.random() < 0.5
    scale = 0.95 * layout.scale(group)
    item = Item(layout.sketch(group), x, y, scale, mirrored, roof.depth + 0.02, shadow=True)
    if item.bounds[1] < roof.at(0, clearance)[1]:
        raise NoRoom("too tall to be under it")
    layout.attach(group, item, shelter)
    layout.relate(group, "under", shelter)


def holds(layout: Layout) -> None:
    """A person with something in a hand."""
    person = _add_person(layout)
    wet = layout.light in ("rain", "snow")
    noun = "umbrella" if wet and layout.rng.random() < 0.75 else layout.choose(HOLDABLE)
    if noun == "umbrella" and layout.place == "room":
        noun = "balloon"
    group, holder = layout.new_group(noun, person.zone, pose="held"), person.items[0]
    share, (u, v) = HOLDABLE[noun]
    scale, pen = share * holder.scale, layout.sketch(group)
    x, y = hand = holder.at(*HAND)
    if noun == "umbrella":
        pen = pen.turned(14, u, v)
    if noun == "balloon":
        sway = layout.rng.uniform(-0.02, 0.06) * (-1 if holder.mirrored else 1)
        x, y = x + sway, y - STRING_LENGTH * holder.scale
        layout.strings.append(String(hand, (x, y), holder.depth + 0.001))
    nearer = -0.001 if noun == "umbrella" else 0.002
    item = Item(pen, x - u * scale, y + v * scale, scale, holder.mirrored, holder.depth + nearer)
    group.carried = True
    layout.attach(group, item, person)
    layout.relate(person, "holds", group)
    if layout.rng.random() < 0.5:
        layout.add_any(layout.choose(layout.ground))


def flies(layout: Layout) -> None:
    """A person who flies a kite."""
    if "kite" not in layout.options("sky"):
        raise NoRoom("no weather for kites")
    person = _add_person(layout)
    holder = person.items[0]
    x, y = holder.at(*HAND)
    ahead = (x - 0.6, x - 0.08) if holder.mirrored else (x + 0.08, x + 0.6)
    group = layout.add(layout.new_group("kite", "sky"), within=ahead)
    group.carried = True
    kite = group.items[0]
    lean = 14 if holder.mirrored == kite.mirrored else -14
    kite = group.items[0] = replace(kite, pen=kite.pen.turned(lean, 0, 0.5))
    layout.strings.append(String((x, y), kite.at(0, 0.45), 0.05))
    layout.relate(person, "flies", group)


def rides(layout: Layout) -> None:
    """A person on a bicycle or a horse."""
    zone = layout.choose(layout.ground)
    noun = layout.choose(noun for noun in layout.options(zone) if noun in RIDABLE)
    mount = layout.add(layout.new_group(noun, zone, pose="stands"))
    mount.carried = True
    below = mount.items[0]
    share, saddle, hips = RIDABLE[noun]
    person = layout.new_group(
        layout.choose(n for n in OBJECT_KINDS if OBJECT_KINDS[n].person), zone, "rides"
    )
    (x, y), scale = below.at(*saddle), share * below.scale
    pen, depth = layout.sketch(person), below.depth + 0.002
    layout.attach(person, Item(pen, x, y + hips * scale, scale, below.mirrored, depth), mount)
    layout.relate(person, "rides", mount)


def many(layout: Layout) -> None:
    """Two to four objects of one kind, and something else."""
    zone = layout.choose(zone for zone in layout.zones if zone != "wall")
    option = layout.choose(option for option in layout.options(zone) if kind_of(option).plural)
    group = layout.new_group(option, zone, size=layout.random_size(option))
    layout.add(group, layout.rng.choice((2, 3, 3, 4)))
    layout.add_any(layout.choose(layout.ground), count=1)


def _add_person(layout: Layout) -> Group:
    """Adds a person with a free hand."""
    zone = layout.choose(zone for zone in layout.ground if "boy" in layout.options(zone))
    noun = layout.choose(n for n in layout.options(zone) if kind_of(n).person)
    return layout.add(layout.new_group(noun, zone, pose="holds"), within=(0.1, 0.9))


ARRANGEMENTS: dict[Callable[[Layout], None], float] = {  # and how often, relative to the others
    side_by_side: 5,
    above: 3,
    in_front: 2,
    on_top: 3,
    under: 1.8,
    holds: 2,
    flies: 1.2,
    rides: 1.4,
    many: 3,
}
