"""The JSON API: what the dashboard's script speaks, and scripts of others; described by `/api/openapi.json`."""

from sesstim_caldav.web.api import bookings, examine, free, live, mine, occupation, openapi, people, rooms, undo
from sesstim_caldav.web.api.access import api

__all__ = ["api", "bookings", "examine", "free", "live", "mine", "occupation", "openapi", "people", "rooms", "undo"]
