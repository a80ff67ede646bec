"""Makes the font that pages show first: Inter's Latin letters in the weights the kit has.

    python -m components.ui.font .web/node_modules/@fontsource-variable/inter

writes `assets/assets/inter-<hash>.woff2` from the package's file, a third lighter: without the
weights below 400 and above 650, hints, and forms that no page asks for. Other writing systems come
from the package as it is. For those who change the kit; a test compares the file with the tokens.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

from components.ui import tokens

SOURCE: Final = "files/inter-latin-wght-normal.woff2"
# Beside what the build makes: named after its content, it is kept for good as those are.
FOLDER: Final = Path(__file__).parents[2] / "assets" / "assets"
# Kerning, accents, and figures of one width.
FEATURES: Final = ["ccmp", "kern", "locl", "mark", "mkmk", "tnum"]


def weights() -> tuple[int, int]:
    """Return the lightest and the boldest weight that letters of the kit have."""
    known = [int(value) for name, value in tokens.TYPE.items() if name.startswith("weight")]
    return min(known), max(known)


def lightened(source: Path) -> bytes:
    """Return the font at `source` with the weights of the tokens only, as WOFF2."""
    font = TTFont(source, recalcTimestamp=False)
    options = Options(layout_features=FEATURES, hinting=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=font.getBestCmap())
    subsetter.subset(font)
    # What was left out must be gone before the weights are cut.
    plain = BytesIO()
    font.flavor = None
    font.save(plain)
    plain.seek(0)
    whole = TTFont(plain, recalcTimestamp=False)
    light = instancer.instantiateVariableFont(whole, {"wght": weights()})
    light.flavor = "woff2"
    written = BytesIO()
    light.save(written)
    return written.getvalue()


def main() -> None:
    """Write the font with its licence in the place of the one before, for the stylesheet."""
    content = lightened(Path(sys.argv[1]) / SOURCE)
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("inter-*.woff2"):
        old.unlink()
    name = f"inter-{hashlib.sha256(content).hexdigest()[:8]}.woff2"
    (FOLDER / name).write_bytes(content)
    # It goes where the font goes.
    shutil.copy(Path(sys.argv[1]) / "LICENSE", FOLDER / "inter-LICENSE.txt")
    print(f"Wrote {name}, {len(content):,} bytes.")  # noqa: T201 - a program's answer


if __name__ == "__main__":
    main()
