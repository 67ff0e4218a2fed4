"""`rtcc-hub verify-log`: what is done to a log is found, and where; what is well is not doubted."""

import hashlib
import json
import shutil
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub import cli
from hub.homes.authority import Authority
from hub.protocol.checkpoint import Checkpoint, Note, cosign, origin_of, sign_checkpoint
from hub.protocol.entries import Entry, EntryKind
from hub.protocol.keys import fingerprint, private_to_pem, to_jwk
from hub.protocol.merkle import EMPTY_ROOT, Tree, leaf_hash
from hub.protocol.proofs import Logged, bind
from hub.protocol.receipt import Receipt, sign_receipt
from hub.transparency import verify
from hub.transparency.cosigning import merge
from hub.transparency.database_copy import CopyError, entries_in
from tests.hub.transparency.histories import (
    BEGIN,
    KEY,
    SIGNER,
    Shown,
    execute,
    history,
    leaves,
    served,
)

COUNT = 12
ROOT = Path(__file__).parents[3]

type Run = Callable[..., tuple[int, str]]


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    return await history(tmp_path / "hub", COUNT)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: object) -> tuple[int, str]:
        status = verify.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out + captured.err

    return call


def entry_at(path: Path, index: int) -> Entry:
    return next(entry for at, entry in entries_in(path) if at == index)


