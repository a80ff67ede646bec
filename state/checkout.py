"""Placing the order: where it goes, whom to ask, and the one button."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from uuid import UUID, uuid4

import reflex as rx
from reflex.event import EventSpec

from app.config import settings
from app.errors import AppError, BadInput
from app.models.accounts import Permission
from app.services import ordering
from app.views.accounts import Viewer
from app.views.ordering import AddressForm, AddressView
from app.views.pickup import PickupChoice
from state.base import in_reading, in_work
from state.guard import requires
from state.session import signed_in

# What is chosen where no saved address is.
NEW_ADDRESS = "new"


class CheckoutState(rx.State):
    """The form below the basket. What was typed stays in the browser's fields until it is sent."""

    is_ready: bool = False
    addresses: tuple[AddressView, ...] = ()
    ship_to: str = NEW_ADDRESS
    suggestion: AddressForm = AddressForm("", "", "", "", "")
    contact: str = ""
    # Goes out with the form and comes back with it: a form that is sent twice is one order.
    request_key: str = ""
    # Where the parts of suppliers are picked up, by the supplier's id; others are delivered.
    pickups: dict[str, PickupChoice] = {}  # noqa: RUF012 - Reflex copies a default for each visitor
    errors: dict[str, str] = {}  # noqa: RUF012 - Reflex copies a default for each visitor
    problem: str = ""
    is_placing: bool = False

    @rx.event
    @requires(Permission.ORDER_PLACE)
    async def open(self) -> None:
        """Prepare a fresh form; an `on_load` handler of the basket."""
        person = signed_in()
        saved = await in_reading(
            ordering.addresses, person_id=person.person_id, locale=person.locale
        )
        self.addresses = saved
        self.ship_to = saved[0].id if saved else NEW_ADDRESS
        self.suggestion = _suggestion(person)
        self.contact = f"{person.name}, {person.email}"
        self.request_key = str(uuid4())
        self.pickups = {}
        self.errors, self.problem = {}, ""
        self.is_placing = False
        self.is_ready = True

    @rx.event
    @requires(Permission.ORDER_PLACE)
    def choose_address(self, address: str) -> None:
        """Send the order to a saved address, or to one that is typed."""
        self.ship_to = address
        self.errors, self.problem = {}, ""

    @rx.event
    @requires(Permission.ORDER_PLACE)
    def deliver(self, supplier_id: int) -> None:
        """Have a supplier's part delivered and not picked up."""
        chosen = str(supplier_id)
        self.pickups = {key: store for key, store in self.pickups.items() if key != chosen}
        self.errors, self.problem = {}, ""

    @rx.event
    @requires(Permission.ORDER_PLACE)
    async def forget_address(self, address_id: UUID) -> AsyncGenerator[EventSpec, None]:
        """Drop a saved address."""
        person = signed_in()
        try:
            await in_work(
                ordering.remove_address, person_id=person.person_id, address_id=address_id
            )
        except AppError as problem:
            yield rx.toast.error(problem.sentence)
        self.addresses = await in_reading(
            ordering.addresses, person_id=person.person_id, locale=person.locale
        )
        if self.ship_to == str(address_id):
            self.ship_to = self.addresses[0].id if self.addresses else NEW_ADDRESS

    @rx.event
    @requires(Permission.ORDER_PLACE)
    async def submit(self, form: dict[str, str | None]) -> AsyncGenerator[EventSpec | None, None]:
        """Place the order and go to its page; otherwise say beside the field what to mend.

        Of the fields for a new address the browser says None where a saved one is chosen.
        """
        self.errors, self.problem, self.is_placing = {}, "", True
        yield None
        try:
            placed = await in_work(
                ordering.place_order,
                buyer=signed_in(),
                request_key=_key(form.get("request_key") or ""),
                ship_to=_destination(self.ship_to, form),
                pickups={int(key): store.store_id for key, store in self.pickups.items()},
                contact=form.get("contact") or "",
                reference=form.get("reference") or "",
                note=form.get("note") or "",
            )
        except BadInput as problem:
            if problem.field:
                self.errors = {problem.field: problem.sentence}
                field = json.dumps(problem.field)
                yield rx.call_script(f"document.getElementById({field})?.focus()")
            else:
                self.problem = problem.sentence
        except AppError as problem:
            self.problem = problem.sentence
        else:
            yield rx.redirect(f"/orders/{placed.number}")
        finally:
            self.is_placing = False


def town_of(checkout: CheckoutState) -> str:
    """Return the town and country of the address that is chosen, or proposed; "" for none."""
    chosen = next((one for one in checkout.addresses if one.id == checkout.ship_to), None)
    if chosen is not None:
        return f"{chosen.city}, {chosen.country_name}"
    return checkout.suggestion.city


def _suggestion(person: Viewer) -> AddressForm:
    """Return what a new address starts with; for a trial all of it, so that one can order."""
    if settings().uses_development_services:
        return AddressForm(person.name, "Kirkkokatu 12", "90100", "Oulu", "FI")
    return AddressForm(person.name, "", "", "", "")


def _key(word: str) -> UUID:
    try:
        return UUID(word)
    except ValueError:
        raise BadInput("This form is too old; load the page again.") from None


def _destination(chosen: str, form: dict[str, str | None]) -> AddressForm | UUID:
    if chosen != NEW_ADDRESS:
        return _key(chosen)
    return AddressForm(
        recipient=form.get("recipient") or "",
        street=form.get("street") or "",
        postcode=form.get("postcode") or "",
        city=form.get("city") or "",
        country=form.get("country") or "",
    )
