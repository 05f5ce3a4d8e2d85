"""Deployment to Hugging Face Spaces: ``python -m synth deploy --space OWNER/NAME``.

What is uploaded is the app, or the page that needs no server. ``--folder`` writes the same files to a folder instead.
"""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synth.card import MEASURED
from synth.files import filling, is_unfinished

ROOT = Path(__file__).parent.parent
SHIPPED = (
    *("README.md", "LICENSE", "requirements.txt", "packages.txt", "app.py"),
    *("synth/__init__.py", "synth/card.py", "synth/counted.py", "synth/files.py", "synth/metric.py"),
    *("synth/pixels/", "synth/runtime/", "synth/app/", "weights/"),
)
"""Files that the app needs, and folders (ending in a slash) of which everything is included. No training code."""
TABLES = f"weights/{MEASURED}/"  # cards without graphs, for the result tables only
KINDS = frozenset((".py", ".js", ".html", ".css", ".svg", ".md", ".txt", ".json", ".onnx", ".jpg", ".png", ".webp"))
"""Suffixes of the files that are uploaded from those folders; checkpoints, caches and data sets are not."""
BINARY = (".onnx", ".jpg", ".png", ".webp", ".wasm", ".gz")
ATTRIBUTES = ".gitattributes"
SECRET = "SYNTH_AUTH"  # the variable that app.py reads
REQUIREMENTS = "requirements.txt"
PINS = ROOT / "constraints.txt"
RUNTIME = "onnxruntime-gpu"

Files = dict[str, Path | bytes]
"""Files of a Space by their name there: a local path, or the content of a generated file."""


def deploy(
    *,
    space: str = "",
    folder: Path | None = None,
    dry_run: bool = False,
    static: bool = False,
    private: bool = False,
    hardware: str | None = None,
    auth: str | None = None,
    weights: Path = ROOT / "weights",
) -> int:
    """Create or update a Space: upload the files it needs and delete all its other files.

    Args:
        space: OWNER/NAME on Hugging Face; log in first with `hf auth login`, or set HF_TOKEN.
        folder: write the files to this new or empty folder instead of uploading them.
        dry_run: only print the files and their sizes; the network is not used.
        static: instead of the app, upload the page whose graphs run in the user's browser; hosting is free.
        private: make a new Space visible to its owner only.
        hardware: hardware of a new Space, such as cpu-basic or t4-small; a GPU adds the CUDA libraries.
        auth: USER:PASSWORD that users must enter; stored as a secret of the Space.
        weights: the folder of graphs.
    """
    _check(space, static, hardware, auth, folder)
    with tempfile.TemporaryDirectory() as temporary:
        files = page(Path(temporary), weights) if static else app(weights, hardware)
        print("\n".join(listing(files)))
        if dry_run:
            return 0
        if folder:
            lay_out(files, folder)
            print(f"{folder} holds the files of the Space.")
            return 0
        print(push(space, files, "static" if static else "gradio", private, hardware, auth))
    return 0


def app(weights: Path, hardware: str | None = None) -> Files:
    """Return the files of the app, with the graphs in ``weights``.

    Raises ``ValueError`` outside a checkout, or if there is no graph.
    """
    if not (ROOT / "app.py").is_file():
        raise ValueError("Only a checkout of synth can be deployed: app.py is not beside the package.")
    if not any(weights.glob("*.onnx")):
        raise ValueError(
            f"There are no graphs in {weights}. Train and export one, or name another folder: --weights DIR"
        )
    files: Files = dict(_found(weights)) | {REQUIREMENTS: requirements(hardware)}
    return _declared(files)


def requirements(hardware: str | None = None) -> bytes:
    """Return the Space's requirements.txt: exact versions of all packages, plus the CUDA libraries for a GPU.

    The build of a Space sees requirements.txt only, so a line ``-c constraints.txt`` would fail there.
    """
    text = "".join(line for line in PINS.read_text("utf-8").splitlines(keepends=True) if not line.startswith("#"))
    if hardware and not hardware.startswith("cpu"):
        text = text.replace(f"{RUNTIME}==", f"{RUNTIME}[cuda,cudnn]==")
    return text.encode()


def page(folder: Path, weights: Path) -> Files:
    """Write the page that needs no server to ``folder`` and return its files."""
    from export import web

    web.write(folder, weights=weights)
    return _declared({path.relative_to(folder).as_posix(): path for path in _below(folder)})


