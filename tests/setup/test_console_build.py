"""The console is built when its sources changed, and a build that fails breaks nothing."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

VITE = """
import { readFileSync, writeFileSync } from "node:fs";
const text = readFileSync("src/main.ts", "utf8");
if (text.includes("broken")) { console.log("main.ts: this is broken"); process.exit(1); }
writeFileSync(`${process.argv[4]}/index.html`, text);
writeFileSync(`${process.argv[4]}/main.js`, text.repeat(500));
"""


@pytest.fixture
def tree(root: Path, tmp_path: Path) -> Path:
    """A checkout whose Vite copies one file."""
    web = tmp_path / "hub/console/web"
    (web / "src").mkdir(parents=True)
    (web / "src/main.ts").write_text("one")
    (web / "src/main.test.ts").write_text("")
    (web / "package.json").write_text('{"type": "module"}')
    (web / "package-lock.json").write_text("{}")
    (web / "node_modules/vite/bin").mkdir(parents=True)
    (web / "node_modules/vite/bin/vite.js").write_text(VITE)
    (web / "node_modules/.lock").write_text(hashlib.sha256(b"{}").hexdigest())
    (tmp_path / "hub/streams/pages").mkdir(parents=True)
    (tmp_path / "hub/streams/pages/player.js").write_text("")
    (tmp_path / "hatch_build.py").write_bytes((root / "hatch_build.py").read_bytes())
    return tmp_path


def build(tree: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, tree / "hatch_build.py"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/nowhere"},
    )


def test_it_is_built_once(tree: Path) -> None:
    assert build(tree).stdout == "The console is built\n"
    built = tree / "hub/console/built"
    assert (built / "index.html").read_text() == "one"
    assert {path.name for path in built.glob("main.js*")} == {
        "main.js",
        "main.js.gz",
        "main.js.zst",
    }
    (tree / "hub/console/web/src/main.test.ts").write_text("a test changed")
    (tree / "hub/console/web/node_modules/more").write_text("")
    assert build(tree).stdout == ""


@pytest.mark.parametrize("path", ["hub/console/web/src/main.ts", "hub/streams/pages/player.js"])
def test_it_is_built_again_when_sources_changed(tree: Path, path: str) -> None:
    build(tree)
    (tree / path).write_text("two")
    assert build(tree).stdout == "The console is built\n"


def test_a_build_that_fails_says_why_and_breaks_nothing(tree: Path) -> None:
    build(tree)
    (tree / "hub/console/web/src/main.ts").write_text("broken")
    done = build(tree)
    assert done.returncode == 1
    assert "vite failed" in done.stderr
    assert "main.ts: this is broken" in done.stderr
    assert (tree / "hub/console/built/index.html").read_text() == "one"
    assert {path.name for path in (tree / "hub/console").iterdir()} == {"built", "web"}
