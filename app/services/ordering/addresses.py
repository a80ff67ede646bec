"""Where a person's orders go."""

from __future__ import annotations

from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, cast
from uuid import UUID

from babel import Locale
from babel.core import UnknownLocaleError
from sqlalchemy import bindparam, insert, select, update
from sqlmodel import col

from app.errors import BadInput, NotFound
from app.models.accounts import Address
from app.models.columns import now
from app.services.ordering.wording import one_line
from app.views.ordering import AddressForm, AddressView, Country

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.work import Work

NAME_LIMIT = 120
STREET_LIMIT = 200
POSTCODE_LIMIT = 20
CITY_LIMIT = 120
SAVED_LIMIT = 50

# Territories of Babel's list that are groups, or stand for no place.
_NOT_A_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@lru_cache(maxsize=32)
def countries(locale: str = "en") -> tuple[Country, ...]:
    """Return the countries one may ship to, sorted by their names in `locale`."""
    try:
        known = Locale.parse(locale.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        known = Locale("en").territories
    territories = cast("Mapping[str, str]", known)
    found = [
        Country(code=code, name=name)
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NOT_A_COUNTRY  # noqa: PLR2004 - alpha-2
    ]
    return tuple(sorted(found, key=lambda country: country.name))


@lru_cache(maxsize=32)
def _names(locale: str) -> dict[str, str]:
    return {country.code: country.name for country in countries(locale)}


def country_name(code: str, locale: str = "en") -> str:
    """Return the name of a country, or its code where it has none."""
    return _names(locale).get(code, code)


def checked(form: AddressForm) -> AddressForm:
    """Return the address as it may be kept. Raises BadInput with what to mend."""
    country = form.country.strip().upper()
    if country not in _names("en"):
        raise BadInput("Choose the country the order goes to.", field="country")
    return AddressForm(
        recipient=one_line(form.recipient, field="recipient", limit=NAME_LIMIT, required=True),
        street=one_line(form.street, field="street", limit=STREET_LIMIT, required=True),
        postcode=one_line(form.postcode, field="postcode", limit=POSTCODE_LIMIT),
        city=one_line(form.city, field="city", limit=CITY_LIMIT, required=True),
        country=country,
    )


# A basket is locked while one of these runs, so that no address is saved twice.
_USE_AGAIN = (
    update(Address)
    .where(
        col(Address.person_id) == bindparam("owner"),
        col(Address.recipient) == bindparam("its_recipient"),
        col(Address.street) == bindparam("its_street"),
        col(Address.postcode) == bindparam("its_postcode"),
        col(Address.city) == bindparam("its_city"),
        col(Address.country) == bindparam("its_country"),
    )
    .values(used_at=bindparam("now"))
)
_USE = (
    update(Address)
    .where(col(Address.person_id) == bindparam("owner"), col(Address.id) == bindparam("address_id"))
    .values(used_at=bindparam("now"))
    .returning(
        col(Address.recipient),
        col(Address.street),
        col(Address.postcode),
        col(Address.city),
        col(Address.country),
    )
)
_SAVE = insert(Address)


def keep_address(work: Work, *, person_id: UUID, form: AddressForm) -> None:
    """Save a checked address for the next order, or mark the same one as used again."""
    fields = asdict(form)
    its = {f"its_{name}": value for name, value in fields.items()}
    again = {"owner": person_id, "now": now(), **its}
    if not work.session.connection().execute(_USE_AGAIN, again).rowcount:
        work.session.connection().execute(_SAVE, {"person_id": person_id, **fields})


def use_address(work: Work, *, person_id: UUID, address_id: UUID) -> AddressForm:
    """Return a saved address, marked as used. Raises NotFound for anybody else's."""
    wanted = {"owner": person_id, "address_id": address_id, "now": now()}
    found = work.session.connection().execute(_USE, wanted).first()
    if found is None:
        raise NotFound("This address is not saved any more; choose another or type it.")
    return AddressForm(*found)


def remove_address(work: Work, *, person_id: UUID, address_id: UUID) -> None:
    """Forget a saved address; orders keep their copy. Raises NotFound for anybody else's."""
    found = work.session.scalar(
        select(Address).where(col(Address.id) == address_id, col(Address.person_id) == person_id)
    )
    if found is None:
        raise NotFound("This address is not saved any more.")
    work.session.delete(found)


def addresses(work: Work, *, person_id: UUID, locale: str = "en") -> tuple[AddressView, ...]:
    """Return the person's saved addresses, the one used last first."""
    rows = work.session.scalars(
        select(Address)
        .where(col(Address.person_id) == person_id)
        .order_by(col(Address.used_at).desc())
        .limit(SAVED_LIMIT)
    )
    return tuple(
        AddressView(
            id=str(row.id),
            recipient=row.recipient,
            street=row.street,
            postcode=row.postcode,
            city=row.city,
            country=row.country,
            country_name=country_name(row.country, locale),
        )
        for row in rows
    )
