"""The contract's errors, one tree; each leaf knows its status, code and usual message.

FaceError
├── BadArgument             400  BadArgument
├── InvalidUrl              400  InvalidURL
├── InvalidImage            400  InvalidImage
├── InvalidImageSize        400  InvalidImageSize
├── AccessDenied            401  401
├── UnsupportedFeature      403  UnsupportedFeature
├── ResourceNotFound        404  404
├── FaceNotFound            404  FaceNotFound
├── OperationTimeOut        408  OperationTimeOut
├── UnsupportedMediaType    415  BadArgument
├── InternalError           500  Unspecified
└── ServiceUnavailable      503  ServiceUnavailable

It stands beside the layers and imports none of them, so that the domain can raise what the edge renders.
Messages are the contract's (errors-and-limits.md); a sentence after them may say which value is meant and what to do.
"""


class FaceError(Exception):
    """An answer other than success. The message reaches the client: it must hold no secret and no picture."""

    status = 500
    code = "Unspecified"
    message = "Internal server error"
    retry_after_seconds: int | None = None

    def __init__(self, message: str | None = None) -> None:
        self.message = message or type(self).message
        super().__init__(self.message)


class BadArgument(FaceError):
    status, code, message = 400, "BadArgument", "Request body is invalid."


class InvalidUrl(FaceError):
    status, code, message = 400, "InvalidURL", "Invalid image URL."


class InvalidImage(FaceError):
    status, code, message = 400, "InvalidImage", "Decoding error, image format unsupported."


class InvalidImageSize(FaceError):
    status, code, message = 400, "InvalidImageSize", "Image size is too big."


class AccessDenied(FaceError):
    status, code = 401, "401"
    message = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key "
        "for an active subscription and use a correct regional API endpoint for your resource."
    )


class UnsupportedFeature(FaceError):
    status, code, message = 403, "UnsupportedFeature", "Feature is not supported."


class ResourceNotFound(FaceError):
    """The path or its version is not one of ours. The code is the gateway's, a status as text."""

    status, code, message = 404, "404", "Resource not found"


class FaceNotFound(FaceError):
    status, code, message = 404, "FaceNotFound", "Face is not found."


class OperationTimeOut(FaceError):
    status, code, message = 408, "OperationTimeOut", "Request Timeout."


class UnsupportedMediaType(FaceError):
    status, code, message = 415, "BadArgument", "Invalid Media Type."


class InternalError(FaceError):
    """A defect of ours. Nothing about it is told but the request id in the headers."""


class ServiceUnavailable(FaceError):
    """Something this service needs (storage, models, its settings) is not there now. The contract lists no code."""

    status, code = 503, "ServiceUnavailable"
    message = "The service is temporarily unavailable. Please try again later."
    retry_after_seconds = 2
