"""The value of BLAST's `-outfmt`: format number, columns, delimiter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from blast_artifacts.reading.labels import SPECIFIERS

STD = (
    "qaccver", "saccver", "pident", "length", "mismatch", "gapopen",
    "qstart", "qend", "sstart", "send", "evalue", "bitscore",
)  # fmt: skip
"""What `std`, and a tabular format without columns, stands for."""

TABULAR = frozenset({6, 7, 10, 20})
COMMA = frozenset({10, 20})


@dataclass(frozen=True, slots=True)
class OutfmtSpec:
    """A format as it was asked for; `columns` are BLAST's specifiers, empty where the format has none."""

    number: int
    columns: tuple[str, ...] = ()
    delimiter: str = "\t"


def parse_outfmt(value: str | int | Iterable[str]) -> OutfmtSpec:
    """The specification that `-outfmt value` names, as BLAST itself takes it.

    Accepts a number, a text with or without the quotes that a shell ate, a list of words, or an option
    string that begins with `-outfmt`. Repeated specifiers are dropped, `-name` removes one, unknown words
    are ignored. Raises ValueError where no format number stands.
    """
    words = _words(value)
    if not words or not words[0].isdigit():
        raise ValueError(f"not a BLAST output format: {value!r}")
    number = int(words[0])
    if number not in TABULAR:
        return OutfmtSpec(number)
    delimiter = "," if number in COMMA else "\t"
    rest = words[1:]
    if rest and rest[0].startswith("delim=") and len(rest[0]) > len("delim="):
        delimiter = rest[0].removeprefix("delim=")
    return OutfmtSpec(number, _columns(rest), delimiter)


def _words(value: str | int | Iterable[str]) -> list[str]:
    text = value if isinstance(value, str) else str(value) if isinstance(value, int) else " ".join(value)
    words = re.sub(r"[\"']", " ", text).split()
    if "-outfmt" not in words:
        return words
    words = words[words.index("-outfmt") + 1 :]
    for place, word in enumerate(words):
        if place and word.startswith("-") and not _removes(word, words[place + 1 :]):
            return words[:place]
    return words


def _removes(word: str, following: list[str]) -> bool:
    """Whether `-evalue` takes a column away; as an option of its own a value follows it."""
    value = following[0] if following else "std"
    return word[1:] in SPECIFIERS and (value in SPECIFIERS or value == "std" or value.startswith("-"))


def _columns(words: list[str]) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    for word in words:
        if word == "std":
            shown |= dict.fromkeys(name for name in STD if name not in shown)
        elif word.startswith("-"):
            shown.pop(word[1:], None)
        elif word in SPECIFIERS:
            shown.setdefault(word)
    return tuple(shown) or STD
