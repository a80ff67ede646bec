"""Times in the reader's own zone and locale, which only the browser knows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import reflex as rx
from reflex_base.utils.imports import ImportDict
from reflex_base.vars.base import Var

from components.ui.classes import classes

Shown = Literal["ago", "time", "day", "moment"]

# Relative times grow old while one looks at them, so they are written anew now and then.
_CLOCK = """
const CLOCK_STEPS = [[60, 1, "s"], [3600, 60, "min"], [86400, 3600, "h"], [604800, 86400, "d"]];
function sayAgo(date, now) {
  const seconds = Math.round((now - date.getTime()) / 1000), far = Math.abs(seconds);
  if (far < 5) return "now";
  const step = CLOCK_STEPS.find(([below]) => far < below);
  if (!step) return date.toLocaleDateString(undefined, {dateStyle: "medium"});
  const figure = Math.floor(far / step[1]) + "\\u00a0" + step[2];
  return seconds > 0 ? figure + " ago" : "in " + figure;
}
function sayTime(date, now) {
  const isToday = date.toDateString() === new Date(now).toDateString();
  if (isToday) return date.toLocaleTimeString(undefined, {timeStyle: "medium"});
  const time = date.toLocaleTimeString(undefined, {timeStyle: "short"});
  return date.toLocaleDateString(undefined, {day: "numeric", month: "short"}) + ", " + time;
}
function Clock({at, shown, className}) {
  const [now, look] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => look(Date.now()), 10000);
    return () => clearInterval(timer);
  }, []);
  const date = new Date(String(at ?? "").replace(" ", "T"));
  if (isNaN(date)) return null;
  const text = shown === "ago" ? sayAgo(date, now)
    : shown === "day" ? date.toLocaleDateString(undefined, {dateStyle: "medium"})
    : shown === "moment" ? date.toLocaleString(undefined, {dateStyle: "medium", timeStyle: "short"})
    : sayTime(date, now);
  const title = date.toLocaleString(undefined, {dateStyle: "full", timeStyle: "long"});
  return jsx("time", {className, title, dateTime: date.toISOString()}, text);
}
"""


class _Clock(rx.Component):
    """The `<time>` element, written by the browser."""

    tag = "Clock"

    at: Var[datetime | str | None]
    shown: Var[str]

    def add_imports(self) -> ImportDict:
        """Import what the clock is made of."""
        return {
            "react": [rx.ImportVar(tag="useEffect"), rx.ImportVar(tag="useState")],
            "@emotion/react": [rx.ImportVar(tag="jsx")],
        }

    def add_custom_code(self) -> list[str]:
        """Define the clock once per page."""
        return [_CLOCK]


def clock(at: Any, shown: Shown = "ago", **props: Any) -> rx.Component:
    """Return an aware UTC time as the reader's clock says it; the exact one stands in its title.

    `at` is a Var of a datetime or of ISO 8601 text; an empty one shows nothing. `shown` is `ago`
    ("6 min ago", "in 9 min", older than a week the date), `time` (of today, else with its day),
    `day`, or `moment` (day and time).
    """
    return _Clock.create(
        at=at, shown=shown, class_name=classes("moment", props.pop("class_name", "")), **props
    )
