"""Every landmark, best known first; a new one is a file and a line here."""

from automl_search_spaces.catalog import Catalog
from automl_search_spaces.landmarks import lenet5, resnet_small, vgg_small
from automl_search_spaces.landmarks.design import Design

LANDMARKS: Catalog[Design] = Catalog(
    "landmark",
    lenet5.DESIGN,
    resnet_small.DESIGN,
    vgg_small.DESIGN,
)
