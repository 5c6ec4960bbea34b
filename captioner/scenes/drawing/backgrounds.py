"""How each place is drawn: the ground and the sky behind everything.

Nothing here is an object that captions name or count. Lengths are shares of the picture.
"""

from collections.abc import Callable

from PIL import Image, ImageDraw

from captioner.scenes.drawing.backdrop import Backdrop
from captioner.scenes.drawing.pen import Colour, Pen, darker, lighter, mix, moved


def meadow(b: Backdrop) -> None:
    b.sky(0.62)
    b.hills(0.62, 0.16, mix((128, 182, 160), b.far, 0.35), b.rng.randint(2, 3))
    b.hills(0.62, 0.09, (142, 196, 122), b.rng.randint(3, 4))
    b.ground(0.6, (166, 210, 110), (104, 170, 82))
    b.band(b.rng.uniform(0.7, 0.78), 0.03, (132, 192, 94))
    b.band(b.rng.uniform(0.84, 0.9), 0.025, (114, 180, 86))
    b.scatter(34, 0.62, _tuft)


def _tuft(pen: Pen, x: float, y: float, scale: float) -> None:
    for lean in (-0.012, 0.0, 0.012):
        foot = [(x + lean * 0.3 - 0.003, y), (x + lean * 0.3 + 0.003, y)]
        pen.polygon([*foot, (x + lean * scale, y + 0.026 * scale)], (92, 156, 74))


def lake(b: Backdrop) -> None:
    b.sky(0.5)
    b.hills(0.5, 0.2, mix((136, 160, 190), b.far, 0.35), b.rng.randint(2, 4))
    b.hills(0.5, 0.08, (124, 178, 130), b.rng.randint(3, 5))
    b.ground(0.48, (150, 206, 230), (74, 150, 200))
    b.waves(0.5, 0.72, 22, (214, 238, 246))
    shore = b.rng.uniform(0.735, 0.755)
    b.band(shore, 0.01, (226, 208, 160))
    b.band(shore + 0.025, 0.012, (134, 194, 96))
    b.band(b.rng.uniform(0.86, 0.9), 0.02, (116, 182, 88))
    b.scatter(20, 0.78, _tuft)


def beach(b: Backdrop) -> None:
    b.sky(0.42)
    b.ground(0.4, (70, 158, 204), (112, 206, 214))
    b.waves(0.42, 0.54, 20, (206, 238, 244))
    shore = b.rng.uniform(0.57, 0.6)
    b.band(shore - 0.012, 0.012, (236, 248, 248))
    b.band(shore + 0.004, 0.014, (214, 190, 146))
    b.band(shore + 0.022, 0.014, (243, 222, 174))
    b.band(b.rng.uniform(0.8, 0.86), 0.03, (236, 210, 158))
    b.scatter(44, 0.64, _speck(0.005, (216, 186, 132)))
    b.scatter(5, 0.66, _shell)


def _speck(size: float, colour: Colour) -> Callable[[Pen, float, float, float], None]:
    return lambda pen, x, y, s: pen.oval(x, y, size * s, size * 0.6 * s, colour, shading=0)


def _shell(pen: Pen, x: float, y: float, scale: float) -> None:
    r = 0.012 * scale
    pen.blob(moved("-1,0 -.7,1 0,1.3 .7,1 1,0 0,-.5", x, y, r, r), (252, 240, 228), 0)
    for lean in (-0.5, 0, 0.5):
        pen.line([(x, y - r * 0.3), (x + lean * r, y + r)], r * 0.14, (226, 190, 170))


def sea(b: Backdrop) -> None:
    b.sky(0.46)
    b.ground(0.45, (96, 176, 218), (24, 96, 160))
    for y in (0.58, 0.7, 0.84):
        colour = mix((86, 168, 212), (22, 88, 150), (y - 0.45) * 1.7)
        b.band(y + b.rng.uniform(-0.02, 0.02), 0.012, colour)
    b.waves(0.48, 1.0, 46, (190, 228, 242))


