"""Model files in a Blob container, under {sha256}/{file}: another version of a file is another blob, so that one can be
published while processes that want the old one still start."""

from azure.core.credentials import TokenCredential

from shared.store.blobs import Blobs


class ModelFiles:
    """Every method raises StoreUnavailable. Whether a file is what its name says is for the reader to check."""

    def __init__(self, connection_string: str, container: str, credential: TokenCredential | None = None) -> None:
        """`credential`: whom an account without a key is asked as, in place of the managed identity. Raises ValueError
        where the connection string is malformed."""
        self._blobs = Blobs(connection_string, container, credential)

    def get(self, sha256: str, file: str) -> bytes | None:
        return self._blobs.get(f"{sha256}/{file}")

    def put(self, sha256: str, file: str, content: bytes) -> None:
        self._blobs.put(f"{sha256}/{file}", content)
