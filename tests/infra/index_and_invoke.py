"""Run by a Python that has azure-functions-runtime: index the app of a folder as the worker on Azure does, and call one
of its HTTP functions. Prints JSON: {"functions": [names], "status": "200", "body": text}.

    python -m tests.infra.index_and_invoke FOLDER ROUTE
"""

import asyncio
import importlib
import json
import sys
from typing import Any

from tests.infra import worker_messages


async def main(folder: str, route: str) -> dict[str, Any]:
    sys.path.insert(0, folder)
    runtime = importlib.import_module("azure_functions_runtime")
    runtime.start_threadpool_executor()
    _succeeded(await runtime.worker_init_request(worker_messages.init_request(folder)))
    functions = _succeeded(await runtime.functions_metadata_request(worker_messages.metadata_request()))
    found = functions.function_metadata_results
    target = next(one for one in found if any(_serves(binding, route) for binding in one.raw_bindings))
    parameter = next(name for name, binding in target.bindings.items() if binding.type == "httpTrigger")
    request = worker_messages.get_request(target.function_id, parameter, f"http://127.0.0.1/{route}")
    answer = _succeeded(await runtime.invocation_request(request)).return_value.http
    return {
        "functions": sorted(one.name for one in found),
        "status": answer.status_code,
        "body": answer.body.bytes.decode(),
    }


def _serves(raw_binding: str, route: str) -> bool:
    binding = json.loads(raw_binding)
    return bool(binding["type"] == "httpTrigger" and binding["route"] == route)


def _succeeded(response: Any) -> Any:
    if response.result.status != worker_messages.StatusResult.Success:
        sys.exit(response.result.exception.message)
    return response


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], sys.argv[2]))))
