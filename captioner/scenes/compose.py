"""What a picture shows: a place, a story, and what else there is room for."""

from random import Random

from captioner.scenes.kinds import KINDS
from captioner.scenes.lanes import SETTINGS
from captioner.scenes.stage import GAP, Group, NoRoom, Relation, Stage
from captioner.scenes.stories import STORIES, count_of, size_of

RANKS = {noun: rank for rank, noun in enumerate(KINDS)}  # what one speaks of first


def compose(rng: Random) -> Stage:
    """A picture, tried again until there is room for its story."""
    while True:
        place = rng.choices(list(SETTINGS), [s.weight for s in SETTINGS.values()])[0]
        stage = Stage(place, rng.choice(SETTINGS[place].lights.split()), rng)
        story = rng.choices(list(STORIES), list(STORIES.values()))[0]
        try:
            story(stage)
        except NoRoom:
            continue
        _weather(stage)
        for _ in range(rng.choice((0, 1, 1, 2))):
            lane = rng.choice(list(stage.setting.lanes))
            if cast := stage.cast(lane):
                role = rng.choice(cast)
                _if_room(stage, role, lane, count_of(stage, role))
        told = stage.relations[0].one if stage.relations else None
        stage.groups.sort(key=lambda g: (g is not told, *_prominence(g)))
        _seen_relations(stage)
        return stage


def _prominence(group: Group) -> tuple:
    """Sorts what one speaks of first to the front: what is on the ground, and living."""
    return group.lane in ("sky", "wall"), RANKS[group.kind.noun], group.bounds


def _weather(stage: Stage) -> None:
    """The sun, the moon and the clouds that the light is of."""
    if "sky" not in stage.setting.lanes:
        return
    rng, light = stage.rng, stage.light
    if light == "sunset" or (light == "sun" and rng.random() < 0.6):
        _if_room(stage, "sun", "sky")
    if light == "night":
        _if_room(stage, "moon", "sky")
    clouds = {"sun": (0, 1, 2), "clouds": (2, 3), "rain": (1, 2), "snow": (0, 1)}.get(light, (0,))
    _if_room(stage, "cloud", "sky", rng.choice(clouds))


def _if_room(stage: Stage, role: str, lane: str, count: int = 1) -> None:
    """As many as there is room for, at most `count`."""
    for wished in range(count, 0, -1):
        try:
            stage.fill(stage.group(role, lane, size=size_of(stage, role)), wished)
            return
        except NoRoom:
            continue


def _seen_relations(stage: Stage) -> None:
    """Adds what is plain from where the groups are: left, right, above."""
    told = {frozenset((id(r.one), id(r.other))) for r in stage.relations}
    groups = [g for g in stage.groups if g.kind.family != "sky" and not g.carried]
    for i, one in enumerate(groups):
        for other in groups[i + 1 :]:
            if frozenset((id(one), id(other))) not in told:
                for a, b in ((one, other), (other, one)):
                    if word := _seen(stage, a, b):
                        stage.relations.append(Relation(a, word, b))


def _seen(stage: Stage, one: Group, other: Group) -> str:
    """How `one` stands to the other, or "" where one may argue about it."""
    a, b = one.bounds, other.bounds
    shared = min(a[3], b[3]) - max(a[1], b[1])
    level = shared > 0.3 * min(a[3] - a[1], b[3] - b[1])
    if a[2] + GAP / 2 <= b[0] and level:
        return "left"
    if b[2] + GAP / 2 <= a[0] and level:
        return "right"
    between = max(a[0], b[0]) - min(a[2], b[2])
    higher = stage.setting.lanes[one.lane].hangs and a[3] + GAP / 2 <= b[1]
    return "above" if higher and between < 0 else ""
