"""Live cameras as GeoJSON (RFC 7946), the way every part of the API shows them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from hub.grants.cameras import Near
from hub.protocol.vocabulary import Gate, Scope, Site, Still

type Degrees = Annotated[float, msgspec.Meta(description="Decimal degrees, WGS 84")]


class PointGeometry(msgspec.Struct, frozen=True):
    """A place: longitude, latitude."""

    coordinates: tuple[Degrees, Degrees]
    type: Literal["Point"] = "Point"


class CameraProperties(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the owner tells of a camera, and how far it is from the asked place."""

    camera: str
    name: str
    site: Site
    scopes: list[Scope]
    gate: Gate
    accuracy_m: int
    distance_m: float
    live: bool
    still: Still
    starts: datetime
    ends: datetime
    bearing: int | None = None
    fov: int | None = None


class CameraFeature(msgspec.Struct, frozen=True):
    """One live camera."""

    geometry: PointGeometry
    properties: CameraProperties
    type: Literal["Feature"] = "Feature"


class CameraCollection(msgspec.Struct, frozen=True):
    """Live cameras, nearest first."""

    features: list[CameraFeature]
    type: Literal["FeatureCollection"] = "FeatureCollection"


def collection(near: Sequence[Near]) -> CameraCollection:
    """Return the live cameras as a GeoJSON feature collection."""
    return CameraCollection([_feature(one) for one in near])


def _feature(near: Near) -> CameraFeature:
    grant, view = near.grant, near.grant.view
    return CameraFeature(
        PointGeometry((view.place.lon, view.place.lat)),
        CameraProperties(
            camera=grant.camera,
            name=grant.name,
            site=grant.site,
            scopes=sorted(grant.scopes),
            gate=grant.gate,
            accuracy_m=view.accuracy_m,
            distance_m=round(near.distance_m, 1),
            live=grant.live,
            still=grant.still,
            starts=grant.starts,
            ends=grant.ends,
            bearing=view.bearing,
            fov=view.fov,
        ),
    )