def lay_out(files: Files, folder: Path) -> None:
    """Write the files of a Space to ``folder``, under their names on the hub."""
    with filling(folder) as part:
        for name, content in files.items():
            target = part / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.read_bytes())


def listing(files: Files) -> Iterator[str]:
    """Yield one line with size and name per file, then one with the total."""
    sizes = {name: _size(content) for name, content in sorted(files.items())}
    for name, size in sizes.items():
        yield f"{size:12,}  {name}"
    yield f"{sum(sizes.values()):12,}  bytes in {len(sizes)} files"


def push(space: str, files: Files, sdk: str, private: bool, hardware: str | None, auth: str | None) -> str:
    """Make the Space hold exactly ``files``; return its address. Raises ``ValueError`` with the hub's message."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
    from huggingface_hub.errors import HfHubHTTPError, HTTPError, LocalTokenNotFoundError  # type: ignore[attr-defined]

    hub: Any = HfApi(library_name="synth")
    of = {"repo_id": space, "repo_type": "space"}
    try:
        address = hub.create_repo(**of, space_sdk=sdk, space_hardware=hardware, private=private, exist_ok=True)
        if auth:  # before the files: the app must never run without its password
            hub.add_space_secret(space, SECRET, auth)
        old = set(hub.list_repo_files(**of)) - files.keys()
        changes = [CommitOperationAdd(name, content) for name, content in sorted(files.items())]
        changes += [CommitOperationDelete(name) for name in sorted(old)]
        hub.create_commit(**of, operations=changes, commit_message="Deploy synth")
    except LocalTokenNotFoundError as error:
        raise ValueError("Log in to Hugging Face first: hf auth login, or set HF_TOKEN.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        hint = "Log in first: hf auth login, or set HF_TOKEN. " if status in (401, 403) else ""
        raise ValueError(f"Hugging Face refused ({status}). {hint}{error.server_message or ''}".strip()) from error
    except HTTPError as error:  # the base class: the hub did not answer
        hint = "Check the connection, then run the same command again."
        raise ValueError(f"Hugging Face could not be reached ({error}). {hint}") from error
    return str(address)


def _check(space: str, static: bool, hardware: str | None, auth: str | None, folder: Path | None) -> None:
    if folder:
        if space or auth:
            raise ValueError("--folder uploads nothing: leave out --space and --auth, or --folder.")
        if folder.exists() and (not folder.is_dir() or not all(map(is_unfinished, folder.iterdir()))):
            raise ValueError(f"{folder} is not an empty folder. Choose a new one: --folder DIR")
    elif not space:
        raise ValueError("Name the Space: --space OWNER/NAME; or a folder to write its files to: --folder DIR")
    elif not re.fullmatch(r"[\w-][\w.-]{0,95}/[\w-][\w.-]{0,95}", space):
        raise ValueError(f"{space!r} is not the name of a Space. Write OWNER/NAME, of letters, digits, - _ and dots.")
    if static and (hardware or auth):
        raise ValueError("A static Space has no server: leave out --hardware and --auth, or --static.")
    if hardware and hardware.startswith("zero"):
        raise ValueError(
            "ZeroGPU supports PyTorch only, not ONNX Runtime. Choose cpu-basic, or a GPU such as t4-small."
        )
    if auth and not all(auth.partition(":")):
        raise ValueError("--auth must be USER:PASSWORD, both not empty.")


def _found(weights: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name in the Space, local path) of each file that the app needs."""
    for name in SHIPPED:
        source = weights if name == "weights/" else ROOT / name
        if not name.endswith("/"):
            yield name, source
            continue
        for path in _below(source):
            target = name + path.relative_to(source).as_posix()
            if path.suffix in KINDS and not target.startswith(TABLES):
                yield target, path


def _below(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder in sorted order, except hidden ones and caches."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "__pycache__")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _declared(files: Files) -> Files:
    """Add the .gitattributes that declares binary files, which the hub accepts through LFS or Xet only."""
    kinds = sorted({Path(name).suffix for name in files} & set(BINARY))
    lines = "".join(f"*{kind} filter=lfs diff=lfs merge=lfs -text\n" for kind in kinds)
    return {**files, ATTRIBUTES: lines.encode()}


def _size(content: Path | bytes) -> int:
    return len(content) if isinstance(content, bytes) else content.stat().st_size
