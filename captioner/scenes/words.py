"""Captions: true sentences about a stage, each of another look at it.

The five of a picture never say different things of one fact: all are read off the same groups
and relations. A thing is always called by its colour, too: to name it one must look at it, while
what kinds of things there are could be told from the picture as a whole.
"""

from captioner.scenes.stage import Group, Relation, Stage

CAPTIONS, SHORTEST, LONGEST = 5, 4, 14  # sentences; words in each
NUMBERS = ("", "a", "two", "three", "four")
SCENES = {  # what a place is called, and where everything in it is
    "meadow": ("meadow", "in the meadow"),
    "lake": ("lake", "by the lake"),
    "beach": ("beach", "on the beach"),
    "sea": ("sea", "in the sea"),
    "water": ("", "under water"),
    "snow": ("", "in the snow"),
    "street": ("street", "on the street"),
    "room": ("room", "in the room"),
}
LIGHTS = {"rain": "in the rain", "sunset": "at sunset", "night": "at night"}
SIDES = {
    "left": "to the left of",
    "right": "to the right of",
    "above": "above",
    "front": "in front of",
    "behind": "behind",
    "on": "on",
    "under": "under",
}
DOING = ("holds", "rides", "flies")  # what somebody does with something
ALONE = ("eats", "holds", "rides")  # is done somewhere rather than in relation to something
STILL = ("stands", "lies", "hangs", "floats", "shines")  # what a thing does by just being there


def captions(stage: Stage) -> list[str]:
    """Five different sentences, or fewer where there is not so much to say.

    They are a function of the picture: all are first about the main group, then about the one
    that it has most to do with, and of the forms that fit, the same five are always taken. What is
    left to chance could not be learnt.
    """
    main, *others = stage.groups
    relations = sorted(stage.relations, key=lambda relation: relation.one is not main)
    near = [relation.other for relation in relations if relation.one is main]
    near += [group for group in others if group.kind.family != "sky"]
    forms = [*(_relation(stage, relation) for relation in relations[:1]), _action(stage, main)]
    for partner in near[:1]:
        forms += [_together(stage, main, partner), _place_with(stage, main, partner)]
    forms += [_in_light(stage, main) or _there(stage, main)]
    forms += [_relation(stage, relation) for relation in relations if relation.other is main]
    forms += [_there(stage, main), *(_shining(stage, group) for group in others)]
    for group in others:
        if not group.carried:
            forms += [_action(stage, group), _there(stage, group)]
    forms += [_relation(stage, relation) for relation in relations]
    fitting = [text for text in forms if SHORTEST <= len(text.split()) <= LONGEST]
    return list(dict.fromkeys(fitting))[:CAPTIONS]


def _phrase(group: Group) -> str:
    """What a group is called: "two small red balls", "a girl in blue", "the sun"."""
    noun = group.kind.plural if group.count > 1 else group.kind.noun
    if noun in ("sun", "moon"):
        return f"the {noun}"
    if group.kind.person:
        words = [NUMBERS[group.count], noun, "in", group.colour]
    else:
        words = [NUMBERS[group.count], group.size, group.colour, noun]
    words = [word for word in words if word]
    if words[0] == "a" and words[1][0] in "aeiou":
        words[0] = "an"
    return " ".join(words)


def _verb(group: Group, verb: str) -> str:
    """The verb for one or for many."""
    if group.count == 1:
        return verb
    return {"is": "are", "flies": "fly"}.get(verb, verb.removesuffix("s"))


def _does(group: Group) -> str:
    verb = "stands" if group.pose == "holds" else group.pose
    return _verb(group, verb) + (" grass" if verb == "eats" else "")


def _below(stage: Stage, group: Group) -> Group | None:
    """What a group sits or stands on, if it is no ground."""
    below = [r.other for r in stage.relations if r.one is group and r.word == "on"]
    return below[0] if below else None


def _where(stage: Stage, group: Group) -> str:
    if below := _below(stage, group):
        return f"on {_phrase(below)}"
    if group.lane == "sky":
        return "in the sky"
    if group.lane == "wall":
        return "on the wall"
    if group.kind.noun == "boat" or (group.pose == "swims" and stage.place == "lake"):
        return "on the lake" if stage.place == "lake" else "on the sea"
    return SCENES[stage.place][1]


def _action(stage: Stage, group: Group) -> str:
    """ "a brown dog runs in the meadow", "a girl in red holds a yellow ball"."""
    where = _where(stage, group)
    if _below(stage, group):  # the relation says it
        return ""
    for relation in stage.relations:
        if relation.one is group and relation.word in DOING:
            return f"{_phrase(group)} {relation.word} {_phrase(relation.other)}"
    if group.pose == "jumps" and group.kind.noun == "fish":
        where = f"out of the {SCENES[stage.place][0]}"
    if group.pose == "drives":
        where = "down the street"
    return f"{_phrase(group)} {_does(group)} {where}"


def _there(stage: Stage, group: Group) -> str:
    """ "there are three red balloons in the sky"."""
    if group.pose in ("shines", "jumps"):
        return ""
    return f"there {_verb(group, 'is')} {_phrase(group)} {_where(stage, group)}"


def _in_light(stage: Stage, group: Group) -> str:
    """ "two white ducks swim in the rain", "snow falls on a red house"."""
    phrase = _phrase(group)
    if stage.light == "snow":
        return "" if group.lane == "sky" else f"snow falls on {phrase}"
    if group.pose == "rides" or (group.pose in STILL and not group.kind.living):
        return ""
    nouns = {other.kind.noun for other in stage.groups}
    if stage.light in LIGHTS:
        return f"{phrase} {_does(group)} {LIGHTS[stage.light]}"
    if stage.light == "clouds" and "cloud" in nouns:
        return f"{phrase} {_does(group)} on a cloudy day"
    if stage.light == "sun" and "sun" in nouns:
        return f"{phrase} {_does(group)} on a sunny day"
    return ""


def _shining(stage: Stage, group: Group) -> str:
    """ "the moon shines over the lake"."""
    if group.pose != "shines":
        return ""
    return f"the {group.kind.noun} shines over the {SCENES[stage.place][0] or stage.place}"


def _relation(stage: Stage, relation: Relation) -> str:
    """ "a brown dog runs to the left of a blue car", "a girl in red holds a yellow ball"."""
    one, word, other = relation.one, relation.word, relation.other
    first, second = _phrase(one), _phrase(other)
    if word in DOING:
        text = f"{first} {word} {second}"
        longer = f"{text} {_where(stage, one)}"
        return longer if len(longer.split()) <= LONGEST else text
    moving = one.kind.living or one.pose not in STILL
    verb = one.pose if moving and one.pose not in ALONE else "is"
    return f"{first} {_verb(one, verb)} {SIDES[word]} {second}"


def _together(stage: Stage, one: Group, other: Group) -> str:
    """ "a black dog and two small trees in the snow", where both are."""
    where = SCENES[stage.place][1]
    if stage.place != "room" and {_where(stage, one), _where(stage, other)} != {where}:
        return ""
    return f"{_phrase(one)} and {_phrase(other)} {where}"


def _place_with(stage: Stage, one: Group, other: Group) -> str:
    """ "a street with a red bus and a green tree"."""
    place = SCENES[stage.place][0]
    if not place:
        return ""
    article = "the" if place == "sea" else "a"
    return f"{article} {place} with {_phrase(one)} and {_phrase(other)}"
