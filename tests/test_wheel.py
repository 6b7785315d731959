"""What is shipped: the wheel holds all that the program needs, away from the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from kana_tui import __version__

CHECKOUT: Final = Path(__file__).parents[1]
PIP: Final = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def run(*arguments: str | Path, folder: Path) -> str:
    """Standard output of a command that must succeed, run in `folder`, isolated from this one."""
    done = subprocess.run(
        arguments, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, *PIP, "wheel", "--no-deps", "-w", folder, CHECKOUT, folder=folder)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in an environment that holds it and what it declares to need."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=True, symlinks=True)
    pins = CHECKOUT / "requirements-dev.lock"
    run(folder / "bin" / "python", *PIP, "install", "-c", pins, wheel, folder=folder)
    return folder / "bin" / "kana-tui"


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_styles_and_migrations_are_inside_the_package(wheel: Path) -> None:
    shipped = contents(wheel)
    styles = {f"kana_tui/styles/{file.name}" for file in (CHECKOUT / "styles").iterdir()}
    versions = (CHECKOUT / "kana_tui" / "store" / "migrations" / "versions").glob("*.py")
    migrations = {str(file.relative_to(CHECKOUT)) for file in versions}
    assert styles
    assert migrations
    assert styles | migrations | {"kana_tui/py.typed"} <= shipped


def test_every_module_is_inside_and_nothing_else_is(wheel: Path) -> None:
    modules = {str(file.relative_to(CHECKOUT)) for file in (CHECKOUT / "kana_tui").rglob("*.py")}
    shipped = contents(wheel)
    assert modules <= shipped
    assert {name.partition("/")[0] for name in shipped} == {
        "kana_tui",
        f"kana_tui-{__version__}.dist-info",
    }


def test_the_installed_program_tells_its_version(installed: Path, tmp_path: Path) -> None:
    assert run(installed, "--version", folder=tmp_path).split()[-1] == __version__


def test_the_installed_demo_runs_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    told = run(installed, "demo", "--headless", "--seconds", "5", folder=tmp_path)
    status: dict[str, Any] = json.loads(told)
    assert len(status["mailboxes"]) == 6
    assert status["ledger"]["difference"] == 0
    assert {node["version"] for node in status["nodes"]} == {__version__}
