"""Sequences that an archive holds, and the two rows of an alignment that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from blast_artifacts.reading.asn1_alignment import Alignment, Piece
from blast_artifacts.reading.asn1_rows import Widths, columns_of
from blast_artifacts.reading.genetic_codes import translate

_COMPLEMENT = bytes.maketrans(b"ACGTUMRWSYKVHDBN", b"TGCAAKYWSRMBDHVN")
_PAIRS = {digit: "ACGT"[number // 4] + "ACGT"[number % 4] for number, digit in enumerate("0123456789ABCDEF")}
_FOUR_BITS = str.maketrans("0123456789ABCDEF", "-ACMGRSVTWYHKDBN")
_STANDARD = "-ABCDEFGHIKLMNPQRSTVWXYZU*OJ"
_PLAIN = frozenset({"ncbieaa", "iupacaa", "iupacna"})

_SPACE = re.compile(rb"\s+")


@dataclass(slots=True)
class Letters:
    """A sequence as the archive packs it."""

    encoding: str = ""
    _packed: bytearray = field(default_factory=bytearray)

    def add(self, encoding: str, piece: bytes) -> None:
        """The next bytes, with the line ends in them."""
        self.encoding = encoding
        self._packed += _SPACE.sub(b"", piece)

    def are(self, length: int | None) -> bool:
        """Whether these are all letters of a sequence of this length."""
        if length is None:
            return False
        packed = {"ncbi2na": -(-length // 4) * 2, "ncbi4na": -(-length // 2) * 2, "ncbistdaa": 2 * length}
        return len(self._packed) == packed.get(self.encoding, length)

    @property
    def unknown(self) -> bool:
        """Whether all letters are there and none of them is known: N, or X."""
        nothing = {"ncbi4na": b"F0", "iupacna": b"N", "ncbieaa": b"X", "iupacaa": b"X"}.get(self.encoding)
        return bool(self._packed) and nothing is not None and not self._packed.strip(nothing)

    def part(self, start: int, end: int) -> bytes | None:
        """The letters from `start` (0-based) to before `end`; None where they are not there."""
        if self.encoding in _PLAIN:
            found = bytes(self._packed[start:end]).upper()
        elif self.encoding == "ncbi2na":
            digits = self._packed[start // 2 : (end + 1) // 2].decode("ascii")
            pairs = "".join(_PAIRS.get(digit, "") for digit in digits)
            found = pairs[start % 2 : start % 2 + end - start].encode()
        elif self.encoding == "ncbi4na":
            found = self._packed[start:end].decode("ascii").translate(_FOUR_BITS).encode()
        elif self.encoding == "ncbistdaa":
            found = self._standard(start, end)
        else:
            return None
        return found if len(found) == end - start else None

    def _standard(self, start: int, end: int) -> bytes:
        numbers = bytes.fromhex(self._packed[2 * start : 2 * end].decode("ascii"))
        return "".join(_STANDARD[number] for number in numbers if number < len(_STANDARD)).encode()


def aligned(
    found: Alignment, sides: tuple[Letters, Letters], widths: Widths, codes: tuple[int, int]
) -> tuple[str, str] | None:
    """The query's and the subject's row with gaps, as tabular output has them; None without the letters.

    `codes` are the genetic codes of the sides.
    """
    pieces: Sequence[Piece] = found.pieces
    minus = [found.query_minus, found.subject_minus]
    if not widths.translated and minus[0]:
        # Tabular output has the query forward.
        pieces, minus = pieces[::-1], [False, not minus[1]]
    rows: list[bytes] = []
    for side, width in enumerate((widths.query, widths.subject)):
        parts = []
        for piece in pieces:
            stretch = piece[side]
            part = (
                b"-" * columns_of(piece, widths)
                if stretch is None
                else _read(sides[side], stretch, minus[side], width, codes[side])
            )
            if part is None:
                return None
            parts.append(part)
        rows.append(b"".join(parts))
    return rows[0].decode("ascii", "replace"), rows[1].decode("ascii", "replace")


def _read(letters: Letters, stretch: tuple[int, int], minus: bool, width: int, code: int) -> bytes | None:
    found = letters.part(*stretch)
    if found is None:
        return None
    if minus:
        found = found.translate(_COMPLEMENT)[::-1]
    return translate(found, code) if width == 3 else found
