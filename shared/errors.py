"""The contract's errors, one tree; each leaf knows its code, usual status and usual message.

FaceError
├── BadArgument                                          400  BadArgument
├── InvalidUrl                                           400  InvalidURL
├── InvalidImage                                         400  InvalidImage
├── InvalidImageSize                                     400  InvalidImageSize
├── MissingIdentificationScopeParameters                 400  MissingIdentificationScopeParameters
├── IncompatibleIdentificationScopeParametersCombination 400  IncompatibleIdentificationScopeParametersCombination
├── PersonGroupIdAndLargePersonGroupIdBothNull           400  PersonGroupIdAndLargePersonGroupIdBothNull
├── PersonGroupIdAndLargePersonGroupIdBothNotNull        400  PersonGroupIdAndLargePersonGroupIdBothNotNull
├── FaceListNotReady                                     400  FaceListNotReady
├── InvalidRequestBody                                   400  InvalidRequestBody
├── InvalidTokenLifetime                                 400  InvalidTokenLifetime
├── InvalidLivenessOperationMode                         400  InvalidLivenessOperationMode
├── InvalidDeviceCorrelationId                           400  InvalidDeviceCorrelationId
├── AccessDenied                                         401  401
├── PermissionDenied                                     401  PermissionDenied
├── KeysDisabled                                         403  AuthenticationTypeDisabled
├── UnsupportedFeature                                   403  UnsupportedFeature
├── ClientAddressNotExpected                             403  ClientAddressNotExpected
├── PersonRestricted                                     403  PersonRestricted
├── QuotaExceeded                                        403  QuotaExceeded
├── ResourceNotFound                                     404  404
├── FaceNotFound                                         404  FaceNotFound
├── FaceListNotFound                                     404  FaceListNotFound
├── LargeFaceListNotFound                                404  LargeFaceListNotFound
├── PersonGroupNotFound                                  404  PersonGroupNotFound
├── LargePersonGroupNotFound                             404  LargePersonGroupNotFound
├── DynamicPersonGroupNotFound                           404  DynamicPersonGroupNotFound
├── PersonNotFound                                       404  PersonNotFound
├── PersistedFaceNotFound                                404  PersistedFaceNotFound
├── OperationNotFound                                    404  OperationNotFound
├── SessionNotFound                                      404  SessionNotFound
├── SessionImageNotFound                                 404  SessionImageNotFound
├── SubjectNotFound                                      404  SubjectNotFound
├── ErasureNotFound                                      404  ErasureNotFound
├── LargeFaceListNotTrained                              404  LargeFaceListNotTrained
├── PersonGroupNotTrained                                404  PersonGroupNotTrained
├── LargePersonGroupNotTrained                           404  LargePersonGroupNotTrained
├── OperationTimeOut                                     408  OperationTimeOut
├── FaceListExists                                       409  FaceListExists
├── LargeFaceListExists                                  409  LargeFaceListExists
├── PersonGroupExists                                    409  PersonGroupExists
├── LargePersonGroupExists                               409  LargePersonGroupExists
├── DynamicPersonGroupExists                             409  DynamicPersonGroupExists
├── LargeFaceListTrainingNotFinished                     409  LargeFaceListTrainingNotFinished
├── PersonGroupTrainingNotFinished                       409  PersonGroupTrainingNotFinished
├── LargePersonGroupTrainingNotFinished                  409  LargePersonGroupTrainingNotFinished
├── ConcurrentOperationConflict                          409  ConcurrentOperationConflict
├── AttemptNotOpen                                       409  AttemptNotOpen
├── UnsupportedMediaType                                 415  BadArgument
├── TooManyRequests                                      429  429
├── InternalError                                        500  Unspecified
└── ServiceUnavailable                                   503  ServiceUnavailable

It stands beside the layers and imports none of them, so that the domain can raise what the edge renders.
Messages are the contract's (errors-and-limits.md); a sentence after them may say which value is meant and what to do.
The contract gives some codes another status in some operations (identify answers 400 for a group that is not there):
such an error is raised with that status.
"""