def put(path: Path, index: int, entry: Entry, *, hashed: bool = True) -> None:
    """Write another entry over one, with its right hash or with that of the old one."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            'UPDATE log_entries SET data = ?, time = ? WHERE "index" = ?',
            (entry.data, entry.time.strftime("%Y-%m-%d %H:%M:%S.%f"), index),
        )
        if hashed:
            connection.execute(
                'UPDATE log_entries SET hash = ? WHERE "index" = ?', (entry.hash, index)
            )
        connection.commit()


def put_note(path: Path, size: int, note: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE log_checkpoints SET note = ? WHERE size = ?", (note, size))
        connection.commit()


def changed(entry: Entry, time: datetime | None = None, about: str = "other") -> Entry:
    return Entry(
        kind=entry.kind,
        time=time or entry.time,
        actor=entry.actor,
        outcome=entry.outcome,
        about={about: 1},
        salt=entry.salt,
    )


def test_a_good_log_adds_up(run: Run, database: Path) -> None:
    status, out = run("--database", database, "--key", KEY)
    assert (status, "It adds up." in out) == (0, True), out
    assert f"{COUNT} entries, from 2026-11-21T12:00:01.00Z to" in out


async def test_an_empty_log_adds_up(run: Run, tmp_path: Path) -> None:
    status, out = run("--database", await history(tmp_path / "new", 0), "--key", KEY)
    assert (status, "0 entries" in out) == (0, True), out


@pytest.mark.parametrize(
    ("statements", "first", "told"),
    [
        (["DELETE FROM log_entries WHERE \"index\" = 4"], 4, "it is missing"),
        (["DELETE FROM log_entries WHERE \"index\" IN (4, 5)"], 4, "up to entry 5"),
        (["DELETE FROM log_entries WHERE \"index\" = 0"], 0, "it is missing"),
        (["UPDATE log_entries SET data = replace(data, 'done', 'dine') WHERE \"index\" = 7"],
         7, "do not belong together"),
        (["UPDATE log_entries SET data = 'nonsense' WHERE \"index\" = 7"], 7, "no entry"),
        (["UPDATE log_entries SET data = CAST('nonsense' AS BLOB) WHERE \"index\" = 7"],
         7, "no entry"),
        (["UPDATE log_entries SET hash = zeroblob(32) WHERE \"index\" = 3"], 3, "hash"),
        (["UPDATE log_entries SET hash = 'text' WHERE \"index\" = 3"], 3, "hash"),
        (["UPDATE log_entries SET actor = 'officer-7' WHERE \"index\" = 3"], 3, "actor"),
        (["UPDATE log_entries SET home = 'h', kind = 'look' WHERE \"index\" = 3"],
         3, "kind, home"),
        (["UPDATE log_entries SET time = 'today' WHERE \"index\" = 3"], 3, "time"),
        (["DELETE FROM log_entries WHERE \"index\" >= 9"], 9, "cut off: 12 entries were signed"),
        (["DELETE FROM log_checkpoints WHERE size > 9"], 9, "only 9 of the 12"),
        (["DELETE FROM log_checkpoints"], 0, "only 0 of the 12"),
        (["UPDATE log_checkpoints SET note = replace(note, 'a', 'b') WHERE size = 5"],
         4, "the checkpoint of 5 entries"),
        (["UPDATE log_checkpoints SET note = (SELECT note FROM log_checkpoints WHERE size = 4) "
          "WHERE size = 5"], 4, "is one of 4"),
    ],
)  # fmt: skip
def test_what_is_done_to_a_database_is_found(
    run: Run, database: Path, statements: list[str], first: int, told: str
) -> None:
    execute(database, *statements)
    status, out = run("--database", database, "--key", KEY)
    assert status == 1, out
    assert told in out
    assert f"the first thing that is wrong is at entry {first}." in out


def test_changed_data_with_its_right_hash_is_found(run: Run, database: Path) -> None:
    put(database, 6, changed(entry_at(database, 6)))
    status, out = run("--database", database, "--key", KEY)
    assert status == 1
    assert "entry 6: what was signed is not what is here: an entry from 6 to 6 differs" in out


def test_reordered_rows_are_found(run: Run, database: Path) -> None:
    execute(
        database,
        'UPDATE log_entries SET "index" = 100 WHERE "index" = 4',
        'UPDATE log_entries SET "index" = 4 WHERE "index" = 5',
        'UPDATE log_entries SET "index" = 5 WHERE "index" = 100',
    )
    status, out = run("--database", database, "--key", KEY)
    assert status == 1
    assert "at entry 4." in out
    assert "entry 5: it is dated back" in out


def test_a_row_that_is_there_twice_is_found(run: Run, database: Path) -> None:
    execute(
        database,
        "CREATE TABLE copy AS SELECT * FROM log_entries",
        'INSERT INTO copy SELECT * FROM log_entries WHERE "index" = 3',
        "DROP TABLE log_entries",
        "ALTER TABLE copy RENAME TO log_entries",
    )
    status, out = run("--database", database, "--key", KEY)
    assert status == 1
    assert "entry 3: it is there twice" in out


def resign(path: Path, since: int, hashes: list[bytes]) -> None:
    """Sign the log anew from an entry on, as a hub can that rewrites its history."""
    tree = Tree(hashes)
    with closing(sqlite3.connect(path)) as connection:
        for size in range(since + 1, len(tree) + 1):
            checkpoint = Checkpoint(origin_of(SIGNER.kid), size, tree.root(size))
            connection.execute(
                "UPDATE log_checkpoints SET note = ? WHERE size = ?",
                (sign_checkpoint(SIGNER.key, checkpoint).text, size),
            )
        connection.commit()


def test_a_second_history_that_was_signed_is_found(run: Run, database: Path) -> None:
    """The hub signed another tree of eight entries, say for a home that it lied to."""
    other = Tree([*leaves(database)[:7], leaf_hash(b"the lie")])
    checkpoint = Checkpoint(origin_of(SIGNER.kid), 8, other.root())
    note = sign_checkpoint(SIGNER.key, checkpoint).text
    put_note(database, 8, note)
    status, out = run("--database", database, "--key", KEY)
    assert status == 1
    assert "entry 7: history was forked: another log of 8 entries was signed too" in out


def test_a_backdated_entry_is_found(run: Run, database: Path) -> None:
    entry = entry_at(database, 9)
    put(database, 9, changed(entry, entry.time - timedelta(hours=1)))
    resign(database, 9, leaves(database))
    status, out = run("--database", database, "--key", KEY)
    assert status == 1
    assert "entry 9: it is dated back: the one before it was written at" in out


def test_an_entry_that_a_witness_did_not_see_is_dated_back(run: Run, database: Path) -> None:
    """Its time is after that of the entry before: only the witness's signature shows it."""
    witness = Ed25519PrivateKey.generate()
    tree = Tree(leaves(database))
    note = sign_checkpoint(
        SIGNER.key, Checkpoint(origin_of(SIGNER.kid), COUNT - 1, tree.root(COUNT - 1))
    )
    arguments = (
        "--database", database, "--key", KEY,
        "--witness", f"clerk={to_jwk(witness.public_key())['x']}",
    )  # fmt: skip
    for seen, status, told in (
        (BEGIN + timedelta(seconds=COUNT), 0, "It adds up"),
        (BEGIN + timedelta(hours=9), 1, f"entry {COUNT - 1}: it is dated back: the witness clerk"),
        (BEGIN - timedelta(hours=9), 1, f"entry {COUNT - 2}: it is dated ahead"),
    ):
        line = cosign(witness, "clerk", note.checkpoint, seen)
        text = Note(note.checkpoint, (*note.signatures, line)).text
        put_note(database, COUNT - 1, text)
        found, out = run(*arguments)
        assert (found, told in out) == (status, True), out


