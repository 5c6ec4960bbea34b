"""Backbones: what goes in, what comes out, and where each cell of the grid really looks."""

import functools
import http.server
import socket
import threading
import time
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from captioner import checkpoints
from captioner.attention_maps import Geometry, place
from captioner.backbones import residual
from captioner.backbones.backbone import (
    SPECS,
    Backbone,
    BackboneError,
    compact_backbone,
    keras_backbone,
)
from captioner.backbones.residual import ResidualConfig
from tests.support import tiny

PHOTO = (640, 360)  # width, height
LARGER = 14  # cells more than the grid has, so that an inner cell is far from every edge


@functools.cache
def built(name: str) -> Backbone:
    if name.startswith("compact"):
        stride = int(name.removeprefix("compact"))
        return compact_backbone(ResidualConfig((4, 4, 8, 8), (1, 1, 1, 1), stride))
    if name.startswith("inverted"):
        stride = int(name.removeprefix("inverted"))
        sizes = replace(tiny.INVERTED, output_stride=stride)
        return compact_backbone(sizes)
    return keras_backbone(name, weights=None)


ours = [f"{design}{stride}" for design in ("compact", "inverted") for stride in (32, 16)]
every = pytest.mark.parametrize("name", [*ours, *SPECS])
downloaded = pytest.mark.parametrize("name", SPECS)


def averaging(network: keras.Model) -> keras.Model:
    """The same network with other weights: every layer takes the mean of what it sees.

    What a cell then sees is spread evenly about the place it looks at. Maximum pooling becomes
    average pooling, gates (squeeze and excitation) stay half open, normalisation of the input
    goes: none of them moves anything.
    """

    def replaced(layer):
        config = layer.get_config()
        if isinstance(layer, layers.MaxPooling2D):
            return layers.AveragePooling2D.from_config(config)
        if isinstance(layer, layers.Rescaling | layers.Normalization):
            return layers.Identity(name=layer.name)
        return layer.__class__.from_config(config)

    any_size = keras.Input((None, None, 3))
    inputs = [any_size] if isinstance(network.input, list) else any_size
    copy = keras.models.clone_model(network, input_tensors=inputs, clone_function=replaced)
    for layer in copy.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            kernel, *bias = layer.get_weights()
            gate = layer.name.endswith(("se_reduce", "se_expand"))
            seen = kernel.shape[0] * kernel.shape[1]
            seen *= 1 if isinstance(layer, layers.DepthwiseConv2D) else kernel.shape[2]
            kernel = np.full_like(kernel, 0 if gate else 1 / seen)
            layer.set_weights([kernel, *map(np.zeros_like, bias)])
    return copy


def centres(network: keras.Model, cells: tuple[int, ...], side: int, axis: int) -> list[float]:
    """Where cells look along an axis (1 down, 2 right), in pixels from the edge.

    The mean place of the pixels, weighted by what each matters to the cell, measured on a strip
    that is `side` pixels long.
    """
    width = 32 if side % 32 == 0 else 80  # InceptionV3 pads little and needs more
    shape = [1, width, width, 3]
    shape[axis] = side
    strip = tf.fill(shape, 1e-3)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(strip)
        grid = network(strip, training=False)
        said = [tf.reduce_sum(tf.gather(grid, cell, axis=axis)) for cell in cells]
    places = np.arange(side) + 0.5
    matter = [np.abs(tape.gradient(cell, strip)[0]).sum(axis=(2 - axis, 2)) for cell in said]
    return [float(weights @ places / weights.sum()) for weights in matter]


