"""Sends what comes bit by bit, until it ends, the other side is gone, or the hub stops."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping

from aiohttp import web

_LOGGER = logging.getLogger(__name__)
_LAST_WORDS_S = 1.0
STUCK_S = 30.0
"""Who takes nothing for so long is gone, whatever the network believes."""


class Streaming:
    """The answers that are being sent bit by bit."""

    def __init__(self) -> None:
        """Start with none."""
        self._under_way: set[asyncio.Task[None]] = set()

    async def send(
        self,
        request: web.Request,
        parts: AsyncGenerator[bytes],
        media: str,
        headers: Mapping[str, str],
        status: int = 200,
    ) -> web.StreamResponse:
        """Answer with the parts, each as soon as it is there."""
        response = web.StreamResponse(status=status, headers=headers)
        response.content_type = media
        # Some proxies would keep the parts together.
        response.headers["X-Accel-Buffering"] = "no"
        await response.prepare(request)
        task = asyncio.create_task(_send(request, response, parts), name=f"stream {request.path}")
        self._under_way.add(task)
        try:
            # `wait` does not pass a cancellation on to the task, and does not raise what it raises.
            await asyncio.wait({task})
        finally:
            self._under_way.discard(task)
            if not task.done():
                task.cancel()
        return response

    async def end(self, _app: web.Application) -> None:
        """Let what is under way end by itself for a moment, and then end it."""
        if not self._under_way:
            return
        _, left = await asyncio.wait(self._under_way, timeout=_LAST_WORDS_S)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _send(
    request: web.Request, response: web.StreamResponse, parts: AsyncGenerator[bytes]
) -> None:
    try:
        async for part in parts:
            async with asyncio.timeout(STUCK_S):
                await response.write(part)
    except TimeoutError:
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        # Whoever listened is gone; there is nobody to tell.
        return
    except Exception:
        # Too late for a problem: the answer has begun. Whoever listens shall see that it is torn.
        _LOGGER.exception("An answer broke off")
        if request.transport is not None:
            request.transport.close()
    finally:
        await parts.aclose()
