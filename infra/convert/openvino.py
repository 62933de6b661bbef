"""OpenVINO IR, versions 10 and 11, to ONNX: the layers of the .xml, whose weights lie in the .bin.

The format: https://docs.openvino.ai/2025/documentation/openvino-ir-format/operation-sets.html
"""

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from infra.convert import openvino_layers
from infra.convert.errors import Malformed, UnknownOperator, Unsafe, WrongShape
from infra.convert.fused import fuse
from infra.convert.graph import Array, Graph
from infra.convert.openvino_layers import Layer, Network
from infra.convert.wanted import Wanted, with_batch

VERSIONS = ("10", "11")
MOST_LAYERS = 10_000
_TYPES: Mapping[str, type[np.generic]] = {"f32": np.float32, "f16": np.float16, "i64": np.int64, "i8": np.int8}


@dataclass(frozen=True, slots=True)
class Document:
    """Layers by id in the document's order; (layer, port) -> the layer that feeds it."""

    name: str
    layers: dict[str, Layer]
    edges: dict[tuple[str, str], str]


def convert(files: Mapping[str, bytes], wanted: Wanted) -> bytes:
    """Raises ConversionError."""
    document = _read(files[".xml"])
    _check_sizes(document, len(files[".bin"]))
    network = Network(Graph(document.name, frozenset(wanted.outputs)))
    inputs, outputs = [], []
    for layer in _ordered(document):
        feeds = [document.edges[layer.id, port] for port in layer.ports]
        if layer.kind == "Parameter":
            inputs.append(_input(network, layer, wanted))
        elif layer.kind == "Const":
            network.constants[layer.id] = _constant(layer, files[".bin"])
        elif layer.kind == "Result":
            outputs.append(_output(network, document.layers[feeds[0]], wanted))
        else:
            openvino_layers.add(network, layer, feeds)
    wanted.check_complete(inputs, outputs)
    fuse(network.graph)
    return network.graph.encode()


def _input(network: Network, layer: Layer, wanted: Wanted) -> str:
    name, axes = wanted.input(layer.name)
    if layer.sizes("shape") != (1, *axes[1:]):
        raise WrongShape(f"{name} is {layer.sizes('shape')}, not one of {axes}")
    network.names[layer.id] = network.graph.input(name, with_batch(axes))
    return name


def _output(network: Network, layer: Layer, wanted: Wanted) -> str:
    """The value of that layer, without the axes of size 1 that the IR has at the end."""
    name, axes = wanted.output(layer.name)
    rank, shape = len(axes), layer.shape
    if shape[:rank] != (1, *axes[1:]) or math.prod(shape[rank:]) != 1:
        raise WrongShape(f"{name} is {shape}, not one of {axes}")
    value = network.name(layer.id)
    if len(shape) > rank:
        flat = network.graph.shape(f"{name}/shape", (0, *shape[1:rank]))
        value = network.graph.add("Reshape", [value, flat], f"{name}/reshaped")
    network.graph.output(name, with_batch(axes), value)
    return name


def _check_sizes(document: Document, held: int) -> None:
    """Few constants share their bytes, small ones. Raises Unsafe."""
    constants = [layer for layer in document.layers.values() if layer.kind == "Const"]
    if sum(layer.integer("size") for layer in constants) > 2 * held:
        raise Unsafe("OpenVINO IR that declares more than the .bin holds")


def _constant(layer: Layer, weights: bytes) -> Array:
    """Floats of any width as float32. Raises Malformed, UnknownOperator, Unsafe."""
    kind = layer.attributes.get("element_type", "")
    if kind not in _TYPES:
        raise UnknownOperator(f"OpenVINO IR: constant of type {kind}")
    element, shape = np.dtype(_TYPES[kind]).newbyteorder("<"), layer.sizes("shape")
    offset, size = layer.integer("offset"), layer.integer("size")
    if min((*shape, offset), default=0) < 0 or offset + size > len(weights):
        raise Unsafe(f"{layer.name} declares more than the .bin holds")
    if math.prod(shape) * element.itemsize != size:
        raise Malformed(f"{layer.name} is {size} bytes, not of the shape {shape}")
    values = np.frombuffer(weights, element, math.prod(shape), offset).reshape(shape)
    return openvino_layers.widened(values)


def _read(content: bytes) -> Document:
    """Raises Malformed, Unsafe, UnknownOperator."""
    if b"<!" in content.replace(b"<!--", b""):
        raise Unsafe("OpenVINO IR with a document type, which may define entities without end")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - without a document type nothing can expand
    except ElementTree.ParseError as error:
        raise Malformed(f"OpenVINO IR that is no XML: {error}") from error
    if root.get("version") not in VERSIONS:
        raise UnknownOperator(f"OpenVINO IR of version {root.get('version')}")
    layers = {element.get("id", ""): _layer(element) for element in root.iterfind("layers/layer")}
    if not 0 < len(layers) <= MOST_LAYERS:
        raise Unsafe(f"OpenVINO IR with {len(layers)} layers")
    edges = {
        (edge.get("to-layer", ""), edge.get("to-port", "")): edge.get("from-layer", "")
        for edge in root.iterfind("edges/edge")
    }
    return Document(root.get("name", "network"), layers, edges)


def _layer(element: ElementTree.Element) -> Layer:
    data, outputs = element.find("data"), element.findall("output/port")
    return Layer(
        id=element.get("id", ""),
        name=element.get("name", ""),
        kind=element.get("type", ""),
        attributes=dict(data.attrib) if data is not None else {},
        ports=tuple(port.get("id", "") for port in element.iterfind("input/port")),
        shape=tuple(_size(dim.text) for dim in outputs[0].iterfind("dim")) if outputs else (),
    )


def _size(text: str | None) -> int:
    if not text or not text.isdecimal() or len(text) > 9:
        raise Malformed(f"OpenVINO IR with an axis of {text}")
    return int(text)


def _ordered(document: Document) -> list[Layer]:
    """So that each layer comes after those that feed it. Raises Malformed."""
    ordered: dict[str, Layer] = {}
    waiting = list(document.layers.values())
    while waiting:
        ready = [layer for layer in waiting if all(_feed(document, layer, port) in ordered for port in layer.ports)]
        if not ready:
            raise Malformed(f"OpenVINO IR whose layers feed each other in a ring: {waiting[0].name}")
        ordered.update((layer.id, layer) for layer in ready)
        waiting = [layer for layer in waiting if layer.id not in ordered]
    return list(ordered.values())


def _feed(document: Document, layer: Layer, port: str) -> str:
    feed = document.edges.get((layer.id, port))
    if feed not in document.layers:
        raise Malformed(f"OpenVINO IR in which nothing feeds {layer.name}")
    return feed
