"""`script/demo` as a person runs it: the story, a second run, Ctrl-C, and nothing left behind."""

import asyncio
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from pathlib import Path

import pytest

from demo.waiting import until

pytestmark = pytest.mark.timeout(240)

LIMIT = 120.0
STORY = [
    r"hub is up: https://\S+, key [0-9a-f ]+",
    r"Home Assistant is up: http://\S+",
    r"camera added to Home Assistant: camera\.demo_camera",
    r"enrolled by Home Assistant's config flow",
    r"grant arrived: the hub's API shows 'Demo camera'",
    r"incident opened: Robbery DEMO-\d+",
    r"snapshot taken in .*: \d+ bytes of JPEG, saved as (\S+)",
    r"the public access log adds up, checked from outside",
    r"the owner reads of it: officer-\w+, DEMO-\d+, entry \d+",
    r"the owner turned switch\.demo_camera_sharing off",
    r"grant gone from the hub's API \d+ ms after the tap",
    r"next look refused: 404 camera-unavailable: ",
    r"grant back \d+ ms after the tap",
]


async def _demo(
    root: Path, data: Path, *arguments: str, stdin: int = DEVNULL
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(str(root / "script/demo"), "--data", str(data), *arguments),
        cwd=data.parent,
        stdin=stdin,
        stdout=PIPE,
        stderr=STDOUT,
        start_new_session=True,
    )


async def test_the_story_twice(root: Path, tmp_path: Path, mosquitto: Path) -> None:
    data = tmp_path / "demo"

    first = await _demo(root, data, "--once", "--homes", "3")
    async with asyncio.timeout(LIMIT):
        output, _ = await first.communicate()
    text = output.decode()
    assert first.returncode == 0, text
    place = 0
    for line in (*STORY, r"3 simulated homes are connected .*SIMULATED"):
        found = re.compile(line).search(text, place)
        assert found, f"{line} is missing (or too early) in:\n{text}"
        place = found.end()
        if found.groups():
            assert _is_jpeg(Path(found[1]))
    await until(lambda: _nothing_left(data), "the first run left processes", 10)

    second = await _demo(root, data, "--homes", "3", stdin=PIPE)
    assert second.stdout is not None
    assert second.stdin is not None
    lines: list[str] = []

    async def heard(pattern: str) -> str:
        while not lines or not re.search(pattern, lines[-1]):
            line = await second.stdout.readline()
            assert line, "".join(lines)
            lines.append(line.decode())
        return lines[-1]

    async with asyncio.timeout(LIMIT):
        await heard(r"camera\.demo_street shared")
        first_link = await heard(r"https://\S+/link#[\w-]{43}")
        await heard("Ctrl-C  ends everything")
        second.stdin.write(b"\n")
        await heard(r"CAD-\d{6}-\d{3} at 32\.\d{4}, -90\.\d{4}")
        second.stdin.write(b"l\n")
        assert await heard(r"https://\S+/link#[\w-]{43}") != first_link
        second.send_signal(signal.SIGINT)
        rest = await second.stdout.read()
        status = await second.wait()
    assert status == 0, rest.decode()
    assert "enrolled with Jackson in an earlier run" in "".join(lines)
    assert "curl --cacert" in "".join(lines)
    await until(lambda: _nothing_left(data), "Ctrl-C left processes", 10)


async def test_a_killed_demo_leaves_nothing(root: Path, tmp_path: Path, mosquitto: Path) -> None:
    """Not even kill -9 leaves a hub, a broker, a camera or a Home Assistant behind."""
    data = tmp_path / "demo"
    demo = await _demo(root, data, "--once")
    assert demo.stdout is not None
    async with asyncio.timeout(LIMIT):
        while b"hub is up" not in await demo.stdout.readline():
            assert demo.returncode is None
    demo.kill()
    await demo.wait()

    await until(lambda: _nothing_left(data), "kill -9 left processes", 20)


async def test_a_folder_of_something_else_is_not_touched(root: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/to my aunt").write_text("Dear aunt")

    demo = await _demo(root, tmp_path / "letters", "--once", "--fresh")
    async with asyncio.timeout(LIMIT):
        output, _ = await demo.communicate()

    assert demo.returncode == 1
    assert "demo failed: " in output.decode()
    assert "Traceback" not in output.decode()
    assert [file.name for file in (tmp_path / "letters").iterdir()] == ["to my aunt"]


def _is_jpeg(file: Path) -> bool:
    return file.read_bytes().startswith(b"\xff\xd8")


async def _nothing_left(data: Path) -> bool:
    return not any(_names(process, data) for process in _processes())


def _processes() -> list[Path]:
    return [one for one in Path("/proc").iterdir() if one.name.isdigit()]


def _names(process: Path, data: Path) -> bool:
    try:
        return bytes(data) in (process / "cmdline").read_bytes()
    except OSError:
        return False
