"""Every landmark, best known first for each kind; a new one is a file and a line here.

The first two that suit the data also tell how fast the machine trains.
"""

from automl_search_spaces.catalog import Catalog
from automl_search_spaces.landmarks import (
    bag_of_words,
    c3d_small,
    cnn_series,
    cnn_text,
    fcn,
    inception_time,
    kim,
    lenet5,
    lenet_volume,
    m5,
    resnet_mel,
    resnet_series,
    resnet_small,
    resnet_volume,
    vgg_mel,
    vgg_small,
    vgg_volume,
)
from automl_search_spaces.landmarks.design import Design

LANDMARKS: Catalog[Design] = Catalog(
    "landmark",
    lenet5.DESIGN,
    resnet_small.DESIGN,
    vgg_small.DESIGN,
    cnn_series.DESIGN,
    resnet_series.DESIGN,
    fcn.DESIGN,
    inception_time.DESIGN,
    vgg_mel.DESIGN,
    resnet_mel.DESIGN,
    m5.DESIGN,
    kim.DESIGN,
    bag_of_words.DESIGN,
    cnn_text.DESIGN,
    vgg_volume.DESIGN,
    resnet_volume.DESIGN,
    c3d_small.DESIGN,
    lenet_volume.DESIGN,
)
