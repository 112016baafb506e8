"""What BLAST and its pipeline leave in a log: plain lines, the first that is an error, exit codes."""

from __future__ import annotations

import re
from collections.abc import Iterable

EXIT_CODES = {
    1: "an error in the query or the options",
    2: "an error in the BLAST database",
    3: "an error in the BLAST engine",
    4: "out of memory",
    5: "a network error",
    6: "the output could not be written",
    134: "the program aborted",
    137: "the program was killed",
    255: "an unknown error",
}
"""BLAST's own exit codes in words; ElasticBLAST's are another list."""

_FIRST_SIGNAL = 128
_LONGEST_ERROR = 1000

# ECMA-48: control sequences (colours, cursor), strings up to their terminator (titles, links), other escapes.
_TERMINAL_CODE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]?"
)
# Values of links' signatures, connection strings and headers, as tools print them with their commands.
_SECRET = re.compile(
    r"(?:\b(?:sig|AccountKey|SharedAccessKey)=|\bBearer +|\bSharedKey(?:Lite)? +\w+:)[\w%+/=.~-]{16,}",
    re.ASCII | re.IGNORECASE,
)
_LEFT_OUT = "[secret left out]"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ERROR = re.compile(
    r"error\s*:|(?-i:\bERROR\b)|(?<!non-)\bfatal\b|\bcritical\s*:|\bexception\s*:|\bbad_alloc\b"
    r"|\bout of memory\b|\bno space left on device\b|^(?:\S+:\s+)?(?:killed|aborted|segmentation fault)\b"
    r"|\bterminated by signal \d|\bnon-zero status \d",
    re.IGNORECASE,
)


def in_words(exit_code: int) -> str:
    """What BLAST's exit code means, as the end of a sentence."""
    if exit_code in EXIT_CODES or exit_code <= _FIRST_SIGNAL:
        return EXIT_CODES.get(exit_code, EXIT_CODES[255])
    return f"the program was ended by signal {exit_code - _FIRST_SIGNAL}"


def plain_lines(text: str) -> list[str]:
    """The lines of a log without terminal codes and secrets; a carriage return ends one too (progress)."""
    lines = _TERMINAL_CODE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not lines[-1]:
        lines.pop()
    return [without_secrets(_CONTROL.sub("", line)) for line in lines]


def without_secrets(text: str) -> str:
    """What a pipeline says, without what would open storage to whoever reads it."""
    return _SECRET.sub(_LEFT_OUT, text)


def first_error_line(lines: Iterable[str]) -> str | None:
    """The first line that names an error (BLAST prints its usage before it); None where none does."""
    for line in lines:
        for plain in plain_lines(line):
            if _ERROR.search(plain.strip()):
                return plain.strip()[:_LONGEST_ERROR]
    return None
