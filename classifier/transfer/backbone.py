"""A backbone by its name, with the weights that it begins with."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike

import keras

from classifier.networks import BACKBONES, LEAST_SIZE
from classifier.networks.heads import by_group
from classifier.transfer.weights import set_weights

Backbone = str | Callable[[int], keras.Model]


def name_of(backbone: Backbone) -> str:
    """What a backbone is called on a card."""
    return backbone if isinstance(backbone, str) else backbone.__name__


def build_backbone(backbone: Backbone, size: int, weights: str | PathLike[str] | None = None) -> keras.Model:
    """Build a backbone; with weights it gives features of two scales, see :func:`of_two_scales`.

    Its batch normalisation then stays as it is: it has seen many more images.

    Raises
    ------
    ValueError
        For an unknown name, a size that leaves no feature map, or weights of another network.
    """
    if not isinstance(backbone, str):
        made = backbone(size)
    elif backbone not in BACKBONES:
        raise ValueError(f"`backbone` should be one of {sorted(BACKBONES)}. Received: {backbone!r}.")
    elif size < LEAST_SIZE[backbone]:
        raise ValueError(f"`size` should be {LEAST_SIZE[backbone]} at least for {backbone}. Received: {size}.")
    else:
        made = BACKBONES[backbone](size)
    if weights is not None:
        set_weights(made, weights, name=name_of(backbone))
        for layer in made.layers:
            layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
        return of_two_scales(made)
    return made


def of_two_scales(backbone: keras.Model) -> keras.Model:
    """The means of a backbone's last maps, and of the last ones before these that have more rows.

    The last maps have learned what stands in a picture, whatever its colours or its angle; where labels ask for these,
    earlier maps still tell them (Evci et al., "Head2Toe: utilizing intermediate representations for better transfer
    learning", 2022).

    Returns
    -------
    keras.Model
        Images -> features (n, d). Features that are no maps stay as they are.
    """
    last = backbone.output
    if len(last.shape) != 4:
        return backbone
    outputs = [layer.output for layer in backbone.layers if len(layer.output.shape) == 4]
    finer = [maps for maps in outputs if maps.shape[1] > last.shape[1]]
    means = [
        keras.layers.GlobalAveragePooling2D(name=f"mean_features_{k}")(maps)
        for k, maps in enumerate([*finer[-1:], last])
    ]
    features = keras.layers.Concatenate(name="features")(means) if len(means) > 1 else means[0]
    return keras.Model(backbone.input, features, name=backbone.name)


def joined(backbone: keras.Model, heads: keras.Model) -> keras.Model:
    """A backbone and heads that were trained on its features, as one flat network."""
    n_labels = {group: output.shape[-1] for group, output in heads.output.items()}
    whole = by_group(backbone.input, backbone.output, n_labels)
    for head in [layer for layer in heads.layers if layer.weights]:
        whole.get_layer(head.name).set_weights(head.get_weights())
    return whole


def heads_of(network: keras.Model) -> keras.Model:
    """The heads of such a network alone: features (n, d) -> group -> probabilities."""
    return keras.Model(network.get_layer("dropped_features").input, network.output)
