"""The contract's kinds of text and number, with their limits (errors-and-limits.md section 5)."""

from typing import Annotated, Literal

from msgspec import Meta

DetectionModel = Literal["detection_01", "detection_02", "detection_03"]
RecognitionModel = Literal["recognition_01", "recognition_02", "recognition_03", "recognition_04"]

Guid = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
"""A server-made id as it is answered: lower case, with dashes."""

CollectionId = Annotated[str, Meta(max_length=64, pattern=r"^[a-z0-9_-]+(?!\n)$")]
"""A client-made id. The pattern's end is for Python, whose `$` would let a line feed follow."""

Name = Annotated[str, Meta(min_length=1, max_length=128)]
UserData = Annotated[str, Meta(max_length=16384)]
FaceUserData = Annotated[str, Meta(max_length=1024)]

Start = Annotated[str, Meta(max_length=64)]
Top = Annotated[int, Meta(ge=1, le=1000)]

Share = Annotated[float, Meta(ge=0, le=1)]
Confidence = Annotated[float, Meta(ge=0, le=1)]
Timestamp = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