STRANGER = Ed25519PrivateKey.from_private_bytes(b"\x12" * 32)
HYPHEN = "-eo96HBIW_PmNf0bEBbI9mQjWwb3R2daur9z6efrdx8"


@pytest.mark.parametrize("key", [to_jwk(STRANGER.public_key())["x"], HYPHEN])
def test_another_key_is_no_key(run: Run, database: Path, key: str) -> None:
    status, out = run("--database", database, f"--key={key}")
    assert status == 1
    assert "another log's" in out


def test_the_key_beside_a_database_is_used_with_a_note(run: Run, database: Path) -> None:
    assert run("--database", database)[0] == 2
    keys = database.parent / "keys"
    keys.mkdir(exist_ok=True)
    (keys / "hub.key").write_text(private_to_pem(SIGNER.key))
    status, out = run("--database", database)
    assert (status, "Note: the key is the one beside the database" in out) == (0, True), out
    (keys / "hub.key").write_text("nonsense")
    assert run("--database", database)[0] == 2


def test_a_log_that_continues_is_remembered_and_a_shorter_one_is_found(
    run: Run, database: Path, tmp_path: Path
) -> None:
    state, older = tmp_path / "seen.json", tmp_path / "older.db"
    shutil.copy(database, older)
    execute(
        older,
        'DELETE FROM log_entries WHERE "index" >= 10',
        "DELETE FROM log_checkpoints WHERE size > 10",
    )
    arguments = ("--key", KEY, "--state", state)
    assert run("--database", older, *arguments)[0] == 0
    assert run("--database", database, *arguments)[0] == 0
    before = state.read_text()
    status, out = run("--database", older, *arguments)
    assert status == 1
    assert "entry 10: the checkpoint that was seen before is of 12 entries" in out
    assert state.read_text() == before
    assert "entries" not in before
    assert (tmp_path / "seen.json.contradicts").exists()


def test_a_history_that_was_rewritten_and_signed_again_is_found_by_who_remembers(
    run: Run, database: Path, tmp_path: Path
) -> None:
    arguments = ("--database", database, "--key", KEY, "--state", tmp_path / "seen.json")
    assert run(*arguments)[0] == 0
    put(database, 6, changed(entry_at(database, 6)))
    resign(database, 6, leaves(database))
    assert run(*arguments[:4])[0] == 0
    status, out = run(*arguments)
    assert status == 1
    assert "history was forked: the checkpoint that was seen before" in out


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"checkpoint": "x", "seen": 5}'])
def test_a_damaged_memory_is_not_overwritten(
    run: Run, database: Path, tmp_path: Path, text: str
) -> None:
    state = tmp_path / "seen.json"
    state.write_text(text)
    status, out = run("--database", database, "--key", KEY, "--state", state)
    assert (status, state.read_text()) == (2, text), out


