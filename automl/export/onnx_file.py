"""An ONNX file of the network, with the names and the data inside."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import keras

from automl.export.companions import companion_files
from automl.export.concrete import as_module, convert_or_blame
from automl.export.lowering import ONNX_RULES, lowered
from automl.export.names import output_name
from automl_datasets.spec import DataSpec

#: Understood by every ONNX Runtime since 1.12 of 2022.
OPSET = 17


def export_onnx(network: keras.Model, spec: DataSpec, path: Path) -> None:
    """Write an ONNX file that onnxruntime loads.

    It takes `inputs`, prepared samples `(batch, *spec.shape)`, float32 and for texts
    indices of words as int32; it gives `probabilities` or `value`, float32
    `(batch, outputs)`. Its metadata hold `labels.txt`, the names of the outputs in
    order, and `data.json`, the data it was trained on.

    Args:
        network: Takes `(batch, *spec.shape)`, gives `(batch, outputs)`; no
            augmentation.
        spec: The data.
        path: Where to write.

    Raises:
        UnsupportedLayerError: If ONNX can't hold a layer.
    """
    convert = partial(_convert, output=output_name(spec.task), spec=spec)
    path.write_bytes(convert_or_blame(lowered(network, ONNX_RULES), convert, "onnx"))


def _convert(network: keras.Model, output: str, spec: DataSpec) -> bytes:
    """Return the file's bytes; what does not load is an error here."""
    import onnxruntime
    import tf2onnx

    module = as_module(network, output)
    model, _ = tf2onnx.convert.from_function(
        module.serve, input_signature=module.serve.input_signature, opset=OPSET
    )
    for name, text in companion_files(spec).items():
        model.metadata_props.add(key=name, value=text)
    data: bytes = model.SerializeToString()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    if len(session.get_inputs()) != 1:
        names = ", ".join(tensor.name for tensor in session.get_inputs())
        raise ValueError(f"it would need more than one input: {names}")
    return data
