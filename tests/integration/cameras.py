"""Camera entities for tests, whose behaviour a test sets."""

import asyncio
from collections.abc import Callable
from io import BytesIO
from typing import Any, Self

from homeassistant.components.camera import Camera, CameraEntityFeature, CameraWebRTCProvider
from homeassistant.core import callback
from PIL import Image


def jpeg(size: tuple[int, int] = (64, 48), colour: str = "navy", **options: Any) -> bytes:
    """Return a JPEG."""
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **options)
    return out.getvalue()


PICTURE = jpeg()


class FakeCamera(Camera):
    """A camera that returns, or raises, what it is told."""

    _attr_should_poll = False

    def __init__(self, name: str = "Porch", unique_id: str | None = "porch") -> None:
        super().__init__()
        self._attr_name = name
        self._attr_unique_id = unique_id
        self.image: bytes | Exception | None = PICTURE
        self.hold: asyncio.Event | None = None
        self.asked = asyncio.Event()
        self.times = 0
        self.before: Callable[[], None] | None = None

    def again(self) -> Self:
        """Return what its integration makes of it after a reload."""
        return type(self)(str(self._attr_name), self._attr_unique_id)

    async def stream_source(self) -> str:
        return "rtsp://camera.test"

    async def async_camera_image(
        self,
        width: int | None = None,  # noqa: ARG002
        height: int | None = None,  # noqa: ARG002
    ) -> bytes | None:
        self.times += 1
        self.asked.set()
        if self.hold is not None:
            await self.hold.wait()
        if isinstance(self.image, Exception):
            raise self.image
        return self.image


class LiveOnlyCamera(FakeCamera):
    """A camera with WebRTC of its own and a placeholder for a still, as Nest's newer ones."""

    _attr_supported_features = CameraEntityFeature.STREAM

    async def async_handle_async_webrtc_offer(self, *_: Any) -> None:
        raise NotImplementedError


class Provider(CameraWebRTCProvider):
    """Offers WebRTC for every camera that has a stream, as go2rtc does."""

    @property
    def domain(self) -> str:
        return "provider"

    @callback
    def async_is_supported(self, stream_source: str) -> bool:  # noqa: ARG002
        return True

    async def async_handle_async_webrtc_offer(self, *_: Any) -> None:
        raise NotImplementedError

    async def async_on_webrtc_candidate(self, *_: Any) -> None:
        raise NotImplementedError
