"""The errors of the archive, one family.

    ArchiveError
      CollectionError
        NotACollectionError    the directory holds no collection
        CollectionLockedError  another run has it
        CollectionFullError    the disk took no more bytes
      RecordError              a WARC record at (path, offset)
        MalformedRecordError   breaks the rules of WARC 1.1 or gzip
        TruncatedRecordError   ends before its end
      NotArchivedError         no capture of (uri) at (at)

None of them is an OSError: crawlers send a request again after an OSError, and a full disk must not be asked twice.
Each message is one sentence for a person; it names the file, line or URI and says what to do where something can be done.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


class ArchiveError(Exception):
    """Something that the archive promises could not be done."""


class CollectionError(ArchiveError):
    """A collection as a whole can't be used."""


class NotACollectionError(CollectionError):
    """The directory is not there or holds no collection."""

    def __init__(self, path: Path, reason: str = "it has no collection.yml") -> None:
        super().__init__(f"{path} is not a collection: {reason}")
        self.path = path


class CollectionLockedError(CollectionError):
    """Another process writes to the collection at this moment."""

    def __init__(self, path: Path, holder: str = "another run") -> None:
        super().__init__(f"{path} is in use by {holder}: wait until it ends, nothing was written")
        self.path = path
        self.holder = holder


class CollectionFullError(CollectionError):
    """The disk under the collection took no more bytes."""


class RecordError(ArchiveError):
    """A record can't be read; `path` and `offset` (bytes from the start of the file as stored) say which."""

    def __init__(self, path: Path, offset: int, reason: str) -> None:
        super().__init__(f"{path} at byte {offset}: {reason}")
        self.path = path
        self.offset = offset
        self.reason = reason

    def __reduce__(self) -> tuple[type[RecordError], tuple[Path, int, str]]:
        """Errors cross process borders; the default would call the class with the sentence alone."""
        return type(self), (self.path, self.offset, self.reason)


class MalformedRecordError(RecordError):
    """The bytes break the rules of gzip (RFC 1952) or WARC 1.1 (ISO 28500:2017)."""


class TruncatedRecordError(RecordError):
    """The bytes end before the record does."""


class NotArchivedError(ArchiveError):
    """The collection holds nothing for a URI at or before the asked time."""

    def __init__(self, uri: str, at: datetime | None = None) -> None:
        when = f" at {at.isoformat()}" if at else ""
        super().__init__(f"{uri} is not in the collection{when}")
        self.uri = uri
        self.at = at
