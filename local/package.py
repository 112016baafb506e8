"""The command `package`: what Azure runs, as one zip file without tests or anything of one machine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from local.setup import ROOT

PACKAGE = Path("dist") / "app.zip"

PACKED = ("function_app.py", "host.json", "requirements.txt", "blast_artifacts", "shared")
"""Files and folders of a deployment; .funcignore leaves the same to `azd deploy`."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def package(to: Path) -> int:
    """Write the zip file; the same files give the same bytes."""
    to.parent.mkdir(parents=True, exist_ok=True)
    names = list(packed())
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (ROOT / name).read_bytes())
    print(f"{to}: {len(names)} files, {to.stat().st_size:,} bytes", flush=True)
    return 0


def packed() -> Iterator[str]:
    """The files of a deployment in order of their names, with `/`."""
    tops = [ROOT / name for name in PACKED]
    found = [file for top in tops for file in (top, *top.rglob("*")) if file.is_file()]
    names = (file.relative_to(ROOT).as_posix() for file in found)
    yield from sorted(name for name in names if "__pycache__" not in name)
