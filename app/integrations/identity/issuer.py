"""What is known of the provider: its metadata, its keys, and which tokens are really its own."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from app.errors import Unavailable
from app.integrations.identity.bounded import AWAY, fetch

# Asymmetric ones only: with HS256 a client secret would be enough to forge a person.
ALGORITHMS: Final = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
# How long metadata and keys are believed; a key that was withdrawn counts no longer than that.
KEPT_SECONDS: Final = 3600
# Whoever sends tokens with made-up key ids must not make us ask the provider each time.
ASK_AGAIN_SECONDS: Final = 30
LONGEST_TOKEN: Final = 64 * 1024
NEEDED: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")

log = logging.getLogger(__name__)


class Issuer:
    """One provider. Its metadata and its keys are kept for an hour.

    Keys are read again when a token names an unknown one, every half minute at most.
    """

    def __init__(self, address: str) -> None:
        """Speak to the issuer at `address`; a slash at its end is all that may differ."""
        self._address = address.rstrip("/")
        self._metadata: dict[str, Any] = {}
        self._metadata_until = 0.0
        self._keys = KeySet([])
        self._keys_until = 0.0
        self._ask_again_at = 0.0

    async def metadata(self) -> dict[str, Any]:
        """Return the provider's metadata, checked to be the issuer's own.

        Raises Unavailable where the provider does not answer as it should.
        """
        if time.monotonic() < self._metadata_until:
            return self._metadata
        known = await fetch(f"{self._address}/.well-known/openid-configuration")
        if str(known.get("issuer", "")).rstrip("/") != self._address:
            log.error("The provider at %s calls itself %s", self._address, known.get("issuer"))
            raise Unavailable(
                "The sign-in service is not the one this program is set up for. Tell your "
                "administrator."
            )
        if missing := [name for name in NEEDED if not isinstance(known.get(name), str)]:
            log.error("The provider's metadata lacks %s", ", ".join(missing))
            raise Unavailable(AWAY)
        self._metadata = known
        self._metadata_until = time.monotonic() + KEPT_SECONDS
        return known

    async def decode(self, raw: str) -> jwt.Token:
        """Return a token that one of the provider's keys has signed; its claims are unchecked.

        Raises JoseError or ValueError for any other text, Unavailable where the keys are not
        to be had.
        """
        if len(raw) > LONGEST_TOKEN:
            raise ValueError(f"the token is longer than {LONGEST_TOKEN} characters")
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        if time.monotonic() >= self._keys_until:
            await self._read_keys()
        try:
            return jwt.decode(raw, self._keys, registry=registry)
        except InvalidKeyIdError:
            # Signed with a key that was not there when the keys were last read.
            if time.monotonic() < self._ask_again_at:
                raise
            self._ask_again_at = time.monotonic() + ASK_AGAIN_SECONDS
            await self._read_keys()
            return jwt.decode(raw, self._keys, registry=registry)

    async def _read_keys(self) -> None:
        content = await fetch((await self.metadata())["jwks_uri"])
        self._keys = _usable(content.get("keys"))
        self._keys_until = time.monotonic() + KEPT_SECONDS


def _usable(keys: object) -> KeySet:
    """Return the keys that can be read: a provider may list kinds that we do not know.

    Raises Unavailable where there is none.
    """
    found: list[Any] = []
    for key in keys if isinstance(keys, list) else []:
        try:
            found += KeySet.import_key_set({"keys": [key]}).keys
        except (JoseError, ValueError, TypeError, KeyError):
            log.warning("The provider lists a key that cannot be read")
    if not found:
        raise Unavailable(AWAY)
    return KeySet(found)
