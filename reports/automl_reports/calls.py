"""How to call an exported model: for each format a program that runs as it is.

Each program is to be run in the folder of the exports. It makes up an input of the
right shape and type, in place of which yours go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automl_reports.data_summary import DataSummary
from automl_reports.markdown import code
from automl_reports.rows import ExportRow, RunReport
from automl_reports.subject import shape_words

#: Signatures that a SavedModel has, and the kinds of data whose files it decodes.
NUMBERS, ENCODED, EXAMPLES = "serving_default", "serve_bytes", "classify"
_QUANTIZED = {
    "none": "float32",
    "float16": "float16 weights",
    "dynamic": "weights of 8 bits (dynamic)",
    "int8": "int8: weights and activations of 8 bits",
}


_INPUTS = {
    "image": "images of any size, `[batch, height, width, channels]`",
    "series": "series of any length, `[batch, length, channels]`, NaN where a "
    "value is missing",
    "audio": "waveforms in [-1, 1] of any length at the sample rate above, "
    "`[batch, samples, 1]`",
    "text": "texts as strings, `[batch]`",
    "volume": "volumes of any size at the spacing above, "
    "`[batch, depth, height, width, channels]`",
    "video": "videos of any number and size of frames, "
    "`[batch, frames, height, width, channels]`",
}
_FILES = {
    "image": "encoded images of 8 bits",
    "audio": "wav files of 16 bits at the sample rate above",
}
_ANSWERS = {
    "classification": "`label`, `score` and `probabilities`, one a class",
    "multilabel": "`probabilities`, one a label; `labels`, true from one half on; "
    "`label` and `score` of the most probable one",
    "regression": "`value`, one a target in the unit of the data",
}
_TEXT_INDICES = {
    "text": ": indices of words in the vocabulary of `data.json`, from 2 on, 1 for "
    "other words, 0 for none"
}


def how_to_use(report: RunReport) -> str:
    """Return the section on commands, signatures and programs, as Markdown."""
    commands = "\n".join(code("\n".join(report.commands)))
    taken = _INPUTS.get(report.data.kind, "the numbers as the data set held them")
    signatures = f"`serving_default(inputs)` takes {taken}"
    if decodes_files(report.data):
        signatures += f"; `serve_bytes(bytes)` takes {_FILES[report.data.kind]}"
    prepared = shape_words(report.data) + _TEXT_INDICES.get(report.data.kind, "")
    return (
        "## How to use it\n\n"
        f"{commands}\n"
        f"SavedModel signatures: {signatures}. The answer holds "
        f"{_ANSWERS[report.task]}.{_classify(report)} `labels.txt` has the "
        "names in order. Scaling is inside every format; ONNX and LiteRT take samples "
        f"that are prepared to {prepared}.\n\n" + "\n\n".join(_programs(report))
    )


def _classify(report: RunReport) -> str:
    """Return what the signature of TensorFlow Serving's Classify takes and gives."""
    if not report.data.classes:
        return ""
    feature, content = _feature(report.data)
    return (
        " `classify(inputs)` takes serialised `tf.train.Example`s with the one feature "
        f"`{feature}`, {content}, and gives `classes` and `scores`, one a class."
    )


def _feature(data: DataSummary) -> tuple[str, str]:
    """Return the name of an example's feature, and what it holds."""
    if decodes_files(data):
        return "bytes", "an encoded file"
    if data.kind == "text":
        return "inputs", "a text"
    return "inputs", f"the numbers of a sample of {shape_words(data)}, row by row"


def _programs(report: RunReport) -> list[str]:
    """Return a program for each format that was exported."""
    return [
        f"### {export.format} ({precision(export)})\n\n```python\n{source}\n```"
        for export in report.exports
        if (source := program(export, report.data, report.task))
    ]


def decodes_files(data: DataSummary) -> bool:
    """Whether the SavedModel takes encoded files: 8-bit images, and sound."""
    if data.kind == "image":
        return data.dtype == "uint8" and data.shape[-1] in (1, 3)
    return data.kind == "audio"


def precision(export: ExportRow) -> str:
    """Return how exact the numbers of an export are."""
    return _QUANTIZED.get(export.quantize, export.quantize)


