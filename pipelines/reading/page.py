"""A page of HTML: decoded, parsed once, its text extracted, its links found on the same tree."""

from __future__ import annotations

from pipelines.reading.charset import decode
from pipelines.reading.document import Message, Reading, charset_parameter, unreadable
from pipelines.reading.dom import ParseError, parse
from pipelines.reading.links import PageLinks
from pipelines.reading.text import OPTIONS, TOOL, VERSION, extract, language_of

NO_TEXT = "the page has no main text"


def read_page(message: Message) -> Reading:
    """The reading of a page. One without main text keeps its title and its links."""
    text, charset = decode(message.data, declared=charset_parameter(message.content_type))
    try:
        root = parse(text)
    except ParseError as error:
        return unreadable(str(error))
    page = extract(root, uri=message.uri)
    language = language_of(root)
    return Reading(
        text=page.text or None,
        unreadable=None if page.text else NO_TEXT,
        title=page.title,
        authors=page.authors,
        published=page.published,
        site=page.site,
        language=language,
        charset=str(charset),
        tool=TOOL,
        version=VERSION,
        options=OPTIONS,
        links=PageLinks(root, text=page.text, uri=message.uri, language=language).all(),
    )
