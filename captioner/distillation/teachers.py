"""Teachers for distillation: any registered backbone, or a TensorFlow Lite classifier.

A teacher is a frozen Keras model from pixels (B, H, W, 3) in 0..255 to a dictionary of outputs:
`features`, its last feature map; where it has them `logits`, and `stride8`, `stride16`, `stride32`,
the feature maps on the way; `block1`, `block2`, .., what each of its blocks hands to the next.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from captioner.data.datasets import DatasetError

LEVELS = ("stride8", "stride16", "stride32")

# How far left of its middle, in cells, the last grid of a MobileNetV2 still looks once it is padded
# on the left. Measured as the shift at which a linear probe finds the boxes of drawn scenes best,
# over pictures as they are and mirrored: about 7 of 32 pixels. (Layer by layer one would count half
# a pixel; but the weights have learnt to make up for a part of the padding.)
OFF = 1 / 4


def load_teacher(name_or_file: str) -> keras.Model:
    """A `.tflite` file, a `.keras` file that `save_teacher` wrote, or the name of a backbone.

    Raises DatasetError if the file is missing or is no such model, and what the backbone raises
    if its weights can't be had.
    """
    path = Path(name_or_file)
    if path.suffix not in (".tflite", ".keras"):
        from captioner import checkpoints

        network = checkpoints.find_backbone(name_or_file).network
        teacher = keras.Model(network.inputs, {"features": network.outputs[0]})
    elif not path.is_file():
        raise DatasetError(f"{path} does not exist")
    elif path.suffix == ".tflite":
        teacher = _from_tflite(path)
    else:
        try:
            teacher = keras.models.load_model(path, compile=False, safe_mode=True)
        except (OSError, ValueError, KeyError) as error:
            raise DatasetError(f"{path} is not a teacher: {error}") from error
    teacher.trainable = False
    return teacher


def _dequantised(interpreter, details: dict, index: int) -> np.ndarray:
    """Integers -> float32, by one scale and zero point or by those of every channel."""
    known = details[index]["quantization_parameters"]
    integers = interpreter.get_tensor(index).astype(np.float32)
    shape = [1] * integers.ndim
    shape[known["quantized_dimension"]] = -1
    zero_points = known["zero_points"].astype(np.float32).reshape(shape)
    return (integers - zero_points) * known["scales"].astype(np.float32).reshape(shape)


def _from_tflite(path: Path) -> keras.Model:
    """Reads a quantised chain of convolutions (the MobileNet family) into Keras layers.

    Weights are dequantised by each tensor's scale and zero point. An activation whose zero point
    is the least integer can hold nothing below 0: it went through ReLU6. Strides follow from the
    shapes.
    """
    import tensorflow as tf  # the reader of the format lives there; other backends use .keras

    try:
        interpreter = tf.lite.Interpreter(str(path))
    except ValueError as error:
        raise DatasetError(f"{path} is not a TensorFlow Lite model: {error}") from error
    details = {d["index"]: d for d in interpreter.get_tensor_details()}
    entry = interpreter.get_input_details()[0]
    if entry["dtype"] not in (np.uint8, np.int8):
        raise DatasetError(f"{path} is not quantised to 8 bits")
    least = np.iinfo(entry["dtype"]).min  # what a pixel of 0 becomes
    scale, zero_point = entry["quantization"]
    pixels = keras.Input((None, None, 3), name="pixels")
    tensors = {entry["index"]: layers.Rescaling(scale, offset=scale * (least - zero_point))(pixels)}
    side = int(entry["shape"][1])
    grid = side // 32
    weights: list[tuple[layers.Layer, list[np.ndarray]]] = []
    outputs = {}
    bottlenecks: list = []  # what is handed from block to block

    for operation in interpreter._get_ops_details():
        kind, inputs = operation["op_name"], [int(i) for i in operation["inputs"]]
        target = int(operation["outputs"][0])
        x = tensors[inputs[0]]
        after = details[target]
        clipped = after["quantization"][1] == least
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            kernel = _dequantised(interpreter, details, inputs[1])
            before, cells = int(details[inputs[0]]["shape"][1]), int(after["shape"][1])
            stride = -(-before // cells)
            padding = "same"
            if stride > 1 and cells == grid:
                # 'same' pads even sizes on the right only. Over five such layers the last grid
                # comes to look too far to the right and down; padded on the left, the last layer
                # brings it back by 16 pixels, `_centred` by the rest, and the student learns maps
                # that lie where they should.
                x, padding = layers.ZeroPadding2D(((1, 0), (1, 0)))(x), "valid"
            if kind == "CONV_2D":
                kernel = kernel.transpose(1, 2, 3, 0)  # (out, h, w, in) -> (h, w, in, out)
                layer = layers.Conv2D(
                    kernel.shape[-1], kernel.shape[0], strides=stride, padding=padding
                )
            else:
                kernel = kernel.transpose(1, 2, 3, 0)  # (1, h, w, channels) -> (h, w, channels, 1)
                layer = layers.DepthwiseConv2D(kernel.shape[0], strides=stride, padding=padding)
            weights.append((layer, [kernel, _dequantised(interpreter, details, inputs[2])]))
            y = layer(x)
            if clipped and after["shape"][1] > 1:
                y = layers.ReLU(max_value=6.0)(y)
        elif kind == "ADD":
            y = layers.Add()([x, tensors[inputs[1]]])
        elif kind == "AVERAGE_POOL_2D":
            outputs["features"] = x
            y = layers.GlobalAveragePooling2D(keepdims=True)(x)
        elif kind == "RESHAPE":
            outputs["logits"] = layers.Flatten(dtype="float32")(x)
            break
        else:
            raise DatasetError(f"{path} holds the operation {kind}, which is not read")
        if not clipped and after["shape"][1] > 1:
            if kind == "ADD":
                bottlenecks[-1] = y
            else:
                bottlenecks.append(y)
            outputs[f"stride{side // int(after['shape'][1])}"] = y  # the last one stays
        tensors[target] = y

    for name in ("features", "stride32"):
        outputs[name] = _centred(outputs[name])
    kept = ("features", "logits", *LEVELS)
    outputs = {name: outputs[name] for name in kept if name in outputs}
    outputs |= {f"block{number + 1}": y for number, y in enumerate(bottlenecks)}
    teacher = keras.Model(pixels, outputs)
    for layer, values in weights:
        layer.set_weights(values)
    return teacher


def _centred(grid):
    """Moves a grid by OFF of a cell, linearly between neighbours; the rim is held."""
    for axis in (1, 2):
        edge = [(0, 0), (0, 0), (0, 0), (0, 0)]
        edge[axis] = (0, 1)
        longer = ops.pad(grid, edge, mode="symmetric")
        after = longer[:, 1:] if axis == 1 else longer[:, :, 1:]
        grid = (1 - OFF) * grid + OFF * after
    return grid


def save_teacher(teacher: keras.Model, path: Path | str) -> None:
    """Writes a `.keras` file that needs no TensorFlow to be read."""
    teacher.save(path)


def standardisation(
    teacher: keras.Model, names: Sequence[str], batches: Iterable[np.ndarray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mean and deviation of every channel of the maps so named, over some batches of pixels."""
    sums: dict[str, list] = {}
    for pixels in batches:
        shown = teacher.predict_on_batch(pixels)
        for name in names:
            maps = shown[name]
            flat = ops.convert_to_numpy(maps).astype(np.float64).reshape(-1, maps.shape[-1])
            total = sums.setdefault(name, [0, 0.0, 0.0])
            total[0] += len(flat)
            total[1] += flat.sum(axis=0)
            total[2] += np.square(flat).sum(axis=0)
    result = {}
    for name, (count, total, squares) in sums.items():
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, 1e-6))
        result[name] = (mean.astype(np.float32), deviation.astype(np.float32))
    return result
