"""Teachers for distillation: any backbone, or a classifier in a TensorFlow Lite file.

A teacher is a frozen Keras model from pixels (B, H, W, 3) in 0..255 to {name: feature map}:
"features" is its last feature map; "block1", "block2", .. are the outputs of its blocks, if known.
"""

from collections.abc import Iterable
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops

from captioner import checkpoints
from captioner.data.datasets import DatasetError


def load_teacher(name_or_file: str) -> keras.Model:
    """Loads a teacher.

    Args:
        name_or_file: A `.tflite` file, a `.keras` file of a teacher, or the name or folder of a
            backbone.

    Raises:
        DatasetError: The file is missing or holds no such model.
        BackboneError: There is no such backbone, or its weights cannot be downloaded.
    """
    path = Path(name_or_file)
    if path.suffix not in (".tflite", ".keras"):
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


def statistics(
    teacher: keras.Model, name: str, batches: Iterable[np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (channels,) of one output over batches of pixels, float32."""
    count, total, squares = 0, 0.0, 0.0
    for pixels in batches:
        grid = ops.convert_to_numpy(teacher.predict_on_batch(pixels)[name]).astype(np.float64)
        count += grid[..., 0].size
        total += grid.sum(axis=(0, 1, 2))
        squares += np.square(grid).sum(axis=(0, 1, 2))
    mean = total / count
    deviation = np.sqrt(np.maximum(squares / count - mean**2, 1e-6))
    return mean.astype(np.float32), deviation.astype(np.float32)


def _from_tflite(path: Path) -> keras.Model:
    """Reads a quantised chain of convolutions (the MobileNet family) into Keras layers.

    Weights are dequantised with the scale and zero point of each tensor. An activation whose zero
    point is the least integer cannot hold values below 0: it went through ReLU6. Strides follow
    from the shapes. A block ends where the activation is not clipped.
    """
    import tensorflow as tf  # only for its reader of the format; other backends use .keras files

    try:
        interpreter = tf.lite.Interpreter(str(path))
    except ValueError as error:
        raise DatasetError(f"{path} is not a TensorFlow Lite model: {error}") from error
    details = {d["index"]: d for d in interpreter.get_tensor_details()}
    entry = interpreter.get_input_details()[0]
    if entry["dtype"] not in (np.uint8, np.int8):
        raise DatasetError(f"{path} is not quantised to 8 bits")
    least = np.iinfo(entry["dtype"]).min  # the integer of a pixel of 0
    scale, zero_point = entry["quantization"]
    pixels = keras.Input((None, None, 3), name="pixels")
    tensors = {entry["index"]: layers.Rescaling(scale, offset=scale * (least - zero_point))(pixels)}
    last_grid = int(entry["shape"][1]) // 32  # cells
    weights: list[tuple[layers.Layer, list[np.ndarray]]] = []
    blocks: list = []  # their outputs

    for operation in interpreter._get_ops_details():
        kind, inputs = operation["op_name"], [int(i) for i in operation["inputs"]]
        target = int(operation["outputs"][0])
        x = tensors[inputs[0]]
        if kind == "AVERAGE_POOL_2D":  # what follows is the classifier
            break
        clipped = details[target]["quantization"][1] == least
        if kind in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            # (out, h, w, in) -> (h, w, in, out), or (1, h, w, channels) -> (h, w, channels, 1)
            kernel = _dequantised(interpreter, details, inputs[1]).transpose(1, 2, 3, 0)
            before, cells = (int(details[i]["shape"][1]) for i in (inputs[0], target))
            stride, padding = -(-before // cells), "same"
            if stride > 1 and cells == last_grid:
                # 'same' pads even sizes on the right only. With five such layers the last grid
                # would look too far to the right and down: padding the last one on the left takes
                # 16 pixels back. The rest is measured at the end, see `receptive_field`.
                x, padding = layers.ZeroPadding2D(((1, 0), (1, 0)))(x), "valid"
            if kind == "CONV_2D":
                layer = layers.Conv2D(kernel.shape[-1], kernel.shape[0], stride, padding)
            else:
                layer = layers.DepthwiseConv2D(kernel.shape[0], stride, padding)
            weights.append((layer, [kernel, _dequantised(interpreter, details, inputs[2])]))
            y = layer(x)
            if clipped:
                y = layers.ReLU(max_value=6.0)(y)
            else:
                blocks.append(y)
        elif kind == "ADD":
            y = blocks[-1] = layers.Add()([x, tensors[inputs[1]]])
        else:
            raise DatasetError(f"{path} holds the operation {kind}, which is not read")
        tensors[target] = y

    outputs = {f"block{number}": y for number, y in enumerate(blocks, 1)}
    teacher = keras.Model(pixels, {"features": x, **outputs})
    for layer, values in weights:
        layer.set_weights(values)
    return teacher


def _dequantised(interpreter, details: dict, index: int) -> np.ndarray:
    """Integers -> float32, with one scale and zero point or with those of every channel."""
    known = details[index]["quantization_parameters"]
    integers = interpreter.get_tensor(index).astype(np.float32)
    shape = [1] * integers.ndim
    shape[known["quantized_dimension"]] = -1
    zero_points = known["zero_points"].astype(np.float32).reshape(shape)
    return (integers - zero_points) * known["scales"].astype(np.float32).reshape(shape)
