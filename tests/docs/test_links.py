"""What holds for every document: its links lead somewhere, and nothing of a workplace stands in it."""

from __future__ import annotations

import re

import pytest

from tests.docs.markdown import DOCUMENTS, ROOT, links, text_of

FOREIGN = re.compile(r"/(?:home|root|tmp|work|usr|mnt)/|[A-Z]:\\|\bTODO\b|\bFIXME\b|\bpypi\b|pythonhosted|npmjs", re.IGNORECASE)
WIDTH = 130


def anchors(document: str) -> set[str]:
    """The names of the headings of a document, as Git hosts make them."""
    headings = re.findall(r"^#+ (.+)$", document, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_foreign(link: str) -> bool:
    return link.startswith(("http://", "https://"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    """Each link to a file of the project finds it, and each link to a heading finds that."""
    wrong = []
    for link in links(text_of(name)):
        path, _, heading = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        if is_foreign(link):
            continue
        if not target.exists() or (heading and heading not in anchors(target.read_text("utf-8"))):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_of_a_workplace(name: str) -> None:
    """No path of a machine, no host of a registry, nothing that is still to be done."""
    assert FOREIGN.findall(text_of(name)) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_prose_fits_the_margin(name: str) -> None:
    """Lines of prose are as short as those of the code; tables, code and addresses are as long as they must be."""
    prose = re.sub(r"^```.*?^```$", "", text_of(name), flags=re.MULTILINE | re.DOTALL)
    assert [line for line in prose.splitlines() if len(line) > WIDTH and line[:1] not in "| "] == []


def test_the_readme_leads_to_the_other_documents() -> None:
    """Every document can be found from the README."""
    assert set(DOCUMENTS) - {"README.md"} <= set(links(text_of("README.md")))