def underwater(b: Backdrop) -> None:
    b.gradient(0, 1, (126, 214, 226), (20, 104, 156))
    shafts = Image.new("L", (b.size, b.size))
    draw = ImageDraw.Draw(shafts)
    for _ in range(4):
        x, width = b.rng.uniform(-0.1, 0.9), b.rng.uniform(0.04, 0.12)
        lean = b.rng.uniform(0.05, 0.3)
        corners = [(x, 0), (x + width, 0), (x + width * 2 + lean, 0.95), (x + lean, 0.95)]
        draw.polygon([(u * b.size, v * b.size) for u, v in corners], fill=26)
    b.canvas.paste((255, 255, 255), (0, 0), shafts)
    pen = Pen()
    for _ in range(b.rng.randint(4, 7)):  # seaweed
        x, height = b.rng.random(), b.rng.uniform(0.12, 0.3)
        tone = mix((46, 140, 116), (28, 112, 142), b.rng.random() * 0.7)
        sway = b.rng.choice((-1, 1)) * 0.025
        stem = moved("0,0 1,.35 -1,.7 .6,1", x, 0.08, sway, height)
        pen.limb(stem, [0.02, 0.026, 0.022, 0.004], tone)
    b.paint(pen)
    b.band(0.87, 0.02, (206, 196, 150))
    b.band(0.93, 0.02, (226, 210, 162))
    b.scatter(20, 0.9, _speck(0.006, (190, 172, 124)))
    pen = Pen()
    for _ in range(14):  # bubbles
        x, y, r = b.rng.random(), b.rng.uniform(0.2, 1), b.rng.uniform(0.004, 0.01)
        pen.dot(x, y, r, (196, 238, 244))
        pen.dot(x + r * 0.15, y - r * 0.15, r * 0.7, (130, 206, 224))
    b.paint(pen)


def snow(b: Backdrop) -> None:
    b.sky(0.6)
    pen, stone = Pen(), mix((164, 184, 212), b.far, 0.35)
    for i in range(4):  # mountains
        x, top = (i + b.rng.uniform(0.1, 0.9)) / 4, b.rng.uniform(0.52, 0.66)
        half = b.rng.uniform(0.2, 0.3)
        pen.polygon([(x - half, 0.38), (x, top), (x + half, 0.38)], stone, 0.06)
        peak = moved("-.32,-.32 0,0 .32,-.32 .1,-.24 -.06,-.36", x, top, half, top - 0.38)
        pen.polygon(peak, (246, 249, 253))
    b.paint(pen)
    b.hills(0.62, 0.09, (222, 232, 244), b.rng.randint(2, 4), 0.03)
    b.ground(0.6, (238, 243, 250), (214, 226, 242))
    b.band(b.rng.uniform(0.7, 0.76), 0.03, (229, 237, 247))
    b.band(b.rng.uniform(0.82, 0.88), 0.03, (240, 245, 251))
    b.scatter(14, 0.66, _drift)


def _drift(pen: Pen, x: float, y: float, scale: float) -> None:
    pen.line(moved("-.02,0 0,.004 .025,0", x, y, scale), 0.004, (206, 220, 238))


def street(b: Backdrop) -> None:
    b.sky(0.6)
    _skyline(b)
    b.ground(0.66, (214, 208, 202), (206, 200, 194))
    pen = Pen()
    for i in range(-2, 12):
        joint = [(i / 8, 0.34), (i / 8 - (0.5 - i / 8) * 0.06, 0.22)]
        pen.line(joint, 0.003, (190, 184, 180))
    b.paint(pen)
    b.gradient(0.775, 0.795, b.tint((236, 232, 226)), b.tint((226, 222, 216)))
    b.gradient(0.795, 0.81, b.tint((160, 156, 156)), b.tint((150, 146, 148)))
    b.gradient(0.81, 1, b.tint((108, 110, 120)), b.tint((92, 94, 106)))
    pen = Pen()
    start = b.rng.uniform(-0.15, 0)
    for i in range(7):  # the line in the middle
        dash = moved("0,.093 .1,.093 .102,.081 -.002,.081", start + i * 0.19)
        pen.polygon(dash, (236, 230, 214))
    b.paint(pen)


