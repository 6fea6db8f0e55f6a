"""The front door: which article, which of its links, how often.

Scrapy appends the project's folder to `sys.path`, after everything that is installed: a foreign top-level package named
`archive` or `pipelines` would be imported in place of ours without a word. Importing this package refuses that.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_HOME = Path(__file__).resolve().parent.parent


def _foreign(name: str) -> str | None:
    """Where a package of that name lies, if it is not the one beside this package."""
    spec = find_spec(name)
    places = [Path(place).resolve() for place in (spec.submodule_search_locations or [])] if spec else []
    if _HOME / name in places:
        return None
    return str(places[0] if places else spec.origin if spec else "nowhere")


for _name in ("archive", "pipelines"):
    if (_place := _foreign(_name)) is not None:
        raise ImportError(
            f"footnotary needs its own package {_name} in {_HOME}, but Python finds the one in {_place}: "
            "uninstall that, or use an environment of its own"
        )