@pytest.mark.slow
@every
def test_cells_look_where_the_geometry_says(name):
    backbone = built(name)
    geometry = backbone.geometry
    network = averaging(backbone.network if backbone.config else backbone.network.layers[-1])
    side = geometry.size + LARGER * 32
    measured = []
    for axis, count in ((1, geometry.rows), (2, geometry.cols)):
        middle = (count + LARGER * 32 // int(geometry.stride)) // 2
        here, after = centres(network, (middle, middle + 1), side, axis)
        stride, first = after - here, here - middle * geometry.stride
        assert stride == pytest.approx(geometry.stride, abs=0.1)
        assert first == pytest.approx(geometry.first, abs=0.5)
        measured.append((first + stride * np.arange(count)) / geometry.size)

    # So a map of one cell lies on the photo where that cell looked, whatever its aspect ratio.
    width, height = PHOTO
    for row, col in np.ndindex(geometry.rows, geometry.cols):
        cell = np.zeros((geometry.rows, geometry.cols), np.float32)
        cell[row, col] = 1
        placed = place(cell, geometry, PHOTO)
        ys, xs = np.nonzero(placed == placed.max())
        x = xs.max() if col == 0 else xs.min()  # at the rim the weight is held up to the edge
        y = ys.max() if row == 0 else ys.min()
        # Half a pixel of the network, and half a pixel of the photo.
        assert abs(x + 0.5 - measured[1][col] * width) <= 0.5 * width / geometry.size + 0.5
        assert abs(y + 0.5 - measured[0][row] * height) <= 0.5 * height / geometry.size + 0.5


MEAN_OF_IMAGENET = np.array([103.939, 116.779, 123.68])  # blue, green, red
PREPARED = {
    "inceptionv3": lambda rgb: rgb / 127.5 - 1,
    "mobilenetv2": lambda rgb: rgb / 127.5 - 1,
    "vgg16": lambda rgb: rgb[..., ::-1] - MEAN_OF_IMAGENET,
    "resnet50": lambda rgb: rgb[..., ::-1] - MEAN_OF_IMAGENET,
    "mobilenetv3-small": lambda rgb: rgb,  # its network scales by itself
    "efficientnetv2-b0": lambda rgb: rgb,  # this one, too
}


@pytest.mark.slow
@downloaded
def test_pixels_are_prepared_as_the_weights_need_it_and_laid_out_row_by_row(name):
    backbone = built(name)
    size = backbone.geometry.size
    pixels = np.random.default_rng(0).integers(0, 256, (1, size, size, 3)).astype(np.uint8)
    features = backbone.features(pixels)
    assert features.shape == (1, backbone.geometry.cells, backbone.channels)
    assert features.dtype == np.float32
    inner = backbone.network.layers[-1]
    prepared = PREPARED[name](pixels.astype(np.float64)).astype(np.float32)
    grid = np.asarray(inner(prepared, training=False))
    scale = np.abs(grid).max()
    np.testing.assert_allclose(features, grid.reshape(features.shape), atol=1e-3 * scale)


def test_all_of_the_photo_is_squashed_to_a_square():
    photo = Image.new("RGB", (300, 100), (255, 0, 0))
    photo.paste((0, 0, 255), (150, 0, 300, 100))  # the right half is blue
    pixels = tiny.backbone().pixels(photo)
    assert pixels.shape == (64, 64, 3) and pixels.dtype == np.uint8
    assert (pixels[:, :31] == (255, 0, 0)).all() and (pixels[:, 33:] == (0, 0, 255)).all()


def test_a_size_that_the_strides_do_not_divide_is_refused():
    with pytest.raises(ValueError, match="multiple of 32"):
        compact_backbone(residual.ResidualConfig(), 100)


def test_unknown_names_are_refused_and_the_known_ones_listed():
    for ask in (keras_backbone, checkpoints.find_backbone):
        with pytest.raises(BackboneError, match="no backbone 'vgg17'.*compact.*vgg16"):
            ask("vgg17")


def test_a_folder_with_a_compact_backbone_is_a_backbone(saved_checkpoint):
    loaded = checkpoints.find_backbone(str(saved_checkpoint))
    assert loaded.geometry == tiny.backbone().geometry
    assert loaded.config == tiny.SIZES


def test_the_same_weights_serve_both_strides(saved_checkpoint):
    coarse, fine = (checkpoints.find_backbone(str(saved_checkpoint), stride) for stride in (32, 16))
    assert fine.geometry == Geometry(3, 3, 64, 16.0, 16.0)
    pixels = np.random.default_rng(0).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8)
    every_second = fine.features(pixels).reshape(2, 3, 3, -1)[:, ::2, ::2]
    expected = coarse.features(pixels).reshape(2, 2, 2, -1)
    np.testing.assert_allclose(every_second, expected, atol=1e-5)


def test_a_copy_has_weights_of_its_own_and_the_precision_asked_for():
    backbone = tiny.backbone()
    copy = backbone.copy("mixed_bfloat16")
    assert copy.geometry == backbone.geometry and copy.config == backbone.config
    assert {layer.compute_dtype for layer in copy.network.layers} == {"bfloat16"}
    assert keras.config.dtype_policy().name == "float32"
    before = backbone.network.get_weights()
    for one, other in zip(before, copy.network.get_weights(), strict=True):
        assert np.array_equal(one, other)
    copy.network.set_weights([weight + 1 for weight in before])
    assert np.array_equal(backbone.network.get_weights()[0], before[0])
    with pytest.raises(BackboneError, match="cannot be rebuilt"):
        replace(backbone, config=None).copy()


@pytest.fixture
def no_weights_here(tmp_path, monkeypatch):
    """A home without downloaded weights, and the internet no further than this machine."""
    monkeypatch.setattr("captioner.backbones.backbone._cache", lambda: tmp_path / "models")
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))


@pytest.fixture
def server(monkeypatch):
    """A local server in the place of the one that has the weights; it has none."""

    class Empty(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        do_HEAD = do_GET

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def check_advice(message: str, name: str) -> None:
    spec = SPECS[name]
    assert message.startswith(f"{name} needs its ImageNet weights ({spec.megabytes} MB)")
    assert spec.weights in message and "models" in message and "choose 'compact'" in message


@downloaded
def test_without_a_network_choosing_one_says_at_once_what_to_do(name, no_weights_here, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        port = taken.getsockname()[1]
        monkeypatch.setattr("captioner.backbones.backbone.STORE", f"http://127.0.0.1:{port}/")
        begun = time.monotonic()
        with pytest.raises(BackboneError) as refused:
            checkpoints.find_backbone(name)
    assert time.monotonic() - begun < 3
    check_advice(str(refused.value), name)


def test_a_download_that_fails_says_so(no_weights_here, server, monkeypatch):
    monkeypatch.setattr("captioner.backbones.backbone.STORE", server)
    monkeypatch.setattr("keras.src.applications.vgg16.WEIGHTS_PATH_NO_TOP", server + "vgg16.h5")
    with pytest.raises(BackboneError, match="The download failed: .*404") as refused:
        checkpoints.find_backbone("vgg16")
    check_advice(str(refused.value), "vgg16")


@downloaded
def test_the_file_that_the_message_names_is_the_one_that_keras_wants(
    name, no_weights_here, server, monkeypatch
):
    wanted = []

    def get_file(fname, *arguments, **settings):
        wanted.append(fname)
        raise OSError("no download in tests")

    monkeypatch.setattr("captioner.backbones.backbone.STORE", server)
    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    with pytest.raises(BackboneError, match="no download in tests"):
        checkpoints.find_backbone(name)
    assert wanted == [SPECS[name].weights]
