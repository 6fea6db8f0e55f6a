"""The configuration as it may be kept in an archive that others read: secrets out, every other byte as it was.

Taken out are the user and password of any URL, whatever follows a name such as `password` or `token`, in comments too, and
the folder of a local file that is named from the root or from a home: an archive says nothing about the machine it is made on.
Line numbers stay, so that what is said about the file holds for its redacted form.
"""

from __future__ import annotations

import re

REDACTED = "REDACTED"

# Greedy up to the last @ before the path: a password may hold an @ itself.
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/?#]*@", re.IGNORECASE)

# A quoted value ends at its closing quote only where YAML lets it end there; of anything else the whole line goes.
_SECRET = re.compile(
    r"""(?P<name>(?:^|[\s{,#"'])[\w-]*(?:pass(?:word|wd|phrase)|secret|token|api[_-]?key|credentials?|authorization)["']?\s*[:=][^\S\n]*)
        (?P<value>(?:"(?:\\.|[^"\\\n])*"|'(?:''|[^'\n])*'|REDACTED)(?=[^\S\n]*(?:[,}\]]|$)|[^\S\n]+\#)|[^\n\r]+)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)

# Up to the last slash of the value, which ends before a comment and before the next key of a mapping in braces.
_FOLDER = re.compile(
    r"""(?P<name>(?:^|[\s{,#"'-])(?:collection|file|ca_bundle)["']?\s*:[^\S\n]*["']?)
        [/~](?:(?!\s\#|,\s*["']?[\w-]+["']?\s*:)[^\n\r"'])*/""",
    re.MULTILINE | re.VERBOSE,
)


def redacted(text: str) -> str:
    """The text without secrets."""
    without_users = _USERINFO.sub(lambda found: f"{found['scheme']}{REDACTED}@", text)
    without_secrets = _SECRET.sub(lambda found: found["name"] + REDACTED, without_users)
    return _FOLDER.sub(lambda found: f"{found['name']}{REDACTED}/", without_secrets)