def _skyline(b: Backdrop) -> None:
    """Pale façades side by side: none of them counts as a house."""
    fronts = ((222, 196, 176), (204, 208, 214), (226, 214, 186), (196, 206, 196), (216, 190, 190))
    glass, lit = (176, 200, 216), (255, 222, 138)
    x, pen = -b.rng.uniform(0, 0.1), Pen()
    while x < 1:
        width, height = b.rng.uniform(0.16, 0.26), b.rng.uniform(0.56, 0.8)
        front = mix(b.rng.choice(fronts), b.far, 0.25)
        pen.box(x, 0.33, x + width, height, front, shading=0.05)
        cornice = (x - 0.005, height - 0.012, x + width + 0.005, height + 0.006)
        pen.box(*cornice, darker(front, 0.2), shading=0)
        columns = max(2, round(width / 0.065))
        step, y = width / columns, height - 0.075
        while y > 0.42:
            for column in range(columns):
                left = x + step * (column + 0.27)
                on = b.light == "night" and b.rng.random() < 0.4
                tone = lit if on else mix(glass, front, 0.25)
                pen.box(left, y, left + step * 0.46, y + 0.042, tone, shading=0)
            y -= 0.075
        pen.box(x + width * 0.38, 0.33, x + width * 0.62, 0.4, darker(front, 0.35), shading=0)
        x += width
    b.paint(pen)


def room(b: Backdrop) -> None:
    walls = ((206, 222, 226), (232, 218, 204), (214, 222, 202), (228, 212, 220), (238, 228, 200))
    wall = b.rng.choice(walls)
    b.gradient(0, 0.7, lighter(wall, 0.2), wall)
    pen, pattern = Pen(), b.rng.choice(("stripes", "dots", "plain", "panels"))
    if pattern == "stripes":
        for i in range(10):
            pen.box(i / 10, 0.3, i / 10 + 0.045, 1, lighter(wall, 0.22), shading=0)
    elif pattern == "dots":
        for i in range(11):
            for k in range(7):
                pen.dot((i + 0.5 * (k % 2)) / 10, 0.36 + k * 0.1, 0.008, lighter(wall, 0.5))
    elif pattern == "panels":
        pen.box(0, 0.3, 1, 0.5, lighter(wall, 0.45), shading=0)
        for i in range(11):
            pen.box(i / 10 - 0.002, 0.3, i / 10 + 0.002, 0.5, wall, shading=0)
        pen.box(0, 0.495, 1, 0.51, lighter(wall, 0.7), shading=0)
    pen.box(0, 0.29, 1, 0.32, lighter(wall, 0.75), shading=0)
    b.paint(pen)
    wood = b.rng.choice(((214, 178, 136), (198, 160, 122), (186, 154, 128)))
    b.gradient(0.7, 1, darker(wood, 0.08), lighter(wood, 0.15))
    pen = Pen()
    for i in range(-3, 14):
        gap = [(i / 10, 0.3), (0.5 + (i / 10 - 0.5) * 1.6, 0.0)]
        pen.line(gap, [0.002, 0.005], darker(wood, 0.2))
    if b.rng.random() < 0.7:
        rug = b.rng.choice(((196, 206, 214), (226, 204, 190), (204, 212, 190)))
        x = b.rng.uniform(0.4, 0.6)
        pen.oval(x, 0.13, 0.42, 0.095, rug, shading=0)
        pen.oval(x, 0.13, 0.36, 0.075, lighter(rug, 0.35), shading=0)
    b.paint(pen)


BACKGROUNDS: dict[str, Callable[[Backdrop], None]] = {
    "meadow": meadow,
    "lake": lake,
    "beach": beach,
    "sea": sea,
    "water": underwater,
    "snow": snow,
    "street": street,
    "room": room,
}
