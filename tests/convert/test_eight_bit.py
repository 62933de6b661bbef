"""A graph in fewer steps answers the same to the last bit; one of 8 bits as near as 8 bits come."""

import numpy as np
import pytest

from infra.convert import eight_bit, encoding, onnx_graph
from infra.convert.eight_bit import Range
from infra.convert.errors import Malformed, UnknownOperator, Unsafe
from infra.convert.fused import fuse
from infra.convert.graph import Array, Graph
from shared.engine import ModelLibrary
from shared.engine.sessions import Session
from shared.engine.taps import tapped

PICTURES = np.random.default_rng(4).normal(size=(4, 3, 16, 16)).astype(np.float32)


def small() -> Graph:
    """Three convolutions with biases added apart: behind the first a PRelu of one slope, behind the second a Relu."""
    chance, made = np.random.default_rng(3), Graph("small", frozenset())

    def convolved(value: str, name: str, channels: int, width: int) -> str:
        weights = made.constant(f"{name}/w", chance.normal(size=(width, channels, 3, 3), scale=0.3).astype(np.float32))
        bias = made.constant(f"{name}/b", chance.normal(size=(1, width, 1, 1)).astype(np.float32))
        value = made.add("Conv", (value, weights), f"{name}/conv", pads=(1, 1, 1, 1))
        return made.add("Add", (value, bias), f"{name}/add")

    one = convolved(made.input("input", ("N", 3, 16, 16)), "one", 3, 8)
    slope = made.constant("slope", np.full((1, 1, 1), -0.25, np.float32))
    two = convolved(made.add("PRelu", (one, slope), "one/out"), "two", 8, 8)
    made.output("output", ("N", 4, 16, 16), convolved(made.add("Relu", (two,), "two/out"), "three", 8, 4))
    return made


def fused() -> Graph:
    made = small()
    fuse(made)
    return made


def answers(content: bytes, *names: str) -> list[Array]:
    """Of these inner values, or of the output."""
    return [*Session(tapped(content, names), 1).run([*(names or ("output",))], {"input": PICTURES})]


def ranges(graph: Graph) -> dict[str, Range]:
    inner = [name for name in eight_bit.watched(graph) if name != "input"]
    found = dict(zip(inner, map(Range.of, answers(graph.encode(), *inner)), strict=True))
    return {**found, "input": Range.of(PICTURES)}


@pytest.mark.parametrize("name", ["reidentification-0095", "mobilefacenet-128"])
def test_a_model_in_fewer_steps_answers_the_same_to_the_last_bit(library: ModelLibrary, name: str) -> None:
    content, model = library.content(name), library.manifest.models[name]
    graph = onnx_graph.read(content)
    fuse(graph)
    ((source, (_, *axes)),), (output,) = model.inputs.items(), model.outputs
    fed = np.random.default_rng(5).uniform(0, 255, (2, *map(int, axes))).astype(np.float32)
    one, other = (Session(each, 1).run([output], {source: fed})[0] for each in (content, graph.encode()))
    assert (one == other).all()
    assert "PRelu" not in {node.op for node in graph.nodes}


def test_a_bias_and_a_slope_are_joined_to_their_convolution() -> None:
    assert [node.op for node in fused().nodes] == ["Conv", "LeakyRelu", "Conv", "Relu", "Conv", "Identity"]
    assert answers(fused().encode())[0] == pytest.approx(answers(small().encode())[0], abs=1e-5)


def test_what_is_added_stays_apart_where_the_convolution_is_read_without_it_too() -> None:
    graph = small()
    graph.add("Sigmoid", ("two/conv",), "two/read")
    fuse(graph)
    assert [node.op for node in graph.nodes].count("Add") == 1


def test_8_bits_answer_nearly_the_same_and_always_the_same_bytes() -> None:
    found, exact = ranges(fused()), answers(small().encode())[0]
    chosen = eight_bit.candidates(fused(), found)
    assert chosen == ["one/add", "two/add", "three/add"]
    content = eight_bit.quantised(fused(), found, chosen)
    assert content == eight_bit.quantised(fused(), found, chosen)
    off = np.abs(answers(content)[0] - exact)
    assert 0 < off.max() < 0.05 * np.abs(exact).max()


def test_only_what_is_chosen_is_of_8_bits() -> None:
    found = ranges(fused())
    assert answers(eight_bit.quantised(fused(), found, []))[0] == pytest.approx(answers(fused().encode())[0])
    with pytest.raises(Malformed, match="one/out/zero is not written as bytes of a type that is known"):
        onnx_graph.read(eight_bit.quantised(fused(), found, ["two/add"]))  # once is enough


def test_a_value_that_was_never_negative_begins_at_zero() -> None:
    assert Range.of(np.array([0.5, 2.0])).zero == 0
    assert Range.of(np.array([-1.0, 1.0])).zero == 128
    assert Range.of(np.array([-2.0, -1.0])).zero == 255
    assert Range.of(np.zeros(3)).scale > 0


def test_a_graph_from_before_scales_by_channel_is_refused_by_its_number() -> None:
    graph = small()
    graph.opset = 11
    with pytest.raises(UnknownOperator, match="operator set 11; 8 bits need 13 or later"):
        eight_bit.watched(onnx_graph.read(graph.encode()))


def test_what_is_no_graph_of_ours_is_refused_by_name() -> None:
    with pytest.raises(Unsafe, match="no ONNX file"):
        onnx_graph.read(b"MZ\x90\x00" * 20)
    split = encoding.sized(1, encoding.node("Split", ("input",), "a", {}) + encoding.text(2, "b"))
    content = encoding.rewritten(memoryview(small().encode()), {7: lambda graph: bytes(graph) + split})
    with pytest.raises(UnknownOperator, match="Split with 2 outputs"):
        onnx_graph.read(content)
