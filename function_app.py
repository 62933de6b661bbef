"""The function app: every blueprint, nothing else."""

import azure.functions as func

from functions import detection, health, recognition, retention

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

for module in (detection, recognition, retention, health):
    app.register_functions(module.blueprint)
