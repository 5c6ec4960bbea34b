"""Captions: five true sentences about a layout, each about another aspect of it.

They never contradict each other: all are read off the same groups and relations. An object is
always mentioned with its colour, so a captioner must look at the object; the kinds of objects
alone could be guessed from the place.
"""

from captioner.scenes.layout import Group, Layout, Relation

CAPTIONS_PER_SCENE = 5
WORDS = range(4, 15)  # of one sentence
NUMBERS = ("", "a", "two", "three", "four")
SCENERIES = {  # place -> its noun, and the phrase for "in this place"
    "meadow": ("meadow", "in the meadow"),
    "lake": ("lake", "by the lake"),
    "beach": ("beach", "on the beach"),
    "sea": ("sea", "in the sea"),
    "water": ("", "under water"),
    "snow": ("", "in the snow"),
    "street": ("street", "on the street"),
    "room": ("room", "in the room"),
}
LIGHT_PHRASES = {
    "sun": "on a sunny day",
    "clouds": "on a cloudy day",
    "rain": "in the rain",
    "sunset": "at sunset",
    "night": "at night",
}
POSITIONS = {"left": "to the left of", "right": "to the right of", "front": "in front of"}
TRANSITIVE = ("holds", "rides", "flies")  # verbs with an object
WITHOUT_POSITION = ("eats", "holds", "rides")  # verbs that no position follows
STATIC = ("stands", "lies", "hangs", "floats", "shines")  # poses that are no action


def captions(layout: Layout) -> list[str]:
    """Five different sentences, or fewer if the layout has not enough content.

    They depend on the layout alone: the first are about the main group, the next about the group
    most related to it. Of the forms that fit, always the first five are taken, since a random
    choice could not be predicted from the picture.
    """
    main, *others = layout.groups
    relations = sorted(layout.relations, key=lambda relation: relation.one is not main)
    partners = [relation.other for relation in relations if relation.one is main]
    partners += [group for group in others if group.kind.family != "sky"]
    forms = [*(_relation(layout, relation) for relation in relations[:1]), _action(layout, main)]
    for partner in partners[:1]:
        forms += [_both(layout, main, partner), _place_with(layout, main, partner)]
    forms += [_in_light(layout, main) or _there_is(layout, main)]
    forms += [_relation(layout, relation) for relation in relations if relation.other is main]
    forms += [_there_is(layout, main), *(_shining(layout, group) for group in others)]
    for group in others:
        if not group.carried:
            forms += [_action(layout, group), _there_is(layout, group)]
    forms += [_relation(layout, relation) for relation in relations]
    fitting = [text for text in forms if len(text.split()) in WORDS]
    return list(dict.fromkeys(fitting))[:CAPTIONS_PER_SCENE]


def _phrase(group: Group) -> str:
    """Such as "two small red balls", "a girl in blue", "the sun"."""
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
    """The verb in the singular or the plural."""
    if group.count == 1:
        return verb
    return {"is": "are", "flies": "fly"}.get(verb, verb.removesuffix("s"))


def _pose(group: Group) -> str:
    verb = "stands" if group.pose == "holds" else group.pose
    return _verb(group, verb) + (" grass" if verb == "eats" else "")


def _support(layout: Layout, group: Group) -> Group | None:
    """The object that a group sits or stands on."""
    return next((r.other for r in layout.relations if r.one is group and r.word == "on"), None)


def _where(layout: Layout, group: Group) -> str:
    if support := _support(layout, group):
        return f"on {_phrase(support)}"
    if group.zone == "sky":
        return "in the sky"
    if group.zone == "wall":
        return "on the wall"
    if group.kind.noun == "boat" or (group.pose == "swims" and layout.place == "lake"):
        return "on the lake" if layout.place == "lake" else "on the sea"
    return SCENERIES[layout.place][1]


def _action(layout: Layout, group: Group) -> str:
    """Such as "a brown dog runs in the meadow", "a girl in red holds a yellow ball"."""
    where = _where(layout, group)
    if _support(layout, group):  # the relation says it
        return ""
    for relation in layout.relations:
        if relation.one is group and relation.word in TRANSITIVE:
            return f"{_phrase(group)} {relation.word} {_phrase(relation.other)}"
    if group.pose == "jumps" and group.kind.noun == "fish":
        where = f"out of the {SCENERIES[layout.place][0]}"
    if group.pose == "drives":
        where = "down the street"
    return f"{_phrase(group)} {_pose(group)} {where}"


def _there_is(layout: Layout, group: Group) -> str:
    """Such as "there are three red balloons in the sky"."""
    if group.pose in ("shines", "jumps"):
        return ""
    return f"there {_verb(group, 'is')} {_phrase(group)} {_where(layout, group)}"


def _in_light(layout: Layout, group: Group) -> str:
    """Such as "two white ducks swim in the rain", "snow falls on a red house"."""
    phrase, light = _phrase(group), layout.light
    if light == "snow":
        return "" if group.zone == "sky" else f"snow falls on {phrase}"
    if group.pose == "rides" or (group.pose in STATIC and not group.kind.living):
        return ""
    nouns = {other.kind.noun for other in layout.groups}
    if (light == "sun" and "sun" not in nouns) or (light == "clouds" and "cloud" not in nouns):
        return ""
    return f"{phrase} {_pose(group)} {LIGHT_PHRASES[light]}"


def _shining(layout: Layout, group: Group) -> str:
    """Such as "the moon shines over the lake"."""
    if group.pose != "shines":
        return ""
    return f"the {group.kind.noun} shines over the {SCENERIES[layout.place][0] or layout.place}"


def _relation(layout: Layout, relation: Relation) -> str:
    """Such as "a brown dog runs to the left of a blue car", "a girl in red holds a yellow ball"."""
    one, word, other = relation.one, relation.word, relation.other
    first, second = _phrase(one), _phrase(other)
    if word in TRANSITIVE:
        text = f"{first} {word} {second}"
        longer = f"{text} {_where(layout, one)}"
        return longer if len(longer.split()) in WORDS else text
    moving = one.kind.living or one.pose not in STATIC
    verb = one.pose if moving and one.pose not in WITHOUT_POSITION else "is"
    return f"{first} {_verb(one, verb)} {POSITIONS.get(word, word)} {second}"


def _both(layout: Layout, one: Group, other: Group) -> str:
    """Such as "a black dog and two small trees in the snow"."""
    where = SCENERIES[layout.place][1]
    if layout.place != "room" and {_where(layout, one), _where(layout, other)} != {where}:
        return ""
    return f"{_phrase(one)} and {_phrase(other)} {where}"


def _place_with(layout: Layout, one: Group, other: Group) -> str:
    """Such as "a street with a red bus and a green tree"."""
    place = SCENERIES[layout.place][0]
    if not place:
        return ""
    article = "the" if place == "sea" else "a"
    return f"{article} {place} with {_phrase(one)} and {_phrase(other)}"
