"""What is known of the backbones of keras.applications before any of them is built."""

from dataclasses import dataclass

from captioner.attention_maps import Geometry


@dataclass(frozen=True)
class Spec:
    """A backbone of keras.applications.

    `first` is where the first cell really looks: the centre that paddings and strides give it,
    in pixels from the edge (a test measures it on the network itself).
    """

    builder: str  # in keras.applications
    module: str  # whose preprocess_input belongs to it
    layer: str  # whose output is the grid
    geometry: Geometry
    channels: int
    weights: str  # file that keras.applications keeps in ~/.keras/models
    megabytes: int
    speed: float  # photos a second on two cores, about: for estimates


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
NAMES = ("compact", *SPECS)
