"""Nouns of everyday photo captions: a list that we wrote, no tagger.

It holds concrete things that one can point at in a photo. Left out are words that captions often
use as verbs or colours, too ("watch", "orange"), and those that name no thing ("group", "picture").
Words that people use of one and the same thing are one noun here: "man", "boy" and "climber" are
all a person, "ocean" and "lake" are water. So what is said of one photo and what of another can be
told apart by them.
"""

from collections.abc import Mapping
from types import MappingProxyType

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
_PLURAL = {  # where it is not made by the rule
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
    "skateboard": "",  # "a boy skateboards", and so on
    "snowboard": "",
    "skis": "",
    "swing": "",
    "slide": "",
}
_ALSO = {  # what else is said of the same thing, word by word
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
    return [noun, *_PLURAL.get(noun, _plural(noun)).split(), *_ALSO.get(noun, "").split()]


# A word of a caption -> the noun, in the singular, that it stands for.
NOUNS: Mapping[str, str] = MappingProxyType(
    {word: noun for noun in _SINGULAR.split() for word in _forms(noun)}
)

_CATEGORIES = {  # of COCO, where they are not called by their noun
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


def of_category(category: str) -> str | None:
    """The noun that names the objects of a category of COCO, or of one named by a word of NOUNS.

    None for a category that no single word names for certain: captions use "light", "orange",
    "mouse" and "glass" for other things, too.
    """
    return _CATEGORIES.get(category) or NOUNS.get(category)
