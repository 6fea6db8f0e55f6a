"""What the disk says no to, in the archive's words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from archive.disk import translated
from archive.errors import CollectionError, CollectionFullError


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, CollectionFullError, "a/b: no space is left on its disk, make room"),
        (errno.EDQUOT, CollectionFullError, "a/b: no space is left on its disk, make room"),
        (errno.EROFS, CollectionError, "a/b: Read-only file system"),
    ],
)
def test_no_oserror_leaves_the_archive(code: int, kind: type[CollectionError], words: str) -> None:
    """The error names the path and keeps the system's own behind it."""
    with pytest.raises(CollectionError, match=f"^{words}") as caught, translated(Path("a/b")):
        raise OSError(code, os.strerror(code))
    assert type(caught.value) is kind
    assert isinstance(caught.value.__cause__, OSError)


def test_an_error_without_words() -> None:
    """An OSError that the system has no words for is shown as it is."""
    with pytest.raises(CollectionError, match=r"^a: odd$"), translated(Path("a")):
        raise OSError("odd")
