"""archive/README.md says what is so: each header, field, key, column and check that it names is there, and no other is."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields as members
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

import pytest

from archive import errors
from archive.index.schema import APPLICATION_ID, VERSION
from archive.index.surt import surt
from archive.layout import FORMAT_VERSION, Layout
from archive.model import (
    CITING_CONTEXTS,
    Article,
    Attempt,
    Capture,
    Citation,
    Context,
    CrawlFacts,
    Extraction,
    Failure,
    Link,
    Outcome,
    Quote,
    RecordId,
    Role,
    RunEnd,
    RunStart,
    TargetFrom,
    Truncated,
)
from archive.proof import finding, verify
from archive.warc import blockrules, fields, notes, records, rules, values
from archive.warc.draft import Draft
from archive.warc.reader import read_records
from archive.warc.stored import StoredRecord
from tests.archive import samples
from tests.docs.conftest import Demo
from tests.docs.markdown import ROOT, fences, head, names, rows, section, text_of

FORMAT = text_of("archive/README.md")
ALWAYS, SOMETIMES = "●", "○"
CREDENTIALS = b"GET /x HTTP/1.1\r\nHost: a.example\r\nAuthorization: Basic eDp5\r\n\r\n"
CHAIN = RecordId("urn:uuid:00000000-0000-4000-8000-0000000000cc")
KEYED = {"run-start": RunStart, "run-end": RunEnd, "extraction": Extraction, "article": Article, "attempt": Attempt}


def first_names(heading: str) -> list[str]:
    """What the first column of the tables of a section names."""
    return [name for row in rows(section(FORMAT, heading)) for name in names(row[0])]


def marked(row: list[str], column: str, *, heading: str) -> str:
    return row[head(section(FORMAT, heading)).index(column)]


def marks(met: list[set[str]], name: str) -> str:
    """The mark that a name deserves, by the sets of names of everything of one sort."""
    if all(name in one for one in met):
        return ALWAYS
    return SOMETIMES if any(name in one for one in met) else ""


def stored(demo: Demo) -> Iterator[StoredRecord]:
    """Every record of the crawl."""
    for name, path in Layout(demo.collection).warc_files():
        for record in read_records(path, name=name):
            assert isinstance(record, StoredRecord), record
            yield record


def crafted(root: Path) -> list[StoredRecord]:
    """Records of what the example does not meet: a proxy and no TLS, a failure without a request and one with all there is."""
    bare = samples.exchange(ip_address=None, protocols=("http/1.0",), cipher_suite=None, facts=CrawlFacts())
    again = samples.drafts_of(bare, original=samples.capture_of(root / "first", bare))
    failed = (records.failure_drafts(one, chain_id=None) for one in failures())
    path, _ = samples.write(root / "all", samples.drafts_of(bare), again, *failed)
    return samples.sound(path)


def failures() -> Iterator[Failure]:
    """One that says as little as can be, and one that says everything."""
    yield samples.failure(facts=CrawlFacts())
    yield samples.failure(request=CREDENTIALS, received=b"HTT", facts=replace(samples.FACTS, proxied=True))


def kind_of(record: StoredRecord) -> str:
    return "note" if record.type == "metadata" and record.location.file.startswith("derived/") else record.type


def test_each_header_stands_where_the_table_says(demo: Demo, tmp_path: Path) -> None:
    """`●` is on every record of a type, `○` on some, nothing on none; no header is left out of the table."""
    heading = "### Headers"
    met: dict[str, list[set[str]]] = {}
    for record in (*stored(demo), *crafted(tmp_path)):
        met.setdefault(kind_of(record), []).append({name for name, _ in record.headers.pairs})
    table = {names(row[0])[0]: row for row in rows(section(FORMAT, heading))}
    assert set(table) == {name for sets in met.values() for one in sets for name in one}
    assert set(head(section(FORMAT, heading))[1:]) == set(met)
    for kind, sets in met.items():
        said = {name: marked(row, kind, heading=heading) for name, row in table.items()}
        assert said == {name: marks(sets, name) for name in table}, kind


def noted(draft: Draft) -> set[str]:
    """The names of the fields of a draft's block."""
    assert isinstance(draft.block, bytes)
    return {name for name, _ in fields.parse(draft.block).pairs}