def test_another_logs_memory_is_not_taken(run: Run, database: Path, tmp_path: Path) -> None:
    other = bind(Tree([leaf_hash(b"x")]), Ed25519PrivateKey.generate(), "other").note.text
    state = tmp_path / "seen.json"
    state.write_text(json.dumps({"checkpoint": other, "seen": None}))
    status, out = run("--database", database, "--key", KEY, "--state", state)
    assert (status, "no checkpoint of this log" in out) == (2, True), out


def big_tree(size: int = 600) -> Tree:
    return Tree(leaf_hash(b"%d" % number) for number in range(size))


def test_the_public_tiles_add_up(run: Run, tmp_path: Path) -> None:
    shown, state = Shown(), tmp_path / "seen.json"
    with served(shown) as url:
        for size in (0, 1, 255, 256, 257, 600):
            shown.show(big_tree(size))
            status, out = run("--url", url, "--key", KEY, "--state", state)
            assert status == 0, out
            assert f"The public log has {size} entries." in out


def test_without_a_key_the_citys_word_is_taken_with_a_warning(run: Run) -> None:
    shown = Shown()
    shown.show(big_tree(3))
    told = fingerprint(SIGNER.kid)
    with served(shown) as url:
        assert run("--url", url)[0] == 2
        city = {"key": to_jwk(SIGNER.key.public_key())}
        shown.files["/api/v1/city"] = json.dumps(city).encode()
        status, out = run("--url", f"{url}/")
        assert (status, "the hub itself told its key" in out, told in out) == (0, True, True)
        for key in (told, origin_of(SIGNER.kid)):
            status, out = run("--url", url, "--key", key)
            assert (status, "told its key" in out) == (0, False), out
        status, out = run("--url", url, "--key", "0" * 20)
        assert (status, "another key" in out) == (2, True)
        for nonsense in (b"[", b"[]", b'{"key": 5}'):
            shown.files["/api/v1/city"] = nonsense
            assert run("--url", url)[0] == 2


def test_a_tampered_tile_is_found(run: Run) -> None:
    shown = Shown()
    with served(shown) as url:
        for path, at, told in (
            ("0/000", 40 * 32, "at entry 0."),
            ("0/001", 5 * 32, "at entry 256."),
            ("0/002.p/88", 0, "at entry 0."),
            ("1/000.p/2", 32, "at entry 256."),
        ):
            shown.show(big_tree())
            data = bytearray(shown.files[f"/log/tile/{path}"])
            data[at] ^= 1
            shown.files[f"/log/tile/{path}"] = bytes(data)
            status, out = run("--url", url, "--key", KEY)
            assert (status, told in out) == (1, True), (path, out)


def test_a_tile_that_is_missing_or_short_is_found(run: Run) -> None:
    shown = Shown()
    with served(shown) as url:
        shown.show(big_tree())
        shown.files["/log/tile/0/001"] = bytes(32)
        status, out = run("--url", url, "--key", KEY)
        assert (status, "has 32 bytes, not 8192" in out, "entry 256" in out) == (1, True, True)
        del shown.files["/log/tile/0/001"]
        status, out = run("--url", url, "--key", KEY)
        assert (status, "the hub has no tile 0/001" in out) == (1, True), out


def test_a_public_log_under_another_key_is_found(run: Run) -> None:
    shown = Shown()
    shown.show(big_tree(5), Ed25519PrivateKey.generate())
    with served(shown) as url:
        status, out = run("--url", url, "--key", KEY)
    assert (status, "signature is missing or wrong" in out) == (1, True), out


def test_a_forked_or_shortened_public_history_is_found(run: Run, tmp_path: Path) -> None:
    shown, state = Shown(), tmp_path / "seen.json"
    fork = Tree([leaf_hash(b"lie"), *big_tree(600).hashes(0, 1, 600)])
    with served(shown) as url:
        arguments = ("--url", url, "--key", KEY, "--state", state)
        shown.show(big_tree(300))
        assert run(*arguments)[0] == 0
        for tree, told in ((fork, "history was forked"), (big_tree(299), "was cut off")):
            shown.show(tree)
            status, out = run(*arguments)
            assert (status, told in out) == (1, True), out


