"""Seals attached pictures (AES-256-GCM), so that a copy of the database shows none of them."""

import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.data import DataFolder
from hub.errors import StartError

_FILE = "keys/pictures.key"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class Unsealable(Exception):  # noqa: N818 - a state of the stored picture
    """A sealed picture was changed, or belongs to another key or another row."""


@dataclass(frozen=True, slots=True)
class Vault:
    """The key of attached pictures."""

    _cipher: AESGCM

    @classmethod
    def open(cls, folder: DataFolder) -> Self:
        """Read the key from the data folder, or make it if there is none.

        Raises:
            StartError: if the file is damaged.

        """
        with folder.changed():
            text = folder.read(_FILE)
            if text is None:
                text = base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()
                folder.write(_FILE, f"{text}\n")
        try:
            key = base64.b64decode(text.strip(), validate=True)
        except binascii.Error:
            key = b""
        if len(key) != _KEY_BYTES:
            raise StartError(f"{folder.path / _FILE} is damaged: it does not hold a key")
        return cls(AESGCM(key))

    def seal(self, data: bytes, name: str) -> bytes:
        """Return the bytes sealed under the name of their row."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, name.encode())

    def unseal(self, sealed: bytes, name: str) -> bytes:
        """Return what was sealed under this name.

        Raises:
            Unsealable: if it is not what this key sealed under this name.

        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], name.encode())
        except (InvalidTag, ValueError) as err:
            raise Unsealable(name) from err
