"""``python -m synth data NAME``: download a data set from its official address, verify it, and lay it out."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import tyro
from rich.console import Console
from rich.table import Table

from synth.counted import counted
from synth.data.sets.data_root import data_root
from synth.data.sources.download import Unreachable, download, sha256, verify
from synth.data.sources.sources import SOURCES, Archive, Package, Place, Source, find
from synth.data.sources.unpack import unpack
from synth.files import writing

ARCHIVES = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz")
ABOUT = "source.json"

console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
say = console.print


def fetch(
    name: tyro.conf.Positional[str] = "",
    out: Path | None = None,
    from_: Annotated[Path | None, tyro.conf.arg(name="from")] = None,
) -> int:
    """Download a data set and lay it out; without a name, list the sets.

    Args:
        name: the set, for example facades.
        out: the folder of all sets; the set goes to OUT/NAME, downloads stay in OUT/downloads/NAME.
            By default $SYNTH_DATA or data.
        from_: a folder or an archive that you already have, instead of a download.
    """
    if not name:
        say(_overview())
        return 0
    out = out or data_root()
    source, target = find(name), out / name
    if target.exists():
        if not (target / ABOUT).exists():
            raise ValueError(
                f"{target} exists and was not made by this command. Move it away, or choose another --out."
            )
        say(f"{target} is there already. To make it again, delete it first.")
        return 0
    work = out / f".{name}.unfinished"
    shutil.rmtree(work, ignore_errors=True)  # left by an interrupted run
    try:
        with writing(target, below=out):
            downloads = out / "downloads" / name
            counts, about = _from_disk(source, from_, work) if from_ else _from_web(source, downloads, work)
            about = {"set": source.title, "licence": source.licence, **about, "pairs": counts}
            text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
            (work / "pairs" / ABOUT).write_text(text, encoding="utf-8")
            os.replace(work / "pairs", target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    say(
        f"{target}: {', '.join(counted(n, f'{split} pair') for split, n in counts.items())}. Licence: {source.licence}."
    )
    return 0


def _overview() -> Table:
    table = Table("name", "contents", "folders", "licence", title="Data sets for python -m synth data NAME")
    for source in SOURCES.values():
        table.add_row(source.name, f"{source.title}. {source.note}", source.folders, source.licence)
    return table


def _from_web(source: Source, downloads: Path, work: Path) -> tuple[dict[str, int], dict]:
    """Try the places in order; return the number of pairs per split and the place that was used."""
    if source.note:
        say(source.note)
    problems = []
    for place in source.places:
        say(f"Downloading {source.name} from {place.title} …")
        try:
            files = [_get(part, downloads) for part in place.parts]
        except Unreachable as problem:
            say(f"  {problem}")
            problems.append(str(problem))
            continue
        for file, part in zip(files, place.parts, strict=True):
            if not part.sha256:
                say(f"  No checksum of {file.name} is published: that of this download is kept in {file.name}.sha256.")
            unpack(file, work / "tree" / _stem(file))
        counts = _arrange(source, [place], work)
        return counts, {"from": place.title, "files": {file.name: sha256(file) for file in files}}
    raise ValueError(
        f"{source.name} could not be downloaded. Download {_by_hand(source)} another way, for example with a "
        f"browser, and run: python -m synth data {source.name} --from THE_FILE_OR_ITS_FOLDER"
    )


def _from_disk(source: Source, origin: Path, work: Path) -> tuple[dict[str, int], dict]:
    """Use a finished set, an unpacked tree, an archive, or a folder with the archives of one of the places."""
    if not origin.exists():
        raise ValueError(f"There is no file or folder {origin}.")
    known = {part.file: part for place in source.places for part in place.parts}
    files = [origin] if origin.is_file() else _archives(origin, source)
    for file in files:
        if (part := known.get(file.name)) and part.sha256 and sha256(file) != part.sha256:
            raise ValueError(f"{file} does not have the expected checksum of {source.name}. Download it again.")
        say(f"Unpacking {file.name} …")
        unpack(file, work / "tree" / _stem(file))
    tree = work / "tree" if files else origin
    return _arrange(source, list(source.places), work, tree), {
        "from": str(origin),
        "files": {file.name: sha256(file) for file in files},
    }


def _archives(folder: Path, source: Source) -> list[Path]:
    """Return the archives in a folder: those of a complete place, else any if there are no subfolders."""
    for place in source.places:
        files = [folder / part.file for part in place.parts]
        if all(file.is_file() for file in files):
            return files
    inside = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
    archives = [path for path in inside if path.is_file() and path.name.lower().endswith(ARCHIVES)]
    return [] if any(path.is_dir() for path in inside) else archives


def _arrange(source: Source, places: list[Place], work: Path, tree: Path | None = None) -> dict[str, int]:
    say("Laying out the pairs …")
    tree = tree or work / "tree"
    for arrange in dict.fromkeys((source.finished, *(place.arrange for place in places))):
        with console.status("This can take a minute or two for emoji"):
            counts = arrange(tree, work / "pairs")
        if counts:
            return counts
    raise ValueError(
        f"This does not look like {source.name}: expected two folders ({source.folders}) with the same file "
        f"names, or the content of {_by_hand(source)}."
    )


def _get(part: Archive | Package, folder: Path) -> Path:
    return download(part, folder) if isinstance(part, Archive) else npm_pack(part, folder)


def npm_pack(package: Package, folder: Path) -> Path:
    """Return a package's file in ``folder``, downloaded by the npm client if missing. Raises ``Unreachable``."""
    known = Archive(package.file, (), package.sha256)
    target = folder / package.file
    if not target.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Unreachable("npm is not installed.")
        folder.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", package.spec, "--json", "--pack-destination", str(folder.resolve())]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=900, cwd=folder)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unreachable(f"npm did not finish ({error}).") from error
        if done.returncode:
            raise Unreachable(f"npm could not get {package.spec} ({_npm_error(done)}).")
        file = folder / json.loads(done.stdout)[0]["filename"].replace("@", "").replace("/", "-")
        if file != target:
            os.replace(file, target)
    verify(target, known)
    return target


def _npm_error(done: subprocess.CompletedProcess[str]) -> str:
    try:
        return str(json.loads(done.stdout)["error"]["summary"]).splitlines()[0]
    except (ValueError, KeyError, TypeError, IndexError):
        lines = [line for line in done.stderr.splitlines() if "error" in line.lower()]
        return lines[0] if lines else f"exit code {done.returncode}"


def _by_hand(source: Source) -> str:
    """Return the addresses that can be downloaded with a browser, as text."""
    groups = [[part.addresses[0] for part in p.parts if isinstance(part, Archive)] for p in source.places]
    return ", or ".join(" and ".join(group) for group in groups if group)


def _stem(file: Path) -> str:
    name = file.name
    for suffix in (".tar.gz", ".tar.bz2", ".tar.xz", *ARCHIVES):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return name
