"""The backbones of keras.applications that can be chosen: what Keras publishes about each."""

from dataclasses import dataclass

from captioner.attention_maps import Geometry


@dataclass(frozen=True)
class Spec:
    """A backbone of keras.applications, described without building it.

    `geometry.first` is the centre that paddings and strides give to the first cell; a test
    measures it on the network itself.
    """

    builder: str  # function in keras.applications
    module: str  # in keras.applications; its preprocess_input belongs to the weights
    layer: str | None  # its output is the grid; None for that of the whole network
    geometry: Geometry
    channels: int
    weights: str  # file that keras.applications stores in ~/.keras/models
    megabytes: int
    speed: float  # photos per second on two cores, roughly: for estimates


SPECS = {
    "inceptionv3": Spec(
        "InceptionV3",
        "inception_v3",
        "mixed10",
        Geometry(8, 8, 299, 32.0, 37.5),
        2048,
        "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5",
        88,
        17,
    ),
    "vgg16": Spec(
        "VGG16",
        "vgg16",
        "block5_pool",
        Geometry(7, 7, 224, 32.0, 16.0),
        512,
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        59,
        7,
    ),
    "resnet50": Spec(
        "ResNet50",
        "resnet",
        "conv5_block3_out",
        Geometry(7, 7, 224, 32.0, 0.5),
        2048,
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        95,
        23,
    ),
    "mobilenetv2": Spec(
        "MobileNetV2",
        "mobilenet_v2",
        "out_relu",
        Geometry(7, 7, 224, 32.0, 31.5),
        1280,
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        9,
        120,
    ),
    "mobilenetv3-small": Spec(
        "MobileNetV3Small",
        "mobilenet_v3",
        None,
        Geometry(7, 7, 224, 32.0, 31.5),
        576,
        "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5",
        4,
        250,
    ),
    "efficientnetv2-b0": Spec(
        "EfficientNetV2B0",
        "efficientnet_v2",
        "top_activation",
        Geometry(7, 7, 224, 32.0, 31.5),
        1280,
        "efficientnetv2-b0_notop.h5",
        24,
        80,
    ),
}
BACKBONE_NAMES = ("compact", *SPECS)
