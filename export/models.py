"""``python -m synth models``: list published checkpoints; ``get NAME`` downloads one and makes it a graph."""

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import tyro

from export.foreign import convert
from export.runtime import cache
from synth.data.sources.download import Unreachable, download, sha256
from synth.data.sources.unpack import unpack
from synth.importers.published import MODELS, Family, Published, find

DOWNLOADS = "models"
"""Folder of the downloaded checkpoints, in the cache."""
LARGEST = 4 * 2**30
"""Largest unpacked size in bytes of an archive of checkpoints: over ten times that of the largest listed one."""


def models(
    action: tyro.conf.Positional[str] = "",
    name: tyro.conf.Positional[str] = "",
    out: Path = Path("weights"),
    from_: Annotated[Path | None, tyro.conf.arg(name="from")] = None,
) -> int:
    """List published checkpoints, or download one and convert it to a graph, which the app shows as a tab's model.

    Args:
        action: get, to download one; nothing, to list them.
        name: the published checkpoint, for example eccv16.
        out: folder of graphs; the app lists what it holds.
        from_: the checkpoint, or the archive that holds it, if you have it already.
    """
    if not action:
        print(_overview())
        return 0
    if action != "get":
        raise ValueError(f"{action!r} is not an action. To download a model: python -m synth models get NAME")
    if not name:
        raise ValueError("Which one? Write: python -m synth models get NAME; all names: python -m synth models")
    get(find(name), out, from_)
    return 0


def get(model: Published, out: Path, given: Path | None = None) -> None:
    """Write the graph of a published checkpoint to ``out``; ``given`` is its file or archive, instead of a download.

    Raises ``ValueError`` if it cannot be downloaded, is not what was published, or holds no network that is known.
    """
    target = out / f"{model.name}.onnx"
    if target.exists():
        print(f"{target} is there already. To make it again, delete it first.")
        return
    print(f"{model.name}: {model.does}. {model.family.paper}, https://github.com/{model.family.code}")
    print(f"Licence: {model.licence}.")
    file = _given(model, given) if given else _downloaded(model)
    try:
        with _checkpoint(model, file) as checkpoint:
            convert(checkpoint, model.name, out=out, facts=model.facts())
    except ValueError as error:
        again = "" if given else f" To download it again, delete {file} and {file.name}.sha256 beside it first."
        raise ValueError(f"{error}{again}") from error
    shown = shlex.join(["python", "app.py", *(["--weights", str(out)] if out != Path("weights") else [])])
    print(f"Next: {shown} shows it in {' and '.join(tab.capitalize() for tab in model.tabs)}.")


def _downloaded(model: Published) -> Path:
    """Return the downloaded file of a checkpoint."""
    folder = cache(DOWNLOADS)
    print(f"Downloading {model.archive.addresses[0]} to {folder}")
    new = not (folder / f"{model.archive.file}.sha256").exists()
    try:
        file = download(model.archive, folder, elsewhere="$SYNTH_CACHE")
    except Unreachable as error:
        raise ValueError(
            f"{error} Check the connection, or download it with a browser and run: "
            f"python -m synth models get {model.name} --from FILE"
        ) from error
    if new and not model.archive.sha256:
        print(f"No checksum of it is published: that of this download is kept in {file.name}.sha256.")
    return file


def _given(model: Published, file: Path) -> Path:
    """Return the user's ``file`` if it can be the published one. Raises ``ValueError`` if it has another checksum."""
    if not file.is_file():
        raise ValueError(f"There is no file {file}. Check the path.")
    if not (digest := sha256(file)).startswith(model.archive.sha256):
        raise ValueError(
            f"{file} is not the published {model.name}: its SHA-256 begins with {digest[:8]}, that of the published "
            f"file with {model.archive.sha256[:8]}. Download it again."
        )
    return file


@contextmanager
def _checkpoint(model: Published, file: Path) -> Iterator[Path]:
    """Yield the checkpoint: the file itself, or the member of an archive, unpacked for as long as the block runs."""
    if not model.member or file.suffix == ".pth":
        yield file
        return
    folder = Path(tempfile.mkdtemp(prefix="synth-models-"))
    try:
        unpack(file, folder, LARGEST)
        found = [path for path in sorted(folder.rglob("*.pth")) if f"/{path.as_posix()}".endswith(f"/{model.member}")]
        if len(found) != 1:
            raise ValueError(f"{file} does not hold {model.member}. Its publisher may have changed it.")
        yield found[0]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _overview() -> str:
    """Return the list of all published checkpoints, family by family."""
    families: dict[Family, list[Published]] = {}
    for model in MODELS:
        families.setdefault(model.family, []).append(model)
    lines = [
        "Published checkpoints. synth holds none of them: python -m synth models get NAME downloads one, checks it,",
        "and converts it to a model of a tab. Where no SHA-256 is given, none is published; no sizes are, either.",
    ]
    for family, members in families.items():
        lines += ["", f"{family.paper}, https://github.com/{family.code}", f"Licence: {family.licence}"]
        for model in members:
            tabs = ", ".join(tab.capitalize() for tab in model.tabs)
            digits = f" (SHA-256 begins {model.archive.sha256})" if model.archive.sha256 else ""
            lines += [f"  {model.name}: {model.does}. {tabs}. Trained on {model.data}."]
            lines += [f"    {model.archive.addresses[0]}{digits}"]
    return "\n".join(lines)
