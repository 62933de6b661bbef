"""ONNX Runtime, set up in this one place."""

import os
from collections.abc import Mapping
from typing import Any

# From 1.32 on the official Linux builds report their use to Microsoft unless this is set before they are loaded.
# Nothing that runs here reports to anybody: it is set whatever the environment says.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as raised

from .errors import ModelUnusable

_ERRORS_ONLY = 3
Shape = tuple[int | str | None, ...]  # what the file says: a size, the name of one that varies, or nothing

_REFUSALS: tuple[type[Exception], ...] = (
    raised.Fail,
    raised.InvalidArgument,
    raised.InvalidGraph,
    raised.InvalidProtobuf,
    raised.NotImplemented,
    raised.RuntimeException,
)
"""What ONNX Runtime raises for a file that it cannot load, or that does not take what it is fed."""


class Session:
    """One loaded model. Safe to run from several threads at once."""

    def __init__(self, model: bytes, threads: int) -> None:
        """`threads` share the work of one run. Raises ModelUnusable."""
        self.threads = threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1  # every graph here is one chain
        options.log_severity_level = _ERRORS_ONLY
        # Waiting threads spin by default. One request runs several models in turn, and the threads of the last one spun
        # against those of the next: on two cores a round of four models took 150 ms spinning and 67 ms not.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # A memory plan per input shape costs 130 MB over a day's pictures and gains nothing measurable.
        options.enable_mem_pattern = False
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except _REFUSALS as refusal:
            raise ModelUnusable(f"a model file does not load: {_first_line(refusal)}") from refusal

    @property
    def inputs(self) -> Mapping[str, Shape]:
        return {value.name: tuple(value.shape) for value in self._session.get_inputs()}

    @property
    def outputs(self) -> Mapping[str, Shape]:
        return {value.name: tuple(value.shape) for value in self._session.get_outputs()}

    def run(self, outputs: list[str], inputs: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """The named outputs, in that order. Raises ModelUnusable."""
        try:
            values: Any = self._session.run(outputs, inputs)
        except _REFUSALS as refusal:
            raise ModelUnusable(f"a model does not take what it is fed: {_first_line(refusal)}") from refusal
        return list(values)


def _first_line(refusal: Exception) -> str:
    return str(refusal).partition("\n")[0]