def program(export: ExportRow, data: DataSummary, task: str) -> str:
    """Return a Python program that calls an export.

    Args:
        export: Its format and precision.
        data: What it takes.
        task: What it answers.

    Returns:
        Lines of code; empty for a format that is not known.
    """
    write = _PROGRAMS.get(export.format)
    name = export.path.rpartition("/")[2]
    return "" if write is None else write(name, data, _output(task))


def _output(task: str) -> str:
    return "value" if task == "regression" else "probabilities"


def _zeros(data: DataSummary, dtype: str) -> str:
    shape = ", ".join(map(str, (1, *data.shape)))
    return f'np.zeros(({shape}), "{dtype}")'


def _prepared(data: DataSummary) -> str:
    """Return an input as networks take it."""
    return _zeros(data, "int32" if data.kind == "text" else "float32")


def _savedmodel(name: str, data: DataSummary, output: str) -> str:
    taken = f"tf.constant({_zeros(data, data.dtype or 'float32')})"
    if data.kind == "text":
        taken = 'tf.constant(["a text"])'
    lines = [
        *([] if data.kind == "text" else ["import numpy as np"]),
        "import tensorflow as tf",
        "",
        f'model = tf.saved_model.load("{name}")',
        f"inputs = {taken}",
        f'answer = model.signatures["{NUMBERS}"](inputs=inputs)',
        "print({name: value.numpy() for name, value in answer.items()})",
        *(_files(data, output) if decodes_files(data) else []),
        *(_examples(data) if data.classes else []),
    ]
    return "\n".join(lines)


def _files(data: DataSummary, output: str) -> list[str]:
    encode = "tf.io.encode_png(inputs[0])"
    if data.kind == "audio":
        rate = data.preprocessing.get("sample_rate")
        encode = f"tf.audio.encode_wav(inputs[0], {rate})"
    return [
        "",
        f"encoded = {encode}  # or tf.io.read_file(PATH)",
        f'answer = model.signatures["{ENCODED}"](bytes=tf.stack([encoded]))',
        f'print(answer["{output}"].numpy())',
    ]


def _examples(data: DataSummary) -> list[str]:
    feature, _ = _feature(data)
    kind, value = "float", "inputs.numpy().ravel()"
    if decodes_files(data):
        kind, value = "bytes", "[encoded.numpy()]"
    elif data.kind == "text":
        kind, value = "bytes", "inputs.numpy()"
    elif "int" in (data.dtype or ""):
        kind = "int64"
    return [
        "",
        "example = tf.train.Example()",
        f'values = example.features.feature["{feature}"].{kind}_list',
        f"values.value.extend({value})",
        "examples = tf.constant([example.SerializeToString()])",
        f'answer = model.signatures["{EXAMPLES}"](inputs=examples)',
        'print(answer["classes"].numpy(), answer["scores"].numpy())',
    ]


def _keras(name: str, data: DataSummary, output: str) -> str:
    del output  # the model has one, without a name
    text = data.kind == "text"
    taken = 'keras.ops.convert_to_tensor(["a text"], dtype="string")'
    lines = [
        "import keras",
        *([] if text else ["import numpy as np"]),
        "",
        f'model = keras.saving.load_model("{name}", compile=False)',
        f"inputs = {taken if text else _prepared(data)}",
        "print(model.predict_on_batch(inputs))",
    ]
    return "\n".join(lines)


def _onnx(name: str, data: DataSummary, output: str) -> str:
    lines = [
        "import numpy as np",
        "import onnxruntime",
        "",
        f'session = onnxruntime.InferenceSession("{name}")',
        f"inputs = {_prepared(data)}  # a prepared sample",
        f'print(session.run(["{output}"], {{"inputs": inputs}})[0])',
    ]
    return "\n".join(lines)


def _litert(name: str, data: DataSummary, output: str) -> str:
    lines = [
        "import numpy as np",
        "from ai_edge_litert.interpreter import Interpreter",
        "",
        f'interpreter = Interpreter("{name}")',
        f'serve = interpreter.get_signature_runner("{NUMBERS}")',
        f"inputs = {_prepared(data)}  # a prepared sample",
        f'print(serve(inputs=inputs)["{output}"])',
    ]
    return "\n".join(lines)


_PROGRAMS: Mapping[str, Callable[[str, DataSummary, str], str]] = {
    "savedmodel": _savedmodel,
    "keras": _keras,
    "onnx": _onnx,
    "litert": _litert,
}
