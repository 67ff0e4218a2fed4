"""Names that several modules share."""

from datetime import timedelta
from typing import Final

DOMAIN: Final = "jackson_rtcc"
SUBENTRY_CAMERA: Final = "camera"
EVENT_LOOK: Final = "jackson_rtcc_look"
ATTR_INCIDENT_NAME: Final = "incident_name"
ATTR_LOOK: Final = "look_id"

CONF_CITY: Final = "city"
CONF_HOME: Final = "home"
CONF_ACCEPTED_BY: Final = "accepted_by"

GRANT_LIFE: Final = timedelta(hours=1)
GRANT_AHEAD: Final = timedelta(minutes=15)
