"""Published model files to ONNX: OpenVINO IR, TensorFlow Lite, frozen TensorFlow graphs, ONNX of one size.

No framework is needed: the formats' public schemas are read here, and ONNX is written here. Only what the manifest's
models use is known; anything else is an error that names it. The same source gives the same bytes everywhere: nothing
but copies, transpositions and exact widenings, and elementwise float32 arithmetic is done to a weight.

`onnx_graph` and `eight_bit` go from such a file to one of 8 bits, which no model of the manifest is.
"""

from collections.abc import Callable, Mapping

from infra.convert import onnx_axes, openvino, tensorflow, tflite
from infra.convert.errors import ConversionError, Malformed
from infra.convert.wanted import Wanted
from shared.engine.protobuf import Broken

__all__ = ["ConversionError", "Wanted", "convert"]

Converter = Callable[[Mapping[str, bytes], Wanted], bytes]

_CONVERTERS: Mapping[str, Converter] = {
    "onnx": onnx_axes.convert,
    "openvino-ir": openvino.convert,
    "tensorflow-graph": tensorflow.convert,
    "tflite": tflite.convert,
}
"""By the manifest's names of formats: `FORMATS` there says which files each takes."""


def convert(source_format: str, files: Mapping[str, bytes], wanted: Wanted) -> bytes:
    """The ONNX file. `files`: by suffix, such as `.xml`. Raises ConversionError."""
    try:
        return _CONVERTERS[source_format](files, wanted)
    except Broken as error:
        raise Malformed(f"no {source_format} file: {error}") from error
    except (ValueError, LookupError, ArithmeticError) as error:  # shapes that do not fit, inputs that are not there
        raise Malformed(f"a {source_format} file that contradicts itself: {type(error).__name__}") from error
