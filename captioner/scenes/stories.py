"""The stories that a picture may tell: one or two groups of things, and how they stand together.

Each puts them on a stage, or raises NoRoom.
"""

from collections.abc import Callable
from dataclasses import replace

from captioner.scenes.drawing.people import HAND
from captioner.scenes.kinds import KINDS
from captioner.scenes.stage import GAP, Group, Item, NoRoom, Relation, Stage, String, apart, noun_of

ON = {  # support -> how high its seat or top is, how far to the sides one can be, who may be there
    "sofa": (0.5, 0.5, "cat/sits cat/sleeps dog/sits dog/sleeps"),
    "chair": (0.46, 0.0, "cat/sits cat/sleeps man/sits woman/sits boy/sits girl/sits"),
    "table": (0.99, 0.55, "cup cup cup cup flower cat/sits cat/sleeps"),
    "bench": (0.53, 0.55, "cat/sits cat/sleeps bird/sits"),
    "house": (0.99, 0.0, "bird/sits"),
}
UNDER = {  # shelter -> how much larger than usual, how high its lower side is, who may be there
    "table": (1.12, 0.76, "dog/sleeps cat/sleeps cat/sits ball/lies"),
    "tree": (1.0, 0.34, "dog/sleeps cat/sleeps rabbit/sits cat/sits"),
    "umbrella": (1.25, 0.56, "dog/sits dog/sleeps crab/sits ball/lies"),
}
BIG = ("house", "tent", "tree", "sofa")  # one can be in front of them
HELD = {  # what a hand can hold -> its size against a person's, and where the hand is on it
    "balloon": (0.5, (0.0, 0.12)),
    "umbrella": (0.85, (0.0, 0.12)),
    "ball": (0.36, (0.0, 0.5)),
    "flower": (0.5, (0.0, 0.3)),
    "cup": (0.3, (0.0, 0.5)),
}
MOUNTS = {  # what one can ride -> a rider's size against its own, the saddle, the rider's hips
    "bicycle": (1.75, (-0.27, 0.93), 0.255),
    "horse": (1.02, (-0.06, 0.66), 0.27),
}
STRING = 0.42  # of a balloon, in heights of who holds it


def side_by_side(stage: Stage) -> None:
    lane = stage.choose(stage.ground)
    split = stage.rng.uniform(0.4, 0.6)
    windows = [(0, split - GAP / 2), (split + GAP / 2, 1)]
    stage.rng.shuffle(windows)
    first = some(stage, lane, within=windows[0])
    if stage.rng.random() < 0.2:  # the same kind in another colour
        role = f"{first.kind.noun}/{first.pose}"
        stage.fill(stage.group(role, lane, size=first.size), within=windows[1])
    else:
        other = stage.choose(stage.ground) if stage.rng.random() < 0.5 else lane
        some(stage, other, within=windows[1])


def above(stage: Stage) -> None:
    lane = stage.choose(lane for lane in stage.setting.lanes if lane not in stage.ground)
    below = some(stage, stage.choose(stage.ground))
    left, _, right, _ = below.bounds
    some(stage, lane, within=(left - 0.08, right + 0.08))


def in_front(stage: Stage) -> None:
    big = stage.choose(noun for noun in stage.cast("back") if noun in BIG)
    behind = stage.fill(stage.group(big, "back"))
    role = stage.choose(n for n in stage.cast("front") if n not in ("chair", "umbrella"))
    front = stage.fill(stage.group(role, "front"), before=behind.items[0])
    stage.relations.append(Relation(front, "front", behind))
    stage.relations.append(Relation(behind, "behind", front))


def on_top(stage: Stage) -> None:
    lane = stage.choose(stage.ground)
    support = stage.choose(noun for noun in stage.cast(lane) if noun in ON)
    height, spread, roles = ON[support]
    base = stage.fill(stage.group(support, lane))
    group, below = stage.group(stage.choose(roles.split()), lane), base.items[0]
    x, y = below.at(stage.rng.uniform(-spread, spread), height)
    mirrored = below.mirrored if group.kind.person else stage.rng.random() < 0.5
    scale = stage.scale(group) * (0.8 if group.kind.person else 0.95)
    item = Item(stage.sketch(group), x, y, scale, mirrored, below.depth + 0.002)
    _attach(stage, group, item, base)
    stage.relations.append(Relation(group, "on", base))


def under(stage: Stage) -> None:
    lane = stage.choose(stage.ground)
    noun = stage.choose(noun for noun in stage.cast(lane) if noun in UNDER)
    if noun == "tree" and stage.place == "snow":
        raise NoRoom("a fir has no room below")
    larger, clear, roles = UNDER[noun]
    shelter = stage.fill(stage.group(noun, lane, size="big" if noun == "tree" else ""))
    roof = shelter.items[0] = replace(shelter.items[0], scale=shelter.items[0].scale * larger)
    _inside(roof)
    group = stage.group(stage.choose(roles.split()), lane)
    x, y = roof.at(stage.rng.uniform(-0.12, 0.12), -0.012 / roof.scale)
    mirrored = stage.rng.random() < 0.5
    scale = 0.95 * stage.scale(group)
    item = Item(stage.sketch(group), x, y, scale, mirrored, roof.depth + 0.02, shadow=True)
    if item.bounds[1] < roof.at(0, clear)[1]:
        raise NoRoom("too tall to be under it")
    _attach(stage, group, item, shelter)
    stage.relations.append(Relation(group, "under", shelter))


