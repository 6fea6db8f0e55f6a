"""What a server of the example sends: an answer is a value, and it knows the bytes and the pauses of its message.

Nothing here depends on the time of day or on chance: the same answer is the same bytes in every run. An answer does not
know its host; a handler chooses it. Tests hand hostile answers of their own to `ExampleWeb(extra=…)`:

    Static   a whole, well-formed message          Slow   an answer that takes its time
    Raw      bytes exactly as given, then the end  Torn   an answer that stops too early
    Bomb     a small body that inflates to much
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

CHUNK = 1400
"""Bytes of a chunk: odd enough that a page needs several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it came. `host` is lower case without a port, `target` is verbatim, `raw` are all bytes of the message."""

    scheme: str
    host: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Pause:
    """A silence of some seconds on the connection."""

    seconds: float


Step = bytes | Pause


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The base of all answers: steps to go, one after the other, and whether the connection ends with them."""

    def steps(self, asked: Asked) -> Iterator[Step]:
        """The bytes to send and the pauses between them."""
        raise NotImplementedError

    @property
    def closes(self) -> bool:
        """Whether the server closes the connection after the last step."""
        return True


Handler = Answer | Callable[[Asked], Answer]
"""What answers for a host: always the same, or chosen by the request. It answers for /robots.txt too."""


class Framing(StrEnum):
    """How a client learns where the body ends (RFC 9112, section 6)."""

    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Static(Answer):
    """A whole message. `headers` go out as spelled and in order, the one that frames the body comes last."""

    body: bytes = b""
    status: int = 200
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    framing: Framing = Framing.LENGTH

    @property
    def closes(self) -> bool:
        return self.framing is Framing.CLOSE

    def steps(self, asked: Asked) -> Iterator[Step]:
        yield self._head()
        if asked.method != "HEAD":
            yield from chunked(self.body) if self.framing is Framing.CHUNKED else (self.body,)

    def _head(self) -> bytes:
        framed = {
            Framing.LENGTH: (("Content-Length", str(len(self.body))),),
            Framing.CHUNKED: (("Transfer-Encoding", "chunked"),),
            Framing.CLOSE: (("Connection", "close"),),
        }[self.framing]
        lines = [f"HTTP/1.1 {self.status} {self.reason or HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in (*self.headers, *framed)]
        return "\r\n".join((*lines, "", "")).encode("latin-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw(Answer):
    """Bytes exactly as given, well-formed or not, then the end of the connection. No bytes: it just hangs up."""

    data: bytes = b""

    def steps(self, asked: Asked) -> Iterator[Step]:  # noqa: ARG002 - whatever was asked
        yield self.data


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Answer):
    """`answer`, but `before` seconds pass first and, with `gap`, that many seconds between any two pieces of `piece` bytes."""

    answer: Answer
    before: float = 0.0
    gap: float = 0.0
    piece: int = 1024

    @property
    def closes(self) -> bool:
        return self.answer.closes

    def steps(self, asked: Asked) -> Iterator[Step]:
        yield Pause(self.before)
        for step in self.answer.steps(asked):
            yield from self._dripping(step) if self.gap and isinstance(step, bytes) else (step,)

    def _dripping(self, data: bytes) -> Iterator[Step]:
        for start in range(0, len(data), self.piece):
            yield data[start : start + self.piece]
            yield Pause(self.gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Torn(Answer):
    """`answer` up to `size` bytes of its message, head included; then the connection ends without a word."""

    answer: Answer
    size: int

    def steps(self, asked: Asked) -> Iterator[Step]:
        left = self.size
        for step in self.answer.steps(asked):
            if isinstance(step, bytes):
                step = step[:left]
                left -= len(step)
            yield step
            if left <= 0:
                return


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb(Answer):
    """An HTML body of `size` zero bytes, sent as gzip: about a thousandth of that on the wire. Made while it is sent."""

    size: int
    status: int = 200

    @property
    def closes(self) -> bool:
        return False

    def steps(self, asked: Asked) -> Iterator[Step]:
        headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
        head = Static(status=self.status, headers=headers, framing=Framing.CHUNKED)
        yield next(head.steps(asked))
        for piece in self._deflated():
            yield b"%x\r\n%b\r\n" % (len(piece), piece)
        yield b"0\r\n\r\n"

    def _deflated(self) -> Iterator[bytes]:
        engine, block = zlib.compressobj(9, zlib.DEFLATED, 31), bytes(1 << 20)
        for start in range(0, self.size, len(block)):
            if piece := engine.compress(block[: self.size - start]):
                yield piece
        yield engine.flush()


def chunked(body: bytes) -> Iterator[bytes]:
    """`body` in the chunked coding (RFC 9112, section 7.1), a step a chunk."""
    for start in range(0, len(body), CHUNK):
        piece = body[start : start + CHUNK]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


NOT_FOUND = Static(status=404, headers=(("Content-Type", "text/plain"),), body=b"Nothing stands here.\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTarget:
    """A handler that chooses by target: first with its query, then the path alone, else `otherwise`."""

    answers: Mapping[str, Handler]
    otherwise: Handler = NOT_FOUND

    def __call__(self, asked: Asked) -> Answer:
        chosen = self.answers.get(asked.target) or self.answers.get(asked.path) or self.otherwise
        return answer_of(chosen, asked)


@dataclass(slots=True, kw_only=True)
class InTurn:
    """A handler that gives its answers one after the other, the last one for ever: a server that is busy at first."""

    answers: Sequence[Answer]
    given: int = field(default=0, init=False)

    def __call__(self, asked: Asked) -> Answer:  # noqa: ARG002 - only the count decides
        answer = self.answers[min(self.given, len(self.answers) - 1)]
        self.given += 1
        return answer


def answer_of(handler: Handler, asked: Asked) -> Answer:
    """What `handler` answers to a request."""
    return handler if isinstance(handler, Answer) else handler(asked)
