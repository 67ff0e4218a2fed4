"""The last picture of each camera that was handed over, in files that only Home Assistant reads."""

import asyncio
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.file import WriteError, write_utf8_file

from .const import DOMAIN
from .protocol.reply import Picture

_SUFFIX = ".jpg"


class HandedOver:
    """Keeps one picture of each camera; a file's time is when the picture was received."""

    def __init__(self, hass: HomeAssistant, folder: Path, at: dict[str, datetime]) -> None:
        """Take what is in the folder."""
        self._hass = hass
        self._folder = folder
        self._at = at
        self._unwritten: dict[str, Picture] = {}
        self._turn = asyncio.Lock()

    def at(self, camera: str) -> datetime | None:
        """Return when the picture was received that is kept of a camera."""
        return self._at.get(camera)

    async def picture(self, camera: str) -> bytes | None:
        """Return the picture that is kept of a camera."""
        async with self._turn:
            if unwritten := self._unwritten.get(camera):
                return unwritten.data
            return await self._hass.async_add_executor_job(_read, self._path(camera))

    @callback
    def keep(self, camera: str, picture: Picture) -> None:
        """Keep this picture, and forget the one before."""
        self._at[camera] = picture.received
        self._unwritten[camera] = picture
        self._hass.async_create_task(self._write(camera), f"{DOMAIN} keeps a picture")

    async def forget(self, camera: str) -> None:
        """Delete the picture of a camera."""
        self._at.pop(camera, None)
        self._unwritten.pop(camera, None)
        async with self._turn:
            await self._hass.async_add_executor_job(_delete, self._path(camera))

    async def close(self) -> None:
        """Return when everything is written."""
        for camera in list(self._unwritten):
            await self._write(camera)

    async def _write(self, camera: str) -> None:
        async with self._turn:
            if (picture := self._unwritten.get(camera)) is None:
                # A later picture was written in its place, or the camera has left.
                return
            try:
                await self._hass.async_add_executor_job(_write, self._path(camera), picture)
            except WriteError:
                # Home Assistant has logged it; until a restart the picture is in memory.
                return
            if self._unwritten.get(camera) is picture:
                del self._unwritten[camera]

    def _path(self, camera: str) -> Path:
        return self._folder / f"{camera}{_SUFFIX}"


async def load(hass: HomeAssistant, entry_id: str, cameras: set[str]) -> HandedOver:
    """Return what was kept of these cameras; what was kept of any other is deleted."""
    folder = _folder(hass, entry_id)
    return HandedOver(hass, folder, await hass.async_add_executor_job(_find, folder, cameras))


async def destroy(hass: HomeAssistant, entry_id: str) -> None:
    """Delete every picture of a home."""
    await hass.async_add_executor_job(shutil.rmtree, _folder(hass, entry_id), True)


def _folder(hass: HomeAssistant, entry_id: str) -> Path:
    return Path(hass.config.path(STORAGE_DIR, f"{DOMAIN}.{entry_id}.pictures"))


def _find(folder: Path, cameras: set[str]) -> dict[str, datetime]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = {}
    for path in folder.iterdir():
        if path.suffix == _SUFFIX and path.stem in cameras:
            found[path.stem] = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        else:
            path.unlink()
    return found


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _write(path: Path, picture: Picture) -> None:
    write_utf8_file(str(path), picture.data, private=True, mode="wb")
    received = picture.received.timestamp()
    os.utime(path, (received, received))


def _delete(path: Path) -> None:
    path.unlink(missing_ok=True)