class FaceError(Exception):
    """An answer other than success. The message reaches the client: it must hold no secret and no picture."""

    status = 500
    code = "Unspecified"
    message = "Internal server error"
    retry_after_seconds: int | None = None

    def __init__(
        self, message: str | None = None, status: int | None = None, *, retry_after_seconds: int | None = None
    ) -> None:
        self.message = message or type(self).message
        self.status = status or type(self).status
        self.retry_after_seconds = retry_after_seconds or type(self).retry_after_seconds
        super().__init__(self.message)


class BadArgument(FaceError):
    status, code, message = 400, "BadArgument", "Request body is invalid."


class InvalidUrl(FaceError):
    status, code, message = 400, "InvalidURL", "Invalid image URL."


class InvalidImage(FaceError):
    status, code, message = 400, "InvalidImage", "Decoding error, image format unsupported."


class InvalidImageSize(FaceError):
    status, code, message = 400, "InvalidImageSize", "Image size is too big."


class MissingIdentificationScopeParameters(FaceError):
    status, code = 400, "MissingIdentificationScopeParameters"
    message = "No identification scope parameter is present in the request."


class IncompatibleIdentificationScopeParametersCombination(FaceError):
    status, code = 400, "IncompatibleIdentificationScopeParametersCombination"
    message = "Incompatible identification scope parameters are present in the request."


class PersonGroupIdAndLargePersonGroupIdBothNull(FaceError):
    status, code = 400, "PersonGroupIdAndLargePersonGroupIdBothNull"
    message = "Large person group ID and person group ID are both null."


class PersonGroupIdAndLargePersonGroupIdBothNotNull(FaceError):
    status, code = 400, "PersonGroupIdAndLargePersonGroupIdBothNotNull"
    message = "Large person group ID and person group ID are both not null."


class FaceListNotReady(FaceError):
    status, code, message = 400, "FaceListNotReady", "Face list is empty."


class InvalidRequestBody(FaceError):
    status, code = 400, "InvalidRequestBody"
    message = "Incorrect request body provided. Please check the operation schema and try again."


class InvalidTokenLifetime(FaceError):
    status, code = 400, "InvalidTokenLifetime"
    message = "Invalid authTokenTimeToLiveInSeconds specified. Must be within 60 to 86400."


class InvalidLivenessOperationMode(FaceError):
    """The contract's text is older than the second mode."""

    status, code = 400, "InvalidLivenessOperationMode"
    message = "Invalid livenessOperationMode specified. Must be 'Passive'. 'PassiveActive' is the other mode."


class InvalidDeviceCorrelationId(FaceError):
    status, code = 400, "InvalidDeviceCorrelationId"
    message = (
        "A device correlation ID is required in the request body during session create or session start. Must not be "
        "null or empty, and be no more than 64 characters."
    )


class AccessDenied(FaceError):
    status, code = 401, "401"
    message = (
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key "
        "for an active subscription and use a correct regional API endpoint for your resource."
    )


class PermissionDenied(FaceError):
    """Who calls is known and may not do this. Code, message and status are those of Azure AI services; the contract of
    Face lists none."""

    status, code, message = 401, "PermissionDenied", "Principal does not have access to API/Operation."


class KeysDisabled(FaceError):
    """Likewise."""

    status, code = 403, "AuthenticationTypeDisabled"
    message = "Key based authentication is disabled for this resource."


class UnsupportedFeature(FaceError):
    status, code, message = 403, "UnsupportedFeature", "Feature is not supported."


class ClientAddressNotExpected(FaceError):
    """The contract lists no code for it."""

    status, code = 403, "ClientAddressNotExpected"
    message = "The session is to be performed from another IP address."


class PersonRestricted(FaceError):
    """A code of our own: the contract knows no restriction."""

    status, code = 403, "PersonRestricted"
    message = "The person is restricted: kept, and not compared with anybody until the restriction is lifted."


class QuotaExceeded(FaceError):
    status, code, message = 403, "QuotaExceeded", "Persisted face number reached limit."


class ResourceNotFound(FaceError):
    """The path or its version is not one of ours. The code is the gateway's, a status as text."""

    status, code, message = 404, "404", "Resource not found"


class FaceNotFound(FaceError):
    status, code, message = 404, "FaceNotFound", "Face is not found."


class FaceListNotFound(FaceError):
    status, code, message = 404, "FaceListNotFound", "Face list is not found."


class LargeFaceListNotFound(FaceError):
    status, code, message = 404, "LargeFaceListNotFound", "Large face list is not found."


