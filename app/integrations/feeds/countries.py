"""About where countries lie: enough to tell that a store's two coordinates are swapped.

Whole degrees, rounded outwards, of all land that has shops. A country that is not here, or one
that lies on both sides of the 180th meridian, proves nothing.
"""

from __future__ import annotations

from typing import Final

# South, north, west, east.
_BOXES: Final[dict[str, tuple[int, int, int, int]]] = {
    "AE": (22, 27, 51, 57), "AL": (39, 43, 19, 22), "AR": (-56, -21, -74, -53),
    "AT": (46, 50, 9, 18), "BA": (42, 46, 15, 20), "BD": (20, 27, 88, 93),
    "BE": (49, 52, 2, 7), "BG": (41, 45, 22, 29), "BR": (-34, 6, -74, -28),
    "BY": (51, 57, 23, 33), "CA": (41, 84, -142, -52), "CH": (45, 48, 5, 11),
    "CL": (-56, -17, -110, -66), "CN": (18, 54, 73, 135), "CO": (-5, 14, -82, -66),
    "CY": (34, 36, 32, 35), "CZ": (48, 52, 12, 19), "DE": (47, 56, 5, 16),
    "DK": (54, 58, 8, 16), "DZ": (18, 38, -9, 12), "EE": (57, 60, 21, 29),
    "EG": (21, 32, 24, 37), "ES": (27, 44, -19, 5), "FI": (59, 71, 19, 32),
    "FR": (41, 52, -6, 10), "GB": (49, 61, -9, 2), "GE": (41, 44, 39, 47),
    "GR": (34, 42, 19, 30), "HK": (22, 23, 113, 115), "HR": (42, 47, 13, 20),
    "HU": (45, 49, 16, 23), "ID": (-11, 6, 95, 142), "IE": (51, 56, -11, -5),
    "IL": (29, 34, 34, 36), "IN": (6, 36, 68, 98), "IS": (63, 67, -25, -13),
    "IT": (35, 48, 6, 19), "JP": (24, 46, 122, 146), "KE": (-5, 6, 33, 42),
    "KR": (33, 39, 124, 132), "KZ": (40, 56, 46, 88), "LT": (53, 57, 20, 27),
    "LU": (49, 51, 5, 7), "LV": (55, 59, 20, 29), "MA": (20, 36, -18, 0),
    "MD": (45, 49, 26, 31), "ME": (41, 44, 18, 21), "MK": (40, 43, 20, 24),
    "MT": (35, 37, 14, 15), "MX": (14, 33, -119, -86), "MY": (0, 8, 99, 120),
    "NG": (4, 14, 2, 15), "NL": (50, 54, 3, 8), "NO": (57, 82, 4, 32),
    "PE": (-19, 1, -82, -68), "PH": (4, 22, 116, 127), "PK": (23, 38, 60, 78),
    "PL": (48, 55, 14, 25), "PT": (30, 43, -32, -6), "RO": (43, 49, 20, 30),
    "RS": (41, 47, 18, 24), "SA": (16, 33, 34, 56), "SE": (55, 70, 10, 25),
    "SG": (1, 2, 103, 105), "SI": (45, 47, 13, 17), "SK": (47, 50, 16, 23),
    "TH": (5, 21, 97, 106), "TR": (35, 43, 25, 45), "TW": (21, 27, 116, 123),
    "UA": (44, 53, 22, 41), "US": (17, 72, -180, -64), "VN": (8, 24, 102, 110),
    "ZA": (-35, -22, 16, 33),
}  # fmt: skip
# Holds no point.
_NOWHERE: Final = (1, 0, 1, 0)


def box_of(country: str) -> tuple[int, int, int, int] | None:
    """Return the south, north, west and east of a country, None where it is not known here."""
    return _BOXES.get(country)


def is_within(country: str, latitude: float, longitude: float) -> bool:
    """Tell whether a point is about in a country; False where the country is not known here."""
    south, north, west, east = _BOXES.get(country, _NOWHERE)
    return south <= latitude <= north and west <= longitude <= east
