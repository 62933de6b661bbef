"""What is no model of ours is refused by name, whatever its bytes are, and nothing is made of it."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.convert import ConversionError, Wanted, convert
from infra.convert.errors import Malformed, UnknownOperator, Unsafe, WrongShape
from infra.convert.flatbuffer import Table
from shared.engine.manifest import Model, load
from tests.convert.built import sources

Files = dict[str, bytes]

IR, TFLITE, TENSORFLOW = "reidentification-0095", "glasses-mobilenetv3", "lightqnet-dm100"
ONNX, YUNET = "minifasnet-v2", "yunet-2026may"
HARMED = 40


def model(name: str) -> Model:
    return load().models[name]


def converted(name: str, files: Files, wanted: Wanted | None = None) -> bytes:
    conversion = model(name).conversion
    assert conversion is not None
    described = Wanted(model(name).inputs, model(name).outputs, conversion.names)
    return convert(conversion.source_format, files, wanted or described)


def changed(name: str, suffix: str, old: bytes, new: bytes, count: int = 1) -> Files:
    files = sources(model(name))
    assert old in files[suffix]
    return {**files, suffix: files[suffix].replace(old, new, count)}


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        (IR, (".xml", b'type="Sigmoid"', b'type="Erf"'), "OpenVINO IR: Erf"),
        (IR, (".xml", b'strides="2, 2"', b'auto_pad="same_upper" strides="2, 2"'), "OpenVINO IR|no XML"),
        (IR, (".xml", b'exclude-pad="true"', b'exclude-pad="false"'), "AvgPool with exclude-pad=false"),
        (IR, (".xml", b'version="11"', b'version="12"'), "version 12"),
        (TENSORFLOW, (".pb", b"\x07Sigmoid", b"\x07Softsgn"), "TensorFlow: Softsgn"),
        (TENSORFLOW, (".pb", b"\x05VALID", b"\x05OTHER"), "AvgPool with padding OTHER"),
        (YUNET, (".onnx", b'"\x07Sigmoid', b'"\x07Flatten'), "Flatten is not known to take pictures of any size"),
        (ONNX, (".onnx", b'"\x05PRelu', b'"\x05Shape'), "Shape is not known to keep the faces of a batch apart"),
    ],
)
def test_an_unknown_operator_is_named(name: str, files: tuple[str, bytes, bytes], said: str) -> None:
    with pytest.raises((UnknownOperator, Malformed), match=said):
        converted(name, changed(name, *files))


@pytest.mark.parametrize(("code", "other"), [(40, 41), (3, 13)])
def test_an_unknown_operator_of_tensorflow_lite_is_named_by_its_number(code: int, other: int) -> None:
    content = bytearray(sources(model(TFLITE))[".tflite"])
    codes = Table.root(bytes(content), b"TFL3").tables(1)
    (place,) = [table._field(0) for table in codes if table.scalar(0, "b") == code]
    content[place] = other
    with pytest.raises(UnknownOperator, match=f"BuiltinOperator {other}$"):
        converted(TFLITE, {".tflite": bytes(content)})


@pytest.mark.parametrize(
    ("name", "files", "said"),
    [
        (IR, (".xml", b"<net", b'<!DOCTYPE net [<!ENTITY a "aaaa">]><net'), "document type"),
        (IR, (".xml", b'offset="0" size="6"', b'offset="99999999" size="6"'), "more than the .bin holds"),
        (IR, (".xml", b'shape="1, 3, 1, 1"', b'shape="1, 99999999, 1, 1"'), "not of the shape"),
        (IR, (".xml", b'shape="1, 3, 1, 1"', b'shape="1, 3, 1, 99999999999999"'), "has shape="),
        (TFLITE, (".tflite", b"TFL3", b"TFL9"), "no TFL3 file"),
    ],
)
def test_absurd_sizes_and_other_documents_are_refused(name: str, files: tuple[str, bytes, bytes], said: str) -> None:
    with pytest.raises((Unsafe, Malformed), match=said):
        converted(name, changed(name, *files))


def test_weights_that_are_said_to_be_many_times_the_same_bytes_are_refused() -> None:
    layer = (
        b'<layer id="x%d" name="x%d" type="Const" version="opset1"><data element_type="f16" shape="1000000" offset="0" '
        b'size="2000000" /><output><port id="0" precision="FP16"><dim>1000000</dim></port></output></layer>'
    )
    many = b"".join(layer % (number, number) for number in range(5))
    with pytest.raises(Unsafe, match=r"more than the \.bin holds"):
        converted(IR, changed(IR, ".xml", b"<layers>", b"<layers>" + many))


@pytest.mark.parametrize("name", [IR, TFLITE, TENSORFLOW, ONNX])
def test_a_model_of_another_shape_or_name_is_refused(name: str) -> None:
    found = model(name)
    assert found.conversion is not None
    ((source, axes),) = found.inputs.items()
    ((output, given),) = found.outputs.items()
    right = Wanted(found.inputs, found.outputs, found.conversion.names)
    for wrong in (
        replace(right, inputs={source: (*axes[:-1], 7)}),
        replace(right, inputs={"other": axes}),
        replace(right, inputs={source: axes, "second": axes}),
        replace(right, outputs={output: given, "second": given}),
    ):
        with pytest.raises((WrongShape, Malformed)):
            converted(name, sources(found), wrong)


@pytest.mark.parametrize("name", [IR, TFLITE, ONNX])
def test_an_output_of_another_size_is_refused(name: str) -> None:
    found = model(name)
    assert found.conversion is not None
    wanted = Wanted(found.inputs, dict.fromkeys(found.outputs, ("faces", 7)), found.conversion.names)
    with pytest.raises(WrongShape):
        converted(name, sources(found), wanted)


def flipped(content: bytes, chance: random.Random) -> bytes:
    """A bit near the start, where most of the structure is, is another."""
    at = chance.randrange(min(20_000, len(content)))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def refusal(name: str, files: Files) -> str:
    try:
        converted(name, files)
    except ConversionError as error:
        return str(error)
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("harm", [flipped, cut])
@pytest.mark.parametrize("name", [IR, TFLITE, TENSORFLOW, ONNX])
def test_damaged_files_give_no_other_error(name: str, harm: Callable[[bytes, random.Random], bytes]) -> None:
    whole, chance = sources(model(name)), random.Random(7)  # noqa: S311 - the same harm every time
    structured = next(suffix for suffix in whole if suffix != ".bin")
    for _ in range(HARMED):
        said = refusal(name, {**whole, structured: harm(whole[structured], chance)})
        assert "\n" not in said
        assert said or harm is flipped
