"""What the first screen says of the cost of the recommended model."""

from dataclasses import replace

from automl_reports import verdict
from automl_reports.figures import GAP
from automl_reports.markdown import render as markdown
from automl_reports.page import render
from automl_reports.rows import ExportRow
from tests.reports.synthetic import make_report

SAVED = ExportRow("savedmodel", "best/saved_model", 0.9, 0.9, 0.0, {1: (3.0, 4.0)})
ONNX = ExportRow("onnx", "best/model.onnx", 0.5, 0.9, 0.0, {1: (1.0, 2.0)})
INT8 = ExportRow(
    "litert", "best/model.tflite", 0.1, 0.8, 0.1, {1: (0.2, 0.3)}, quantize="int8"
)
KERAS = ExportRow("keras", "best/model.keras", 0.6, 0.9, 0.0)


def costs(*exports: ExportRow) -> list[tuple[str, str]]:
    """Return label and text of every cost that is shown of a file."""
    report = replace(make_report(4), exports=exports)
    card = verdict.card(report)
    return [
        (name, text.replace(GAP, " ")) for name, text in (*card.latencies, card.size)
    ]


def test_latency_and_size_are_of_one_named_export() -> None:
    assert costs(INT8, KERAS, SAVED, ONNX) == [
        ("p50 / p95 of saved_model, batch 1", "3 / 4 ms"),
        ("Size of saved_model", "0.900 MB"),
    ]


def test_a_quantized_file_is_named_as_one_where_there_is_no_other() -> None:
    assert costs(INT8) == [
        ("p50 / p95 of model.tflite (int8), batch 1", "0.200 / 0.300 ms"),
        ("Size of model.tflite (int8)", "0.100 MB"),
    ]
    assert [name for name, _ in costs(INT8, KERAS)] == [
        "p50 / p95 of network, batch 1",
        "Size of model.keras",
    ]


def test_without_an_export_the_network_itself_is_told() -> None:
    assert [name for name, _ in costs()] == [
        "p50 / p95 of network, batch 1",
        "Size of weights",
    ]


def test_page_and_markdown_name_the_export() -> None:
    report = replace(make_report(4), exports=(SAVED, INT8))
    for text in (render(report), markdown(report)):
        assert "Size of saved" in text
        assert "p50 / p95 of saved" in text
