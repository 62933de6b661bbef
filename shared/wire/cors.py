"""Calls from pages of any origin, for operations that a session token opens: it travels in a header that only the page
itself can set, so there is nothing that another page could borrow."""

import azure.functions as func

ORIGIN = {"Access-Control-Allow-Origin": "*"}
PREFLIGHT = {
    **ORIGIN,
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, x-ms-client-request-id",
    "Access-Control-Max-Age": "7200",
}
EXPOSED = {"Access-Control-Expose-Headers": "apim-request-id, x-ms-error-code, Retry-After"}


def preflight() -> func.HttpResponse:
    """The answer to the question whether such a call may be made."""
    return func.HttpResponse(b"", status_code=204, headers=PREFLIGHT)


def opened(answered: func.HttpResponse) -> func.HttpResponse:
    """The same answer, for any page to read."""
    for name, value in (ORIGIN | EXPOSED).items():
        answered.headers[name] = value
    return answered
