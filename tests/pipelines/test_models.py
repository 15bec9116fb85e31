from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

import simref
from simref.graph import Graph
from simref.pipelines.models import ModelSource, content_hash, open_model
from tests.models_present import EXAMPLE, FLOAT_EXAMPLE


def test_a_file_and_its_graph_open_alike() -> None:
    opened, again = open_model(FLOAT_EXAMPLE), open_model(simref.load(FLOAT_EXAMPLE))
    assert (opened.format, again.format) == ("keras", "graph")
    assert opened.path == str(FLOAT_EXAMPLE)
    assert again.path == FLOAT_EXAMPLE.name
    assert opened.notes == again.notes
    assert content_hash(opened.graph) == content_hash(again.graph)


def test_notes_of_the_importer_come_first() -> None:
    graph = replace(simref.load(FLOAT_EXAMPLE), notes=("read so",))
    assert open_model(graph).notes[0] == "read so"


def with_one_weight_changed(graph: Graph) -> Graph:
    index, tensor = next((i, t) for i, t in enumerate(graph.tensors) if t.data is not None and t.elements > 4)
    assert tensor.data is not None
    data = np.array(tensor.data)
    data.reshape(-1)[3] += 1
    tensors = (*graph.tensors[:index], replace(tensor, data=data), *graph.tensors[index + 1 :])
    return replace(graph, tensors=tensors)


def test_the_hash_of_a_graph_follows_its_content() -> None:
    graph = simref.load(EXAMPLE)
    assert content_hash(graph) == content_hash(simref.load(EXAMPLE))
    assert content_hash(graph) != content_hash(with_one_weight_changed(graph))
    assert len(content_hash(graph)) == 64


def test_a_layer_by_layer_plan(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text('{"layers": {"hidden": {"factor": 4}, "conv": {"factor": "none"}}}', encoding="utf-8")
    opened = open_model(ModelSource(FLOAT_EXAMPLE, compression=str(plan), compress_ops=("dense", "conv")))
    books = {layer.name: layer.input(1).codebook for layer in opened.graph.layers if len(layer.inputs) > 1}
    assert {name: book and book.bits for name, book in books.items()} == {"conv": None, "hidden": 8, "classifier": None}
