"""Nouns of everyday photo captions: the one list that training and evaluation use.

Written by hand, no tagger: it holds concrete objects that can be pointed at in a photo. Words that
captions often use as verbs or colours ("watch", "orange") and words that name no object ("group",
"picture") are left out. Words for one and the same object are one noun: "man", "boy" and "climber"
are all a person, "ocean" and "lake" are water. Two captions about different photos can thus be
told apart by their nouns.
"""

from collections.abc import Mapping

_SINGULAR = """
person dog cat horse cow sheep goat pig bird duck goose swan pigeon chicken elephant giraffe zebra
bear lion tiger monkey camel deer rabbit squirrel turtle fish dolphin whale butterfly insect
bicycle motorcycle car truck bus van train airplane helicopter boat canoe surfboard skateboard
scooter snowboard skis sled wheelchair stroller cart wagon tractor trailer wheel tire engine
helmet hat shirt jacket sweater vest dress skirt jeans trousers shorts suit tie uniform jersey
costume swimsuit wetsuit shoe boot sandal sock glove scarf bandana belt apron robe mask goggles
sunglasses necklace ring bag backpack purse suitcase umbrella collar leash muzzle harness
ball bat racket frisbee net goalpost hoop bow arrow kite balloon toy teddy doll puppet frame flag
banner vase
guitar piano drum violin trumpet saxophone microphone speaker camera phone computer laptop keyboard
television remote clock lamp candle mirror painting statue sculpture fountain poster sign
book newspaper magazine pen pencil paper envelope card money map
table chair bench sofa bed desk shelf cabinet drawer pillow blanket towel curtain carpet crib
oven stove refrigerator sink toilet bathtub microwave toaster blender
plate bowl cup mug bottle jar pot pan fork knife spoon tray basket box bucket barrel
bread sandwich pizza cake cookie donut hamburger banana apple strawberry lemon grape tomato carrot
broccoli potato onion salad soup cheese egg meat rice pasta coffee beer wine candy popcorn
head face eye ear nose mouth tongue tooth hair beard mustache hand finger arm leg foot knee paw tail
wing feather
tree bush flower leaf branch grass log stump vine cactus pumpkin hay
water beach mountain rock cave waterfall island desert sky cloud sun moon rainbow snow ice mud
puddle fire dirt sand field
street sidewalk bridge tunnel railing fence wall gate door window roof chimney stair ladder ramp
pole post lamppost hydrant bin bell tower building house church castle barn tent cabin shop
restaurant kitchen bathroom bedroom playground swing slide trampoline stadium court stage
carousel pier dock lighthouse airport station crosswalk
rope chain hose wire pipe brick board broom shovel rake hammer axe wrench scissors needle
brush bubble stick bone crutch parachute trophy medal crown wig tattoo snowman sandcastle
cage aquarium hammock oar anchor buoy
"""
_PLURAL = {  # irregular; empty if the plural is the same, or mostly a verb
    "person": "people persons",
    "sheep": "",
    "goose": "geese",
    "deer": "",
    "fish": "",
    "knife": "knives",
    "shelf": "shelves",
    "leaf": "leaves",
    "foot": "feet",
    "tooth": "teeth",
    "jeans": "",
    "trousers": "",
    "shorts": "",
    "goggles": "",
    "sunglasses": "",
    "scissors": "",
    "potato": "potatoes",
    "tomato": "tomatoes",
    "scarf": "scarves scarfs",
    "snowman": "snowmen",
    "skateboard": "",
    "snowboard": "",
    "skis": "",
    "swing": "",
    "slide": "",
}
_SYNONYMS = {  # single words, with their plurals
    "person": """man men woman women boy boys girl girls child children kid kids guy guys lady
        ladies baby babies toddler toddlers infant teenager teenagers adult adults
        crowd couple family friend friends player players skateboarder skateboarders surfer
        surfers snowboarder snowboarders skier skiers climber climbers biker bikers bicyclist
        bicyclists cyclist cyclists motorcyclist rider riders swimmer swimmers runner runners skater
        skaters dancer dancers worker workers hiker hikers fisherman musician musicians band
        audience spectators policeman officer cowboy bride groom mother father""",
    "dog": "puppy puppies poodle terrier greyhound greyhounds collie retriever shepherd",
    "cat": "kitten kittens",
    "horse": "pony ponies",
    "bird": "seagull seagulls gull gulls",
    "cow": "bull bulls cattle",
    "bicycle": "bike bikes bmx",
    "motorcycle": "motorbike motorbikes",
    "car": "vehicle vehicles jeep taxi suv",
    "airplane": "plane planes jet aeroplane",
    "boat": "ship ships sailboat kayak kayaks raft rafts",
    "hat": "cap caps beanie",
    "shirt": "t-shirt t-shirts tshirt blouse sweatshirt hoodie",
    "jacket": "coat coats snowsuit",
    "trousers": "pants",
    "swimsuit": "bikini bikinis",
    "bandana": "bandanna",
    "sunglasses": "glasses",
    "racket": "racquet",
    "phone": "cellphone telephone",
    "television": "tv",
    "purse": "handbag",
    "sofa": "couch couches",
    "bathtub": "tub",
    "refrigerator": "fridge",
    "donut": "doughnut doughnuts",
    "hamburger": "burger burgers",
    "carpet": "rug rugs",
    "tree": "forest woods",
    "bush": "shrub shrubs hedge",
    "grass": "lawn",
    "branch": "twig twigs",
    "water": "ocean sea lake river pond stream creek pool",
    "beach": "shore shoreline coast",
    "mountain": "hill hills mountainside hillside cliff cliffs",
    "rock": "stone stones boulder boulders",
    "street": "road roads pavement highway",
    "railing": "rail rails handrail",
    "stair": "staircase",
    "building": "skyscraper skyscrapers",
    "shop": "store stores",
    "bin": "trashcan",
    "fire": "campfire flames",
}


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def _forms(noun: str) -> list[str]:
    return [noun, *_PLURAL.get(noun, _plural(noun)).split(), *_SYNONYMS.get(noun, "").split()]


# Word of a caption -> its noun in the singular.
NOUNS: Mapping[str, str] = {word: noun for noun in _SINGULAR.split() for word in _forms(noun)}

_CATEGORY_NOUNS = {  # of COCO's categories whose name is not their noun
    "dining table": "table",
    "couch": "sofa",
    "tv": "television",
    "cell phone": "phone",
    "sports ball": "ball",
    "baseball bat": "bat",
    "baseball glove": "glove",
    "tennis racket": "racket",
    "fire hydrant": "hydrant",
    "handbag": "purse",
    "teddy bear": "teddy",
}


_ANIMALS = ("bear", "bird", "cat", "cow", "dog", "elephant", "giraffe", "horse", "sheep", "zebra")
_NO_ANIMALS = {("hot", "dog"), ("hot", "dogs"), ("teddy", "bear"), ("teddy", "bears")}


def of_category(category: str) -> str | None:
    """The noun for objects of a COCO category, or of a category named by a word of NOUNS.

    None if no single word names the category reliably: captions use "light", "orange", "mouse" and
    "glass" for other objects, too.
    """
    return _CATEGORY_NOUNS.get(category) or NOUNS.get(category)


def changes_meaning(before: str, word: str, after: str) -> bool:
    """Whether a neighbour makes a word no object of its own: "hot dog", "baby elephant".

    The pairs are those of CHAIR (Rohrbach et al. 2018, arXiv:1809.02156).
    """
    of_animal = word in ("baby", "adult") and NOUNS.get(after) in _ANIMALS
    return of_animal or (before, word) in _NO_ANIMALS
