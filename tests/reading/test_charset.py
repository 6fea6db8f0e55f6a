"""Characters are decided by evidence, in one order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reading.charset import decode

WORDS = "Źródła: naïve café, „ünïcode“ и кириллица, 気象庁は13日"
RUSSIAN = "Совет безопасности обсудил доклад о положении на границе и назвал число погибших. " * 4
JAPANESE = "気象庁は十三日、震源の深さは約三十キロで、地震の規模は六と推定されると発表した。" * 4


@pytest.mark.parametrize(
    ("data", "declared", "text", "decision"),
    [
        ("é".encode("utf-8-sig"), "iso-8859-1", "é", "utf-8 (byte order mark)"),
        ("\ufeffé".encode("utf-16-le"), None, "é", "utf-16-le (byte order mark)"),
        ("\ufeffé".encode("utf-16-be"), "utf-8", "é", "utf-16-be (byte order mark)"),
        (b"\xe9", "ISO-8859-1", "é", "cp1252 (HTTP)"),
        (b"\x93x\x94", "latin1", "“x”", "cp1252 (HTTP)"),
        (b"\xe9", '"windows-1252"', "é", "cp1252 (HTTP)"),
        ("é".encode(), "no-such-thing", "é", "utf-8 (valid UTF-8)"),
        ("é".encode(), "hex", "é", "utf-8 (valid UTF-8)"),
        (b"<meta charset='koi8-r'>\xf7", None, "<meta charset='koi8-r'>В", "koi8-r (meta)"),
        (
            b'<META http-equiv=x content="text/html; charset=gb2312">\xb9\xfa',
            None,
            '<META http-equiv=x content="text/html; charset=gb2312">国',
            "gb18030 (meta)",
        ),
        (
            b'<?xml version="1.0" encoding="shift_jis"?>\x8d\x91',
            None,
            '<?xml version="1.0" encoding="shift_jis"?>国',
            "cp932 (meta)",
        ),
        ("<!-- <meta charset=koi8-r> -->é".encode(), None, "<!-- <meta charset=koi8-r> -->é", "utf-8 (valid UTF-8)"),
        ("<meta charset=utf-16>é".encode(), None, "<meta charset=utf-16>é", "utf-8 (meta)"),
        (b"<meta charset=koi8-r>\xc3\xa9", "utf-8", "<meta charset=koi8-r>é", "utf-8 (HTTP)"),
        (WORDS.encode(), None, WORDS, "utf-8 (valid UTF-8)"),
        (WORDS.encode()[:-1], None, WORDS[:-1] + "\ufffd", "utf-8 (valid UTF-8)"),
        (WORDS.encode() * 2 + b"\xff", None, WORDS * 2 + "\ufffd", "utf-8 (nearly valid UTF-8)"),
        (RUSSIAN.encode("cp1251"), None, RUSSIAN, "cp1251 (detection)"),
        (JAPANESE.encode("shift_jis"), None, JAPANESE, "cp932 (detection)"),
        (b"plain", None, "plain", "utf-8 (valid UTF-8)"),
    ],
)
def test_the_first_evidence_decides(data: bytes, declared: str | None, text: str, decision: str) -> None:
    """Byte order mark, HTTP, meta, valid UTF-8, detection: in this order, and the decision says which."""
    decoded, charset = decode(data, declared=declared)
    assert (decoded, str(charset)) == (text, decision)


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "utf-8", "utf-16", "x-user-defined", "\x00", "idna", "undefined", "unicode-escape", "utf-7"]),
)
def test_any_bytes_decode(data: bytes, declared: str | None) -> None:
    """Decoding never fails, and its text can always be written as UTF-8."""
    text, _ = decode(data, declared=declared)
    assert text.encode().decode() == text
