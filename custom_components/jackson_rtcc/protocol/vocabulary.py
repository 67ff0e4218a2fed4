"""The closed lists of words that the wire knows (DESIGN.md section 3)."""

from enum import StrEnum


class Scope(StrEnum):
    """What a look may take."""

    SNAPSHOT = "snapshot"
    STREAM = "stream"
    CLIP = "clip"


class Gate(StrEnum):
    """When a camera may be looked through."""

    INCIDENT = "incident"
    ALWAYS = "always"


class Site(StrEnum):
    """What kind of place a camera belongs to."""

    HOME = "home"
    BUSINESS = "business"
    CITY = "city"
    HOSPITAL = "hospital"
    PARK = "park"
    SCHOOL = "school"
    WORSHIP = "worship"


class Still(StrEnum):
    """What a snapshot of this camera really is."""

    LIVE = "live"
    LAST = "last"
    NONE = "none"


class Role(StrEnum):
    """What an operator may do."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Outcome(StrEnum):
    """How a home answered a request."""

    OK = "ok"
    REFUSED = "refused"
    FAILED = "failed"
