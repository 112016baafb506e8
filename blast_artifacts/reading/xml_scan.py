"""The bytes of an XML report -> tags, texts and breaks, with nothing lost in the damaged ones.

Works on the bytes of the elements themselves, because the files that need reading are the damaged ones: a
parser that gives up at the first fault would lose what stands behind it (P7, P10).
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from blast_artifacts.reading.damage import judge_stray, warn
from blast_artifacts.reading.detect import HEAD, detect, find_report, made_by
from blast_artifacts.reading.hits import Report
from blast_artifacts.reading.lines import BOM, LineCounter, solid
from blast_artifacts.reading.xml_dialects import dialect_of
from blast_artifacts.reading.xml_text import text_encoding

LONGEST_TOKEN = 64 << 20
"""A text that goes on longer than this is damage, not data."""

_CDATA = b"<![CDATA["
_TOKEN = re.compile(
    rb"<(?:/(?P<end>[\w:.-]+)\s*>|(?P<name>[\w:.-]+)(?:\s[^<>]*?)?"
    rb"(?:/(?P<empty>)>|>(?:(?P<text>[^<]*(?:<!\[CDATA\[.*?\]\]>[^<]*)*)</(?P=name)>)?)|(?P<other>[!?])|)",
    re.DOTALL,
)
_LEAF = re.compile(rb"\s*<([\w-]+)>([^<]*)</\1>")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)")
_RESUME = re.compile(rb"<(?:Iteration|Search|Hit|Hsp)>")


class XmlScan(ABC):
    """Finds the tags in blocks of bytes; what they mean is for the classes that build on it.

    Places are relative to the buffer, which begins at byte `_base` of the file.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._dialect = dialect_of(report.format)
        self._buffer = b""
        self._base = 0
        self._started = False
        self._lines = LineCounter()
        self.behind: bytes | None = None
        self._handed_back = False
        self._maker: frozenset[bytes] = frozenset()
        self._declared = False
        self._encoding: str | None = None

    @abstractmethod
    def _element(self, name: bytes, text: bytes | None, start: int) -> None:
        """An opening tag; with `text`, the whole element."""

    @abstractmethod
    def _close(self, name: bytes, start: int) -> None:
        """A closing tag."""

    @abstractmethod
    def _break(self, start: int, reason: str) -> None:
        """Something that no report has here."""

    @abstractmethod
    def _plain_hsps(self, start: int, buffer: bytes) -> int:
        """Take HSPs written as BLAST writes them; the place behind them."""

    @abstractmethod
    def _look(self, buffer: bytes) -> None:
        """Prepare to take whole lists of hits in this buffer."""

    @abstractmethod
    def _plain_hits(self, start: int, buffer: bytes) -> int:
        """Take whole hits written as BLAST writes them; the place behind them."""

    @abstractmethod
    def _outside(self) -> bool:
        """Whether no element is open."""

    @abstractmethod
    def _end(self) -> None:
        """The end of the file."""

    def feed(self, block: bytes, last: bool = False) -> None:
        """Read as far as the bytes so far allow."""
        buffer = self._buffer + block
        if not self._started and (len(buffer) >= len(BOM) or last):
            self._started = True
            if buffer.startswith(BOM):
                self._base, buffer = len(BOM), buffer[len(BOM) :]
        if not self._declared and b">" in buffer[:400]:
            declared = _DECLARED.match(buffer.lstrip()[:400])
            self._encoding = text_encoding(declared[1].decode().lower()) if declared else None
            self._declared = True
        self._buffer = buffer
        self._look(buffer)
        position = self._scan(last)
        self._lines.drop(buffer, position)
        self._base += position
        self._buffer = buffer[position:]
        if self._handed_back and self.behind is None:
            self.behind, self._buffer = self._buffer, b""
        self._report.bytes = self._base + len(self._buffer)
        if last:
            self._end()

    @property
    def lines(self) -> int:
        """Line ends that were read."""
        return self._line(0) - 1

    def _line(self, position: int) -> int:
        return self._lines.line(self._buffer, position)

    def _scan(self, last: bool) -> int:
        """Handle tokens; the place in the buffer from which more bytes are needed."""
        buffer, position = self._buffer, 0
        while not self._handed_back:
            if self._outside() and (place := self._text_at(position)) >= 0:
                if not last and len(buffer) - place < HEAD:
                    return position
                if not detect(buffer[place : place + HEAD]).reason:
                    return self._hand_back(place)
            found = _TOKEN.search(buffer, position)
            if found is None:
                if last or len(buffer) - position > LONGEST_TOKEN:
                    return self._stray(position, len(buffer))
                return position
            start = found.start()
            if not last and self._unfinished(found, buffer):
                if len(buffer) - start < LONGEST_TOKEN:
                    # Text before the token waits with it, so that no block border shows.
                    return position
                position = self._skip(start, "oversized_text")
                continue
            position = self._stray(position, start)
            if not self._handed_back:
                position = self._token(found, buffer)
        return position

    def _text_at(self, position: int) -> int:
        """The place of text that stands where a document should begin, or -1."""
        place = solid(self._buffer, position)
        return -1 if self._buffer[place : place + 1] in (b"<", b"") else place

    def _is_other(self, name: bytes, start: int) -> bool:
        """Whether an element begins a document that this reader must not go on with.

        What a report says depends on program and version: others' are read for themselves.
        """
        if name in self._dialect.foreign:
            return True
        if name not in self._dialect.outermost:
            return False
        maker = made_by(self._buffer, start)
        self._maker = self._maker or maker
        return bool(maker) and maker != self._maker

    def _hand_back(self, place: int) -> int:
        """Another document begins here, for another reader."""
        self._handed_back = True
        return place

    def _unfinished(self, found: re.Match[bytes], buffer: bytes) -> bool:
        """Whether more bytes could make another token of this one."""
        start, end = found.span()
        name, text = found["name"], found["text"]
        if found["other"] is not None:
            closing = b"-->" if buffer.startswith(b"<!--", start) else b">"
            return buffer.find(closing, start) < 0
        if found["end"] is not None or found["empty"] is not None or text is not None:
            return False
        if name is None:
            following = buffer.find(b"<", start + 1)
            return following < 0 and buffer.find(b">", start) < 0
        if name == self._dialect.hsp:
            return buffer.find(self._dialect.hsp_end, start) < 0
        if name in self._dialect.outermost:
            return len(buffer) - start < HEAD and len(made_by(buffer, start)) < 2
        following = buffer.find(b"<", end)
        while following >= 0 and buffer.startswith(_CDATA, following):
            behind = buffer.find(b"]]>", following)
            following = buffer.find(b"<", behind) if behind >= 0 else -1
        return following < 0 or buffer.find(b">", following) < 0

    def _token(self, found: re.Match[bytes], buffer: bytes) -> int:
        """Handle one token; the place behind it."""
        start, end = found.span()
        if found["end"] is not None:
            self._close(found["end"].rpartition(b":")[2], start)
            return end
        if found["name"] is not None:
            name = found["name"].rpartition(b":")[2]
            text = found["text"] if found["empty"] is None else b""
            if text is not None and name in self._dialect.leaves and not self._outside():
                self._element(name, text, start)
                return self._leaves(end, buffer)
            if self._is_other(name, start):
                return self._hand_back(start)
            if text is None and name in (self._dialect.hsp, self._dialect.hit):
                plain = self._plain_hsps if name == self._dialect.hsp else self._plain_hits
                behind = plain(start, buffer)
                if behind > start:
                    return behind
            self._element(name, text, start)
            return end
        if found["other"] is not None:
            closing = b"-->" if buffer.startswith(b"<!--", start) else b">"
            behind = buffer.find(closing, start)
            return behind + len(closing) if behind >= 0 else len(buffer)
        self._break(start, "malformed_tag")
        return end

    def _leaves(self, place: int, buffer: bytes) -> int:
        """Take leaves without any doubt about them, which follow each other; the place behind them."""
        leaves = self._dialect.leaves
        while (found := _LEAF.match(buffer, place)) and found[1] in leaves:
            self._element(found[1], found[2], found.start(1) - 1)
            place = found.end()
        return place

    def _stray(self, start: int, end: int) -> int:
        """Judge what stands between two tokens; the place behind it, or of a report that begins in it."""
        text = self._buffer[start:end]
        if start >= end or not text.strip() or text.strip() == BOM:
            return end
        if not self._outside() and (place := find_report(text)) >= 0:
            self._break(start, "end_missing")
            return self._hand_back(start + place)
        if _CONTROL.search(text):
            self._break(start, "binary_data")
        elif self._outside():
            judge_stray(self._report, text, self._base + start)
        else:
            warn(self._report, "stray_text")
        return end

    def _skip(self, start: int, reason: str) -> int:
        self._break(start, reason)
        if (place := find_report(self._buffer[start:])) >= 0:
            return self._hand_back(start + place)
        found = _RESUME.search(self._buffer, start + 1)
        return found.start() if found else max(start + 1, len(self._buffer) - 16)
