"""The provider's signing key, kept in the data folder so that a restart keeps its tokens valid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from joserfc.jwk import ECKey

from app.embedded.folder import write_private
from app.errors import Misconfigured

if TYPE_CHECKING:
    from pathlib import Path

ALGORITHM = "ES256"


def load_key(folder: Path) -> ECKey:
    """Return the key kept in `folder`, made at the first start and readable by its owner only.

    Raises Misconfigured where the file is there and is not a key.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "signing-key.json"
    if not path.exists():
        key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
        write_private(path, json.dumps(key.as_dict(private=True)))
    try:
        return ECKey.import_key(json.loads(path.read_text()))
    except ValueError as problem:
        raise Misconfigured(
            f"{path} is not a signing key; delete it to get a new one."
        ) from problem