def holds(stage: Stage) -> None:
    person = _person(stage)
    wet = stage.light in ("rain", "snow")
    noun = "umbrella" if wet and stage.rng.random() < 0.75 else stage.choose(HELD)
    if noun == "umbrella" and stage.place == "room":
        noun = "balloon"
    group, holder = stage.group(noun, person.lane, pose="held"), person.items[0]
    share, (u, v) = HELD[noun]
    scale, pen = share * holder.scale, stage.sketch(group)
    x, y = hand = holder.at(*HAND)
    if noun == "umbrella":
        pen = pen.turned(14, u, v)
    if noun == "balloon":
        sway = stage.rng.uniform(-0.02, 0.06) * (-1 if holder.mirrored else 1)
        x, y = x + sway, y - STRING * holder.scale
        stage.strings.append(String(hand, (x, y), holder.depth + 0.001))
    nearer = -0.001 if noun == "umbrella" else 0.002
    item = Item(pen, x - u * scale, y + v * scale, scale, holder.mirrored, holder.depth + nearer)
    group.carried = True
    _attach(stage, group, item, person)
    stage.relations.append(Relation(person, "holds", group))
    if stage.rng.random() < 0.5:
        some(stage, stage.choose(stage.ground))


def flies(stage: Stage) -> None:
    if "kite" not in stage.cast("sky"):
        raise NoRoom("no weather for kites")
    person = _person(stage)
    holder = person.items[0]
    hand = holder.at(*HAND)
    ahead = (hand[0] - 0.6, hand[0] - 0.08) if holder.mirrored else (hand[0] + 0.08, hand[0] + 0.6)
    group = stage.fill(stage.group("kite", "sky"), within=ahead)
    group.carried = True
    kite = group.items[0]
    lean = 14 if holder.mirrored == kite.mirrored else -14
    kite = group.items[0] = replace(kite, pen=kite.pen.turned(lean, 0, 0.5))
    stage.strings.append(String(hand, kite.at(0, 0.45), 0.05))
    stage.relations.append(Relation(person, "flies", group))


def rides(stage: Stage) -> None:
    lane = stage.choose(stage.ground)
    noun = stage.choose(noun for noun in stage.cast(lane) if noun in MOUNTS)
    mount = stage.fill(stage.group(noun, lane, pose="stands"))
    mount.carried = True
    below = mount.items[0]
    share, saddle, hips = MOUNTS[noun]
    person = stage.group(stage.choose(n for n in KINDS if KINDS[n].person), lane, pose="rides")
    (x, y), scale = below.at(*saddle), share * below.scale
    item = Item(
        stage.sketch(person), x, y + hips * scale, scale, below.mirrored, below.depth + 0.002
    )
    _attach(stage, person, item, mount)
    stage.relations.append(Relation(person, "rides", mount))


def many(stage: Stage) -> None:
    lane = stage.choose(lane for lane in stage.setting.lanes if lane != "wall")
    role = stage.choose(role for role in stage.cast(lane) if KINDS[noun_of(role)].plural)
    stage.fill(stage.group(role, lane, size=size_of(stage, role)), stage.rng.choice((2, 3, 3, 4)))
    some(stage, stage.choose(stage.ground), count=1)


STORIES: dict[Callable[[Stage], None], float] = {  # and how often each is told
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


def some(stage: Stage, lane: str, count: int | None = None, within=(0.0, 1.0)) -> Group:
    """Puts a group of whatever the cast of a lane offers there. Raises NoRoom."""
    role = stage.choose(stage.cast(lane))
    group = stage.group(role, lane, size=size_of(stage, role))
    return stage.fill(group, count or count_of(stage, role), within)


def count_of(stage: Stage, role: str) -> int:
    return stage.rng.choices((1, 2, 3), (10, 4, 3))[0] if KINDS[noun_of(role)].plural else 1


def size_of(stage: Stage, role: str) -> str:
    if not KINDS[noun_of(role)].sizes or role == "fish/jumps":
        return ""
    return stage.choose(("small", "", "", "big"))


def _person(stage: Stage) -> Group:
    """Somebody with a free hand."""
    lane = stage.choose(lane for lane in stage.ground if "boy" in stage.cast(lane))
    noun = stage.choose(noun for noun in stage.cast(lane) if KINDS[noun].person)
    return stage.fill(stage.group(noun, lane, pose="holds"), within=(0.1, 0.9))


def _attach(stage: Stage, group: Group, item: Item, to: Group) -> None:
    """Adds a group of one item that touches `to` and must leave all else alone. Raises NoRoom."""
    _inside(item)
    rest = [other for g in stage.groups if g is not to for other in g.items]
    if not all(apart(item.bounds, other.bounds) for other in rest):
        raise NoRoom("something else is in the way")
    group.items.append(item)
    stage.groups.append(group)


def _inside(item: Item) -> None:
    left, top, right, bottom = item.bounds
    if left < 0.005 or top < 0.01 or right > 0.995 or bottom > 0.998:
        raise NoRoom("it would be cut off")