def test_a_hubs_own_ca_is_trusted_by_its_file_or_its_fingerprint(
    run: Run, authority: Authority, now: datetime
) -> None:
    shown, tls = Shown(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.show(big_tree(300))
    shown.files["/api/v1/ca"] = authority.pem.encode()
    pair = authority.server(["127.0.0.1"], now)
    tls.load_cert_chain(pair.certificate, pair.key)
    pin = hashlib.sha256(authority.der).hexdigest()
    aloud = ":".join(pin[at : at + 2] for at in range(0, 64, 2)).upper()
    with served(shown, tls) as url:
        for ca, status, told in (
            (authority.ca_file, 0, "It adds up."),
            (f"sha256:{pin}", 0, "It adds up."),
            (f"sha256:{aloud}", 0, "It adds up."),
            (f"sha256:{pin[:-1]}", 2, f"another fingerprint: {pin}"),
        ):
            found, out = run("--url", url, "--key", KEY, "--ca", ca)
            assert (found, told in out) == (status, True), out
        found, out = run("--url", url, "--key", KEY)
        assert (found, "CERTIFICATE_VERIFY_FAILED" in out) == (2, True), out


def test_who_has_signed_beside_the_hub_is_told(run: Run) -> None:
    shown, clerk = Shown(), Ed25519PrivateKey.generate()
    shown.show(big_tree(3))
    note = Note.parse(shown.files["/log/checkpoint"].decode())
    line = cosign(clerk, "clerk", note.checkpoint, BEGIN)
    shown.files["/log/checkpoint"] = merge(note, (line,)).text.encode()
    key = to_jwk(clerk.public_key())["x"]
    with served(shown) as url:
        arguments = ("--witness", f"clerk={key}", "--witness", f"press={KEY}")
        status, out = run("--url", url, "--key", KEY, *arguments)
    assert status == 0
    assert "The witness clerk saw it at 2026-11-21T12:00:00.00Z." in out
    assert "The witness press has not signed this checkpoint (yet)." in out


def test_who_is_told_to_come_again_does_and_not_for_ever(run: Run) -> None:
    shown = Shown()
    shown.show(big_tree(300))
    with served(shown) as url:
        for many, status in ((10, 0), (11, 2)):
            shown.too_many = many
            found, out = run("--url", url, "--key", KEY)
            assert (found, shown.too_many) == (status, 0), out


def test_a_hub_that_answers_too_much_is_not_listened_to(run: Run) -> None:
    shown = Shown()
    shown.show(big_tree(1))
    shown.files["/log/checkpoint"] = bytes(10_000)
    with served(shown) as url:
        status, out = run("--url", url, "--key", KEY)
    assert (status, "answers with too much" in out) == (2, True), out


def test_a_state_that_cannot_be_written_is_told(
    run: Run, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    state = tmp_path / "seen.json"
    arguments = ("--database", database, "--key", KEY, "--state", state)
    assert run(*arguments)[0] == 0
    before = state.read_text()
    monkeypatch.setattr("os.fsync", full)
    status, out = run(*arguments)
    assert (status, "No space left" in out) == (2, True), out
    assert state.read_text() == before
    assert [path.name for path in tmp_path.iterdir() if "seen" in path.name] == [state.name]


def test_a_database_is_compared_with_the_public_log(run: Run, database: Path) -> None:
    shown, all_leaves = Shown(), leaves(database)
    with served(shown) as url:
        arguments = ("--database", database, "--url", url, "--key", KEY)
        for size in (COUNT, COUNT - 3):
            shown.show(Tree(all_leaves[:size]))
            assert run(*arguments)[0] == 0
        shown.show(Tree([*all_leaves[:8], leaf_hash(b"lie"), *all_leaves[9:]]))
        status, out = run(*arguments)
    assert (status, "entry 8: the database holds another entry" in out) == (1, True), out


def test_what_was_seen_in_public_shows_who_dates_back(
    run: Run, database: Path, tmp_path: Path
) -> None:
    """The entries say 2026-11-21 12:00: seen before, the last of them was not there yet."""
    shown, state = Shown(), tmp_path / "seen.json"
    shown.show(Tree(leaves(database)[: COUNT - 1]))
    note = shown.files["/log/checkpoint"].decode()
    arguments = ("--database", database, "--key", KEY, "--state", state)
    state.write_text(
        json.dumps({"checkpoint": note, "seen": (BEGIN + timedelta(hours=1)).isoformat()})
    )
    status, out = run(*arguments)
    assert (status, f"entry {COUNT - 1}: it is dated back: this command" in out) == (1, True), out


def proof_of(path: Path, index: int) -> Logged:
    tree = Tree(leaves(path))
    book = bind(tree, SIGNER.key, SIGNER.kid)
    return book.logged(entry_at(path, index), index, 0)


def receipt_of(logged: Logged) -> str:
    return sign_receipt(
        SIGNER,
        Receipt(
            id="r1", hub=SIGNER.kid, home="home", camera="cam", look="look", outcome="delivered",
            seconds=1, issued=BEGIN, log=logged,
        ),
    )  # fmt: skip


def test_what_one_holds_is_found_in_the_log(run: Run, database: Path, tmp_path: Path) -> None:
    logged = proof_of(database, 5)
    text, file = logged.proof.entry.data.decode(), tmp_path / "held"
    page = {"entries": [{"index": 4, "entry": entry_at(database, 4).data.decode()}], "next": None}
    for content, count in (
        (text, 1),
        (f"{text}\n\n{text}\n", 2),
        (json.dumps(logged.claims()), 1),
        (f"{json.dumps(logged.claims())}\n{receipt_of(logged)}\n", 2),
        (json.dumps([receipt_of(logged), page]), 2),
        (logged.advance.checkpoint, 1),
    ):
        file.write_text(content)
        status, out = run("--database", database, "--key", KEY, "--entries", file)
        assert status == 0, out
        assert f"Compared with {count} things that you hold." in out


def test_an_entry_that_is_not_in_the_log_is_found(run: Run, database: Path, tmp_path: Path) -> None:
    file, logged = tmp_path / "held", proof_of(database, 5)
    missing = changed(logged.proof.entry)
    for content, told in (
        (missing.data.decode(), "this entry is not in the database"),
        (json.dumps({"entry": logged.proof.entry.data.decode(), "index": 6}), "should be entry 6"),
        (json.dumps(logged.claims() | {"checkpoint": "nonsense"}), "checkpoint"),
    ):
        file.write_text(content)
        status, out = run("--database", database, "--key", KEY, "--entries", file)
        assert (status, told in out) == (1, True), out


def test_a_checkpoint_that_one_holds_finds_a_log_that_was_cut(
    run: Run, database: Path, tmp_path: Path
) -> None:
    file = tmp_path / "held"
    file.write_text(receipt_of(proof_of(database, 5)))
    execute(
        database,
        'DELETE FROM log_entries WHERE "index" >= 8',
        "DELETE FROM log_checkpoints WHERE size > 8",
    )
    assert run("--database", database, "--key", KEY)[0] == 0
    status, out = run("--database", database, "--key", KEY, "--entries", file)
    assert (status, "the log was cut off" in out) == (1, True), out


@pytest.mark.parametrize(
    "content", ["", "nonsense", "a.b.c", '{"entry', "{}", '"x"', "[" * 50_000, '{"log": 5}',
                '{"about": 1.5, "actor": 1, "home": 1, "kind": 1, "outcome": 1, "role": 1, '
                '"salt": 1, "time": 1}'],
)  # fmt: skip
def test_what_holds_nothing_is_said_so(
    run: Run, database: Path, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "held"
    file.write_text(content)
    status, out = run("--database", database, "--key", KEY, "--entries", file)
    assert (status, out.startswith("Not checked: ")) == (2, True), out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--database", "nowhere.db", "--key", KEY],
        ["--database", __file__, "--key", KEY],
        ["--url", "nonsense", "--key", KEY],
        ["--url", "http://127.0.0.1:1", "--key", KEY],
        ["--url", "https://127.0.0.1:1", "--key", KEY, "--ca", "nowhere.pem"],
        ["--url", "https://127.0.0.1:1", "--key", KEY, "--ca", __file__],
        ["--url", "https://127.0.0.1:1", "--key", KEY, "--ca", "sha256:00"],
        ["--database", __file__, "--key", "short"],
        ["--database", __file__, "--key", "!" * 43],
        ["--database", __file__, "--key", KEY, "--witness", "x"],
        ["--database", __file__, "--key", KEY, "--witness", "x=y"],
        ["--database", __file__, "--key", KEY, "--entries", "nowhere"],
    ],
)
def test_what_cannot_be_checked_is_said_in_one_line(run: Run, arguments: list[str]) -> None:
    status, out = run(*arguments)
    assert status == 2
    assert out.splitlines()[-1].startswith("Not checked: ")


@pytest.mark.parametrize(
    "statements",
    [
        (
            "CREATE TABLE copy AS SELECT * FROM log_entries",
            "UPDATE copy SET \"index\" = 'x' WHERE rowid = 1",
            "DROP TABLE log_entries",
            "ALTER TABLE copy RENAME TO log_entries",
        ),
        (
            "CREATE TABLE copy AS SELECT * FROM log_checkpoints",
            "UPDATE copy SET size = 'x' WHERE rowid = 1",
            "DROP TABLE log_checkpoints",
            "ALTER TABLE copy RENAME TO log_checkpoints",
        ),
    ],
)
def test_an_index_that_is_no_number_cannot_be_checked(
    run: Run, database: Path, statements: tuple[str, ...]
) -> None:
    execute(database, *statements)
    status, out = run("--database", database, "--key", KEY)
    assert (status, "cannot be read as a hub's database" in out) == (2, True), out


def test_many_findings_are_counted(run: Run, database: Path) -> None:
    execute(database, "UPDATE log_entries SET hash = zeroblob(32), actor = 'x'")
    status, out = run("--database", database, "--key", KEY)
    assert (status, "... and 4 more." in out) == (1, True), out


def test_entries_of_a_copy_can_be_read_by_others(database: Path) -> None:
    found = list(entries_in(database))
    assert [index for index, _ in found] == list(range(COUNT))
    assert {entry.kind for _, entry in found} == {EntryKind.EXPORT}
    with pytest.raises(CopyError, match="no file"):
        list(entries_in(database.with_name("nowhere")))


def test_it_needs_only_the_standard_library_and_the_protocol(
    database: Path, tmp_path: Path
) -> None:
    package = tmp_path / "alone" / "hub"
    (package / "transparency").mkdir(parents=True)
    shutil.copytree(ROOT / "hub" / "protocol", package / "protocol")
    shutil.copy(ROOT / "hub" / "__init__.py", package)
    for name in (
        "__init__", "audit", "database_copy", "holdings", "public_log", "remembered", "tiles",
        "trust", "verify",
    ):  # fmt: skip
        shutil.copy(ROOT / "hub" / "transparency" / f"{name}.py", package / "transparency")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from hub.transparency.verify import main\n"
        "status = main(sys.argv[2:])\n"
        "extra = {'sqlalchemy', 'aiohttp', 'msgspec', 'hub.store', 'hub.errors'}\n"
        "sys.exit(9 if extra & sys.modules.keys() else status)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(package.parent), "--database", str(database),
         "--key", KEY],
        capture_output=True, text=True, check=False, timeout=60, cwd="/",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "It adds up." in done.stdout


def test_the_command_checks_the_data_folders_own_log(
    database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["--data", str(database.parent), "verify-log", "--key", KEY]) == 0
    assert "It adds up." in capsys.readouterr().out


def test_an_empty_trees_root_is_that_of_the_standard() -> None:
    assert Tree().root() == EMPTY_ROOT
