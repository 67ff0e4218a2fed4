"""The seal of attached pictures: one key, one place for each, nothing to read without it."""

import pytest

from hub.data import DataFolder
from hub.errors import StartError
from hub.pictures.vault import Unsealable, Vault


def test_what_is_sealed_is_unsealed_after_a_restart(folder: DataFolder) -> None:
    sealed = Vault.open(folder).seal(b"a picture", "1")
    assert b"a picture" not in sealed
    assert Vault.open(folder).unseal(sealed, "1") == b"a picture"


def test_the_key_is_private(folder: DataFolder) -> None:
    Vault.open(folder)
    assert (folder.path / "keys/pictures.key").stat().st_mode & 0o777 == 0o600


def test_the_same_picture_is_sealed_differently_each_time(folder: DataFolder) -> None:
    vault = Vault.open(folder)
    assert vault.seal(b"a picture", "1") != vault.seal(b"a picture", "1")


def test_rows_cannot_be_exchanged(folder: DataFolder) -> None:
    vault = Vault.open(folder)
    with pytest.raises(Unsealable):
        vault.unseal(vault.seal(b"a picture", "1"), "2")


@pytest.mark.parametrize("at", [0, 12, -1])
def test_a_changed_byte_is_found(folder: DataFolder, at: int) -> None:
    vault = Vault.open(folder)
    sealed = bytearray(vault.seal(b"a picture", "1"))
    sealed[at] ^= 1
    with pytest.raises(Unsealable):
        vault.unseal(bytes(sealed), "1")


def test_a_torn_row_is_found(folder: DataFolder) -> None:
    with pytest.raises(Unsealable):
        Vault.open(folder).unseal(b"short", "1")


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ="])
def test_a_damaged_key_stops_the_start(folder: DataFolder, text: str) -> None:
    folder.write("keys/pictures.key", text)
    with pytest.raises(StartError, match=r"pictures\.key is damaged"):
        Vault.open(folder)
