"""What Google Maps may load into our pages, where there is a key for it."""

from __future__ import annotations

from typing import Final

# What Google lists for the Maps JavaScript API, vector maps and their workers included:
# developers.google.com/maps/documentation/javascript/content-security-policy
# Styles may be inline already, which Google's are; its scripts come from this one host.
MAPS: Final = {
    "script-src": "https://maps.googleapis.com blob:",
    "style-src": "https://fonts.googleapis.com",
    "img-src": "https://*.googleapis.com https://*.gstatic.com https://*.google.com "
    "https://*.googleusercontent.com",
    "font-src": "https://fonts.gstatic.com",
    "connect-src": "https://*.googleapis.com https://*.gstatic.com https://*.google.com "
    "data: blob:",
    "frame-src": "https://*.google.com",
    "worker-src": "blob:",
}