def test_warcinfo_has_the_fields_that_are_named(demo: Demo) -> None:
    """A warcinfo has every field of the table but the one of a mended file, and no other."""
    table = first_names("### warcinfo")
    plain = [record for record in stored(demo) if record.type == "warcinfo"]
    for record in plain:
        assert [name for name, _ in fields.parse(record.block.read()).pairs] == table[:-1]
    own = fields.parse(plain[0].block.read())
    mended = records.mended_warcinfo_draft(own, file_name="x.warc.gz", date=samples.AT, description="mended")
    assert noted(mended) == set(table)


def test_metadata_has_the_fields_that_are_named(tmp_path: Path) -> None:
    """Each field stands on exchanges, failures and mended records as the table says, and no other field is written."""
    full = samples.exchange(
        request=CREDENTIALS, interim=b"HTTP/1.1 103\r\n\r\n", surplus=b"x", facts=replace(samples.FACTS, proxied=True)
    )
    exchanges = [samples.drafts_of(full, chain_id=CHAIN)[2], samples.drafts_of(samples.exchange(facts=CrawlFacts()))[2]]
    failed = [records.failure_drafts(one, chain_id=chain)[0] for one, chain in zip(failures(), (None, CHAIN), strict=True)]
    _, kept = samples.write(tmp_path, samples.drafts_of(full))
    (capture,) = (value for value in kept if isinstance(value, Capture))
    mended = [records.mended_draft(one, description="cut off") for one in (capture, replace(capture, type="revisit"))]
    heading = "### metadata"
    table = [(name, row) for row in rows(section(FORMAT, heading)) for name in names(row[0])]
    for kind, drafts in (("exchange", exchanges), ("failure", failed), ("mended", mended)):
        met = [noted(draft) for draft in drafts]
        said = {name: marked(row, kind, heading=heading) for name, row in table}
        assert said == {name: marks(met, name) for name, _ in table}, kind
        assert set().union(*met) <= set(said)


def test_metadata_of_the_crawl_is_explained(demo: Demo) -> None:
    """No metadata record of the crawl has a field that the table does not name."""
    found = [record for record in stored(demo) if kind_of(record) == "metadata"]
    assert {name for record in found for name, _ in fields.parse(record.block.read()).pairs} <= set(first_names("### metadata"))


@pytest.mark.parametrize("kind", KEYED)
def test_notes_have_the_keys_that_are_named(kind: str, demo: Demo) -> None:
    """Each sort of note has the keys of its table and those of every note, as the code writes them and in the crawl."""
    said = {*first_names("### Every note"), *first_names(f"### {kind}")}
    assert said == {"type", *(member.name for member in members(KEYED[kind]))}
    blocks = [json.loads(r.block.read()) for r in stored(demo) if (r.content_type or "") == notes.JSON_TYPE]
    found = [block for block in blocks if block["type"] == kind]
    assert found
    assert all(set(block) == said for block in found)


@pytest.mark.parametrize(("heading", "value"), [("#### A link", Link), ("#### A quote", Quote)])
def test_links_and_quotes_have_the_keys_that_are_named(heading: str, value: type[Link | Quote]) -> None:
    """What stands inside a note is named as well."""
    assert set(first_names(heading)) == {member.name for member in members(value)}


def test_sorts_of_notes_are_those_of_the_code(demo: Demo) -> None:
    """The table of notes has each type with its Content-Type, and whether its record refers to a capture."""
    table = rows(section(FORMAT, "## Records of derived/"))
    said = {name: (names(row[1])[0], bool(row[3])) for row in table for name in names(row[0])}
    found = [record for record in stored(demo) if kind_of(record) == "note"]
    assert said == {
        json.loads(record.block.read())["type"]: (record.content_type, record.reference("WARC-Refers-To") is not None)
        for record in found
    }


def test_the_annotation_is_explained(demo: Demo) -> None:
    """Every key of an annotation stands in its table, and every key of the table in an annotation."""
    found = [json.loads(r.block.read()) for r in stored(demo) if r.content_type == notes.ANNOTATION_TYPE]
    keys = {key for one in found for key in (*one, *one["footnotary"])}
    assert set(first_names("### Annotation")) - {"source", "selector"} == keys
    assert {key for one in found for target in one["target"] for key in target} == {"source", "selector"}


