"""Where a person's orders go."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, cast
from uuid import UUID

from babel import Locale
from babel.core import UnknownLocaleError
from sqlalchemy import select
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


def keep_address(work: Work, *, person_id: UUID, form: AddressForm) -> Address:
    """Save a checked address for the next order, or mark the same one as used again."""
    same = work.session.scalar(
        select(Address).where(
            col(Address.person_id) == person_id,
            col(Address.recipient) == form.recipient,
            col(Address.street) == form.street,
            col(Address.postcode) == form.postcode,
            col(Address.city) == form.city,
            col(Address.country) == form.country,
        )
    )
    if same is None:
        same = Address(
            person_id=person_id,
            recipient=form.recipient,
            street=form.street,
            postcode=form.postcode,
            city=form.city,
            country=form.country,
        )
        work.session.add(same)
    same.used_at = now()
    return same


def own_address(work: Work, *, person_id: UUID, address_id: UUID) -> Address:
    """Return a saved address of the person. Raises NotFound for anybody else's."""
    found = work.session.scalar(
        select(Address).where(col(Address.id) == address_id, col(Address.person_id) == person_id)
    )
    if found is None:
        raise NotFound("This address is not saved any more; choose another or type it.")
    return found


def remove_address(work: Work, *, person_id: UUID, address_id: UUID) -> None:
    """Forget a saved address; orders keep their copy. Raises NotFound for anybody else's."""
    work.session.delete(own_address(work, person_id=person_id, address_id=address_id))


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
