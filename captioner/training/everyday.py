"""Everyday things that ImageNet's classes tell apart, and what can be said of them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """Nouns of which much the same can be said."""

    like: str  # a noun of this kind that people did write about
    ends: str  # how a sentence about it may go on, divided by semicolons
    classes: str  # what people would call it, and which of ImageNet's 1,000 classes it is, if any

    @property
    def nouns(self) -> dict[str, list[int]]:
        """Noun -> its classes, counted from 0."""
        result = {}
        for entry in self.classes.split(";"):
            noun, *ranges = entry.split()
            result[noun.replace("-", " ")] = classes = []
            for first, _, last in (part.partition("-") for part in ranges):
                classes.extend(range(int(first), int(last or first) + 1))
        return result


# Left out is what people wear, hold or stand at: there, the caption should begin with them. (But
# who holds a racket plays tennis.)
KINDS = (
    Kind(
        "man",
        "is swinging a racket; is hitting a ball; is playing tennis on a court; "
        "is standing on a court; is jumping to hit the ball",
        "tennis-player 752 852",
    ),
    Kind(
        "man",
        "is swinging a bat; is throwing a ball; is catching a ball; is running on a field; "
        "is standing on a field",
        "baseball-player 429 981",
    ),
    Kind(
        "man",
        "is walking down the street; is standing on the street; is standing in the rain; "
        "is standing in a crowd; is walking in a park; is sitting on a bench",
        "person-with-an-umbrella 879",
    ),
    Kind(
        "man",
        "is in a field; is on a street; is on the beach; is in the water; "
        "is in front of a building; is by a fence",
        "person-on-a-horse",
    ),
    Kind(
        "man",
        "is riding a wave; is in the ocean; is standing on the beach; is falling into the water",
        "surfer",
    ),
    Kind(
        "dog",
        "is standing in the grass; is standing in a field; is standing in the water; "
        "is standing in the snow; is standing on a dirt road; is standing on the beach; "
        "is sitting on a rock; is sitting on a couch; is standing by a fence; "
        "is standing in front of a building",
        "cat 281-285; rabbit 330-332; squirrel 335; pig 341-343; bear 294-297; lion 291; "
        "tiger 292; cheetah 293; leopard 288-290; wolf 269-271; fox 277-280; monkey 365-384; "
        "panda 388; kangaroo 104; koala 105; frog 30-32; turtle 33-37; lizard 38-48; snake 52-68; "
        "butterfly 321-326",
    ),
    Kind(
        "horse",
        "is standing in the grass; is standing in a field; is standing in the water; "
        "is standing in the snow; is standing on a dirt road; is standing by a fence; "
        "is standing in front of a building",
        "horse 339; cow 345-347; sheep 348-350; camel 354; elephant 101 385 386; zebra 340; "
        "deer 351-353; llama 355; giraffe",
    ),
    Kind("dog", "is swimming in the water; is on the beach", "whale 147-148; crocodile 49-50"),
    Kind(
        "bird",
        "is flying in the air; is sitting in a tree; is standing in the water; "
        "is standing on a rock; is standing in the grass",
        "bird 10-24 80-96 127-146; chicken 7-8; ostrich 9; duck 97-98; goose 99; swan 100",
    ),
    Kind(
        "plane",
        "is flying in the sky; is on the ground; is in front of a building",
        "plane 404 895 908",
    ),
    Kind(
        "car",
        "is parked on a street; is parked in a parking lot; is parked on a dirt road; "
        "is parked in front of a building; is parked in the grass; is parked in the snow",
        "bus 654 779 874; car 436 468 511 627 656 661 817; truck 555 569 675 717 864 867; "
        "motorcycle 665 670; tractor 866",
    ),
    Kind(
        "train",
        "is on the tracks; is on a bridge; is at a station; is on a street",
        "train 466 547 565 705 820 829",
    ),
    Kind(
        "boat",
        "is in the water; is on a lake; is on a river; is on the beach",
        "boat 472 484 554 625 628 780 814 871 914 576",
    ),
    Kind(
        "building",
        "on a city street; by the water; behind a fence; behind some trees; "
        "with people in front of it",
        "tower 442; lighthouse 437; church 497; castle 483; building 663 668 698; "
        "bridge 821 839 888; fountain 562",
    ),
    Kind(
        "sign",
        "on a street; on a building; on a wall; on a pole; in the grass",
        "sign 919; clock 409 530 892; parking-meter 704; traffic-light 920",
    ),
    Kind(
        "bench",
        "in a park; in the grass; in the snow; on the beach; on a street; by the water; "
        "in front of a building; under a tree",
        "bench 703; fire-hydrant",
    ),
    Kind(
        "kite",
        "is flying in the sky; is flying over a field; is flying over the beach; "
        "is flying over the water",
        "kite",
    ),
    Kind(
        "room",
        "with a window; with a mirror; with white walls; with a table and chairs; "
        "with people in it",
        "kitchen; bathroom",
    ),
    Kind(
        "food",
        "on a plate; on a table; in a box",
        "pizza 963; hot-dog 934; hamburger 933; sandwich 931; banana 954; broccoli 937; "
        "orange 950; apple 948; soup 925; cake 927",
    ),
    Kind("table", "with food; with food in a restaurant; with food and a glass", "plate 923"),
    Kind(
        "table",
        "in a kitchen; in a room; in a restaurant; in front of a window",
        "laptop 620 681; computer 508 527 664; television 851; bed 564; couch 831; desk 526; "
        "table 532; toilet 861; sink 896; bathtub 435; refrigerator 760; microwave 651; stove 827; "
        "vase 883; teddy-bear 850",
    ),
    Kind("ball", "in the air; over a field", "balloon 417"),
)


def nouns() -> dict[str, list[int]]:
    """Noun -> its classes, counted from 0."""
    return {noun: classes for kind in KINDS for noun, classes in kind.nouns.items()}


def with_article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