class PersonGroupNotFound(FaceError):
    status, code, message = 404, "PersonGroupNotFound", "Person group is not found."


class LargePersonGroupNotFound(FaceError):
    status, code, message = 404, "LargePersonGroupNotFound", "Large person group is not found."


class DynamicPersonGroupNotFound(FaceError):
    status, code, message = 404, "DynamicPersonGroupNotFound", "Dynamic person group was not found."


class PersonNotFound(FaceError):
    status, code, message = 404, "PersonNotFound", "Person is not found."


class PersistedFaceNotFound(FaceError):
    status, code, message = 404, "PersistedFaceNotFound", "Persisted face is not found."


class OperationNotFound(FaceError):
    """The contract lists no code for an operation id that is not known, or not any more."""

    status, code, message = 404, "OperationNotFound", "Operation is not found. Operations are kept for 48 hours."


class SessionNotFound(FaceError):
    status, code = 404, "SessionNotFound"
    message = "Session ID is not found. The session ID is expired or does not exist."


class SessionImageNotFound(FaceError):
    """The contract lists no code for it."""

    status, code = 404, "SessionImageNotFound"
    message = "Session image is not found. It is kept only where the session asked for it, and as long as the session."


class SubjectNotFound(FaceError):
    """A code of our own privacy operations."""

    status, code, message = 404, "SubjectNotFound", "Nothing is held on that subject."


class ErasureNotFound(FaceError):
    """A code of our own privacy operations."""

    status, code, message = 404, "ErasureNotFound", "Erasure is not found. Erasures are kept for 30 days."


class LargeFaceListNotTrained(FaceError):
    status, code, message = 404, "LargeFaceListNotTrained", "Large face list not trained."


class PersonGroupNotTrained(FaceError):
    status, code, message = 404, "PersonGroupNotTrained", "Person group not trained."


class LargePersonGroupNotTrained(FaceError):
    status, code, message = 404, "LargePersonGroupNotTrained", "Large person group not trained."


class OperationTimeOut(FaceError):
    status, code, message = 408, "OperationTimeOut", "Request Timeout."


class FaceListExists(FaceError):
    status, code, message = 409, "FaceListExists", "Face list already exists."


class LargeFaceListExists(FaceError):
    status, code, message = 409, "LargeFaceListExists", "Large face list already exists."


class PersonGroupExists(FaceError):
    status, code, message = 409, "PersonGroupExists", "Person group already exists."


class LargePersonGroupExists(FaceError):
    status, code, message = 409, "LargePersonGroupExists", "Large person group already exists."


class DynamicPersonGroupExists(FaceError):
    status, code, message = 409, "DynamicPersonGroupExists", "Dynamic person group already exists."


class LargeFaceListTrainingNotFinished(FaceError):
    status, code, message = 409, "LargeFaceListTrainingNotFinished", "Large face list is under training."


class PersonGroupTrainingNotFinished(FaceError):
    status, code, message = 409, "PersonGroupTrainingNotFinished", "Person group is under training."


class LargePersonGroupTrainingNotFinished(FaceError):
    status, code, message = 409, "LargePersonGroupTrainingNotFinished", "Large person group is under training."


class ConcurrentOperationConflict(FaceError):
    status, code = 409, "ConcurrentOperationConflict"
    message = "There is a conflict operation on the resource, please try later."
    retry_after_seconds = 1


class AttemptNotOpen(FaceError):
    """A code of our own capture protocol."""

    status, code = 409, "AttemptNotOpen"
    message = "No attempt with this nonce is open: it has ended, or its time is over, or it never began."


class UnsupportedMediaType(FaceError):
    status, code, message = 415, "BadArgument", "Invalid Media Type."


class TooManyRequests(FaceError):
    """The code is the gateway's, a status as text."""

    status, code, message = 429, "429", "Rate limit is exceeded."
    retry_after_seconds = 1


class InternalError(FaceError):
    """A defect of ours. Nothing about it is told but the request id in the headers."""


class ServiceUnavailable(FaceError):
    """Something this service needs (storage, models, its settings) is not there now. The contract lists no code."""

    status, code = 503, "ServiceUnavailable"
    message = "The service is temporarily unavailable. Please try again later."
    retry_after_seconds = 2