def test_the_example_of_an_annotation_is_one() -> None:
    """The annotation that is shown is read as a citation, and written again as it stands, in one line."""
    (example,) = fences(FORMAT, "json")
    block = json.dumps(json.loads(example), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    citation = notes.load(block, content_type=notes.ANNOTATION_TYPE)
    assert isinstance(citation, Citation)
    assert notes.dump(citation) == block


def test_the_example_of_an_exchange_is_one(tmp_path: Path) -> None:
    """The two records that are shown have the digests and lengths that they say, and make one capture."""
    shown = [one.rstrip("\n") for one in fences(section(FORMAT, "### One exchange"), "")]
    path = tmp_path / "example.warc"
    path.write_bytes(b"".join(_record(one) for one in shown))
    found = [one for one in read_records(path, name=path.name) if isinstance(one, StoredRecord)]
    assert [fault for one in found for fault in rules.check(one)] == []
    (capture,) = (value for value in values.kept(found) if isinstance(value, Capture))
    assert list(rules.check_capture(capture, found[0])) == []
    assert (capture.status, capture.facts.robots, capture.metadata_id) == (404, "allowed", found[1].record_id)


def _record(shown: str) -> bytes:
    """A record as its file has it: CRLF in heads, LF in the page, CRLF after each field, and the two line ends."""
    header, _, block = shown.partition("\n\n")
    length = int(re.findall(r"^Content-Length: (\d+)", header, re.MULTILINE)[0])
    before, _, page = block.partition("\n\n")
    message = before.replace("\n", "\r\n") + ("\r\n\r\n" + page if page else "\r\n")
    data = message.encode()
    data += b"\n" * (length - len(data))
    return header.replace("\n", "\r\n").encode() + b"\r\n\r\n" + data + b"\r\n\r\n"


WORDS: dict[str, type[StrEnum]] = {
    "outcome": Outcome,
    "context": Context,
    "target_from": TargetFrom,
    "role": Role,
    "truncated": Truncated,
}


def test_words_are_those_of_the_code() -> None:
    """Each list of words is whole, and the contexts that cite stand before the others."""
    table = {names(row[0])[0]: names(row[1]) for row in rows(section(FORMAT, "### Words"))}
    assert {of: set(said) for of, said in table.items()} == {of: set(words) for of, words in WORDS.items()}
    assert set(table["context"][:3]) == CITING_CONTEXTS


def tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Those of the schema; SQLite keeps the words in tables of its own beside `words`."""
    found = connection.execute("SELECT type, name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    return [(kind, name) for kind, name in found if not name.startswith("words_")]


def test_columns_are_those_of_the_index(demo: Demo) -> None:
    """Each table and the view have a section that names each column once, and there is no other."""
    with closing(sqlite3.connect(demo.collection / "index.sqlite")) as connection:
        found = {f"### {kind.capitalize()} {name}": columns(connection, name) for kind, name in tables(connection)}
    said = re.findall(r"^### (?:Table|View) \w+$", FORMAT, re.MULTILINE)
    assert {heading: sorted(first_names(heading)) for heading in said} == found


def columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return sorted(row[1] for row in connection.execute(f"PRAGMA table_info({table})"))


def test_numbers_of_the_index_and_the_format_are_right() -> None:
    """Application id, version of the schema and version of the format are those of the code."""
    text = section(FORMAT, "## index.sqlite")
    assert f"0x{APPLICATION_ID:X}" in text
    assert f"the number of the schema: {VERSION}." in text
    assert f"`format` is the number {FORMAT_VERSION}." in FORMAT


def test_cdxj_lines_have_the_keys_that_are_named(demo: Demo) -> None:
    """A line of a response has every key of the table, in its order; others have no other key."""
    said = first_names("## index.cdxj")
    found = [line.split(" ", 2) for line in (demo.collection / "indexes/index.cdxj").read_text("ascii").splitlines()]
    keys = [list(json.loads(line[2])) for line in found]
    assert said in keys
    assert all(one == [key for key in said if key in one] for one in keys)
    assert all(re.fullmatch(r"\d{14}", line[1]) for line in found)


def test_the_example_of_a_key_is_right() -> None:
    """The URI that is shown has the key that is shown."""
    uri, key = re.findall(r"`(https://www\.Example[^`]+)`\s+becomes\s+`([^`]+)`", FORMAT)[0]
    assert surt(uri) == key


def test_the_folder_is_as_drawn(demo: Demo) -> None:
    """Every file and folder of the drawing is in a collection, and nothing else."""
    drawn = re.findall(r"^      ([\w./]+)", section(FORMAT, "## The folder"), re.MULTILINE)
    assert {name.split("/")[0] for name in drawn} == {path.name for path in demo.collection.iterdir()}
    assert [name for name in drawn if not (demo.collection / name).exists()] == []


def test_collection_yml_keeps_its_grammar(demo: Demo) -> None:
    """Each line of a real one is a comment or a field of the grammar, and its keys are those that are named."""
    text = section(FORMAT, "### collection.yml")
    written = (demo.collection / "collection.yml").read_text("utf-8")
    fields_of = [line.split(": ", 1) for line in written.splitlines() if not line.startswith("#")]
    assert {key for key, _ in fields_of} == set(names(text)) & {"id", "title", "format"}
    assert all(re.fullmatch(r"[a-z_]+", key) and isinstance(json.loads(value), str | int) for key, value in fields_of)


def test_file_names_are_as_described(demo: Demo) -> None:
    """The files of the crawl, and the example, have the parts that are named."""
    pattern = re.compile(r"footnotary-\d{17}-\d{5}-\d{14}[0-9a-f]{6}\.warc\.gz")
    for _, path in Layout(demo.collection).warc_files():
        assert pattern.fullmatch(path.name)
    assert len(pattern.findall(section(FORMAT, "### WARC files"))) == 1


def test_a_record_is_taken_out_without_us(demo: Demo) -> None:
    """The pipe of standard programs that is shown gives the very record of a location."""
    (pipe,) = re.findall(r"^    (tail .*)$", FORMAT, re.MULTILINE)
    with closing(sqlite3.connect(demo.collection / "index.sqlite")) as connection:
        file, offset, length, digest = connection.execute(
            "SELECT file, offset, length, block_digest FROM capture WHERE type = 'response' ORDER BY record_id LIMIT 1"
        ).fetchone()
    command = pipe.replace("OFFSET", str(offset)).replace("LENGTH", str(length)).replace("FILE", file)
    record = subprocess.run(["bash", "-c", command], cwd=demo.collection, capture_output=True, check=True, timeout=20).stdout
    assert record.startswith(b"WARC/1.1\r\n")
    block = record.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")
    assert f"sha256:{hashlib.sha256(block).hexdigest()}" == digest


def strings(path: Path, wanted: Callable[[ast.AST], Iterator[ast.expr]]) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = (part for node in ast.walk(tree) for part in wanted(node))
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def check_names(node: ast.AST) -> Iterator[ast.expr]:
    """Where the modules of verification name a check: `check=…`, `_sides("…"`, and the second word of a fault."""
    if isinstance(node, ast.keyword) and node.arg == "check":
        yield node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_sides":
        yield node.args[0]
    elif isinstance(node, ast.Tuple) and len(node.elts) == 5:
        yield node.elts[1]


def test_checks_are_those_of_the_code() -> None:
    """Each check of verification is named under one number, and no other."""
    said = re.findall(r"^\d\. .*?(?=^\d\. |\n\n)", section(FORMAT, "## Verifying"), re.MULTILINE | re.DOTALL)
    named = [name for one in said for name in names(one.rpartition(": ")[2])]
    modules = [Path(module.__file__ or "") for module in (finding, verify, rules, blockrules)]
    found = {name for path in modules for name in strings(path, check_names)}
    assert len(said) == 7
    assert sorted(named) == sorted(found)


def test_errors_are_those_of_the_code() -> None:
    """The table of errors has each class of archive/errors.py, and no other."""
    classes = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, errors.ArchiveError)}
    assert set(first_names("## Errors")) == classes


def test_modules_are_those_of_the_folder() -> None:
    """Each module that is named is there, and each file and folder of archive/ is named."""
    said = first_names("## Modules")
    assert [name for name in said if not (ROOT / "archive" / name).exists()] == []
    here = {path.name + "/" * path.is_dir() for path in (ROOT / "archive").iterdir() if path.name[:1] not in "._"}
    assert here - {"README.md"} == set(said)
    inner = {name for row in rows(section(FORMAT, "## Modules")) for name in names(row[1]) if name.endswith(".py")}
    assert [name for name in inner if not list((ROOT / "archive").rglob(name))] == []
