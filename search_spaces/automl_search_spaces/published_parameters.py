"""How many parameters the published networks have as their authors built them."""

from __future__ import annotations

from collections.abc import Mapping

#: Trainable parameters at the authors' own input, with 10 classes for LeNet-5, 400
#: for the 3D ResNet and else 1000. Sources: the papers; for ResNet, MobileNetV2,
#: DenseNet, EfficientNet and ConvNeXt the authors' or torchvision's models, counted
#: without the statistics of batch normalisation.
PUBLISHED_PARAMETERS: Mapping[str, int] = {
    "lenet5": 61_706,
    "alexnet": 62_378_344,
    "alexnet_grouped": 60_965_224,
    "vgg11": 132_863_336,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "googlenet": 6_998_552,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "mobilenet_v2": 3_504_872,
    "densenet121": 7_978_856,
    "efficientnet_b0": 5_288_548,
    "convnext_tiny": 28_589_128,
    "resnet3d18": 33_371_472,
}
