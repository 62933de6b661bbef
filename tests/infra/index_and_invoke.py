"""Run by a Python that has azure-functions-runtime: index the app of a folder as the worker on Azure does, and call its
HTTP functions. Reads calls as JSON from standard input and prints JSON:

    [{"function": name, "method": "POST", "url": ..., "route": {}, "query": {}, "headers": {}, "file": path or null}]
    {"functions": [names], "answers": [{"status": "200", "headers": {}, "body": text}]}

    python -m tests.infra.index_and_invoke FOLDER
"""

import asyncio
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from tests.infra import worker_messages


async def main(folder: str, calls: list[dict[str, Any]]) -> dict[str, Any]:
    sys.path.insert(0, folder)
    runtime = importlib.import_module("azure_functions_runtime")
    runtime.start_threadpool_executor()
    _succeeded(await runtime.worker_init_request(worker_messages.init_request(folder)))
    indexed = _succeeded(await runtime.functions_metadata_request(worker_messages.metadata_request()))
    functions = {one.name: one for one in indexed.function_metadata_results}
    answers = [await _call(runtime, functions[call["function"]], call) for call in calls]
    return {"functions": sorted(functions), "answers": answers}


async def _call(runtime: Any, function: Any, call: dict[str, Any]) -> dict[str, Any]:
    parameter = next(name for name, binding in function.bindings.items() if binding.type == "httpTrigger")
    body = Path(call["file"]).read_bytes() if call["file"] else b""
    http = worker_messages.http(call["method"], call["url"], call["route"], call["query"], call["headers"], body)
    request = worker_messages.invocation(function.function_id, parameter, http)
    answer = _succeeded(await runtime.invocation_request(request)).return_value.http
    return {"status": answer.status_code, "headers": dict(answer.headers), "body": answer.body.bytes.decode()}


def _succeeded(response: Any) -> Any:
    if response.result.status != worker_messages.StatusResult.Success:
        sys.exit(response.result.exception.message)
    return response


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], json.load(sys.stdin)))))
