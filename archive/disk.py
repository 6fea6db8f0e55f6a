"""What the disk says no to, in the archive's words.

No OSError leaves the archive: a crawler would send a request again after one, and a full disk must not be asked twice.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import CollectionError, CollectionFullError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise CollectionFullError where the disk is full, CollectionError for any other OSError; both name `path`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise CollectionFullError(f"{path}: no space is left on its disk, make room and run it again") from error
        raise CollectionError(f"{path}: {error.strerror or error}") from error
