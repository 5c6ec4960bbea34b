"""Teachers: read from TensorFlow Lite, from Keras files, from backbones."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from captioner.backbones.backbone import BackboneError
from captioner.data.datasets import DatasetError
from captioner.distillation import teachers
from tests.support import tiny

SIDE = 64


def pixels(count: int = 4) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (count, SIDE, SIDE, 3)).astype(np.uint8)


def classifier(centred: bool) -> keras.Model:
    """A MobileNet in small: pixels scaled to -1..1 -> [features, block2, block4, block5, logits].

    centred: the last layer with a stride is padded on the left and above, as the reader does.
    """

    def convolution(x, kernel, stride, clip, width=None, centre=False):
        padding = "same"
        if centre:
            x, padding = layers.ZeroPadding2D(((1, 0), (1, 0)))(x), "valid"
        if width is None:
            y = layers.DepthwiseConv2D(kernel, strides=stride, padding=padding)(x)
        else:
            y = layers.Conv2D(width, kernel, strides=stride, padding=padding)(x)
        return layers.ReLU(max_value=6.0)(y) if clip else y

    scaled = keras.Input((SIDE, SIDE, 3), batch_size=1)
    x = convolution(scaled, 3, 2, True, 6)
    x = convolution(convolution(x, 3, 2, True), 1, 1, False, 8)
    second = x = convolution(convolution(x, 3, 2, True), 1, 1, False, 8)
    narrow = convolution(convolution(x, 3, 2, True), 1, 1, False, 8)
    fourth = x = layers.Add()([narrow, convolution(narrow, 1, 1, False, 8)])
    x = convolution(x, 3, 2, True, centre=centred)
    fifth = convolution(x, 1, 1, False, 8)
    features = convolution(fifth, 1, 1, True, 12)
    x = layers.AveragePooling2D(2)(features)
    logits = layers.Reshape((5,))(layers.Conv2D(5, 1)(x))
    return keras.Model(scaled, [features, second, fourth, fifth, logits])


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    """A classifier as a quantised TensorFlow Lite file, what it says in float32 and what it
    would say with its last grid off centre."""
    keras.utils.set_random_seed(3)
    network, reference = classifier(centred=False), classifier(centred=True)
    # Weights are large enough for ReLU6 to clip at 6 somewhere.
    network.set_weights([3 * weight for weight in network.get_weights()])
    reference.set_weights(network.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Model(network.input, network.outputs[-1])
    )
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    samples = pixels(16) / 127.5 - 1
    converter.representative_dataset = lambda: ([s[None].astype(np.float32)] for s in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    path = tmp_path_factory.mktemp("teacher") / "teacher.tflite"
    path.write_bytes(converter.convert())
    return path, said_by(reference), said_by(network)


def said_by(network: keras.Model) -> dict[str, np.ndarray]:
    names = ("features", "block2", "block4", "block5")
    said = [network(photo[None].astype(np.float32)) for photo in pixels() / 127.5 - 1]
    return {name: np.concatenate([s[i] for s in said]) for i, name in enumerate(names)}


def error(found: np.ndarray, expected: np.ndarray) -> float:
    return np.abs(found - expected).mean() / np.abs(expected).mean()


def test_a_quantised_classifier_says_what_it_said_before(quantised):
    path, expected, off_centre = quantised
    assert expected["features"].max() == 6 and expected["features"].min() == 0
    teacher = teachers.load_teacher(str(path))
    assert not teacher.trainable_variables
    found = teacher.predict_on_batch(pixels())
    assert found.keys() == {"features", *(f"block{number}" for number in range(1, 6))}
    # Blocks end where it is narrow, after a shortcut if there is one.
    for name, values in expected.items():
        assert error(found[name], values) < 0.06, name  # what 8 bits for every weight lose
    # The last grid lies half a cell from where the file has it: see the reader.
    assert error(found["features"], off_centre["features"]) > 0.3


def test_a_teacher_saved_by_keras_needs_no_tensorflow_lite(quantised, tmp_path):
    path, *_ = quantised
    teacher = teachers.load_teacher(str(path))
    teacher.save(tmp_path / "teacher.keras")
    again = teachers.load_teacher(str(tmp_path / "teacher.keras"))
    found = again.predict_on_batch(pixels())
    for name, values in teacher.predict_on_batch(pixels()).items():
        np.testing.assert_allclose(found[name], values, atol=1e-5)
    assert not again.trainable_variables


def test_a_backbone_can_teach(saved_checkpoint):
    teacher = teachers.load_teacher(str(saved_checkpoint))
    assert set(teacher.output) == {"features"}
    expected = tiny.backbone().features(pixels())
    found = teacher.predict_on_batch(pixels())["features"].reshape(expected.shape)
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_a_float_model_is_refused(tmp_path):
    network = keras.Sequential([keras.Input((8, 8, 3), batch_size=1), layers.Conv2D(2, 1)])
    path = tmp_path / "float.tflite"
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(network).convert())
    with pytest.raises(DatasetError, match="not quantised"):
        teachers.load_teacher(str(path))


def test_files_that_are_no_teachers_are_refused(tmp_path):
    for name in ("teacher.tflite", "teacher.keras"):
        with pytest.raises(DatasetError, match="does not exist"):
            teachers.load_teacher(str(tmp_path / name))
        for content in (b"", b"nothing of the kind" * 10):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(DatasetError, match=name):
                teachers.load_teacher(str(tmp_path / name))
    with pytest.raises(BackboneError, match="no backbone 'nobody'"):
        teachers.load_teacher("nobody")


def test_a_file_with_code_in_it_is_refused(tmp_path):
    network = keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x + 1)])
    network.save(tmp_path / "teacher.keras")
    with pytest.raises(DatasetError, match="teacher.keras"):
        teachers.load_teacher(str(tmp_path / "teacher.keras"))


def test_channels_are_measured_over_all_batches():
    images = pixels(6)
    scaled = keras.Input((None, None, 3))
    teacher = keras.Model(scaled, {"features": layers.Rescaling(2.0, 1.0)(scaled)})
    mean, deviation = teachers.statistics(teacher, "features", [images[:2], images[2:]])
    channels = (2.0 * images + 1).reshape(-1, 3)
    np.testing.assert_allclose(mean, channels.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation, channels.std(axis=0), rtol=1e-5)
