"""Folders of C -> an ELF for a core, or a shared library for the host; compiled in parallel, cached by content.

An object's key is the hash of the compiler's identity, the flags, the source and every header that the
source can reach, so kernels compiled for one model serve the next. The key of an ELF is the hash of its
objects' keys and of the linker script.
"""

import functools
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from simref.errors import ToolchainError

from .cache import Store, cache_dir, copy_atomically, digest
from .toolchains import OPTIMIZE, Compiler, HostCompiler, Target, Toolchain, find_host_compiler

SUPPORT = Path(__file__).resolve().parent.parent / "runtime_c" / "support"
TIMEOUT_S = 600

_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*(?:[<"]([^>"\n]+)[>"]|(\w+))', re.MULTILINE)
_MESSAGE = re.compile(r"(?:fatal )?error:|undefined reference|undefined symbol|will not fit|overflowed")


@dataclass(frozen=True)
class SourceFolder:
    """A folder of C sources; every folder beneath it that holds headers is on the include path.

    `files` names the sources (paths within the folder); None stands for every *.c beneath it. `label` is what
    debug information shows in place of the folder's path. `flags` follow the common ones.
    """

    path: Path
    files: tuple[str, ...] | None = None
    label: str = "."
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Unit:
    """One source with everything that decides its object; `key` is the hash of it."""

    folder: Path
    source: str
    object_name: str
    argv: tuple[str, ...]
    key: str


def build_target(
    folders: Sequence[SourceFolder],
    toolchain: Toolchain,
    target: Target,
    *,
    linker_script: str,
    output: Path,
    optimize: Sequence[str] = OPTIMIZE,
    jobs: int | None = None,
    cache: bool = True,
) -> Path:
    """Compile and link the folders for a core; write the ELF to `output` and a map beside it (`.map`).

    memcpy and its kin are added from runtime_c/support, other helpers from the compiler's own library.
    The ELF does not depend on where the folders lie. `jobs` is the number of compilers at a time (default:
    one per CPU). Raises ToolchainError with the compiler's first message and the path of the whole log.
    """
    support = SourceFolder(SUPPORT, label="support", flags=toolchain.runtime_flags())
    units = _units([*folders, support], toolchain, toolchain.compile_flags(target, optimize), SUPPORT / "include")
    key = _link_key(toolchain, units, ("target", linker_script, repr(target)))

    def prepare(work: Path, store: Store) -> Path | None:
        return _runtime_library(toolchain, target, store, work)

    def link(work: Path, library: Path | None) -> None:
        (work / "link.ld").write_text(linker_script, encoding="utf-8")
        names = [unit.object_name for unit in units]
        argv = toolchain.link_argv(target, names, script="link.ld", map_file="out.map", library=library)
        _run([*argv, "-o", "out.elf"], work, toolchain.environment(work), "linking")

    results = {".elf": "out.elf", ".map": "out.map"}
    copies = {".elf": output, ".map": output.with_suffix(".map")}
    _build(toolchain, units, key, prepare, link, results, copies, jobs, cache)
    return output


def build_host(
    folders: Sequence[SourceFolder],
    *,
    output: Path,
    compiler: HostCompiler | None = None,
    optimize: Sequence[str] = OPTIMIZE,
    jobs: int | None = None,
    cache: bool = True,
) -> Path:
    """Compile the folders into a shared library at `output`, for ctypes; as build_target otherwise.

    Raises ToolchainError when no host compiler is found, or it fails.
    """
    chosen = find_host_compiler() if compiler is None else compiler
    units = _units(folders, chosen, chosen.compile_flags(optimize), None)
    key = _link_key(chosen, units, ("host", sys.platform))

    def prepare(work: Path, store: Store) -> None:
        """The host's linker brings its own runtime library."""

    def link(work: Path, library: Path | None) -> None:
        argv = chosen.link_argv([unit.object_name for unit in units])
        _run([*argv, "-o", "out.so"], work, chosen.environment(work), "linking")

    _build(chosen, units, key, prepare, link, {".so": "out.so"}, {".so": output}, jobs, cache)
    return output


def _build(
    compiler: Compiler,
    units: Sequence[_Unit],
    key: str,
    prepare: Callable[[Path, Store], Path | None],
    link: Callable[[Path, Path | None], None],
    results: Mapping[str, str],
    copies: Mapping[str, Path],
    jobs: int | None,
    cache: bool,
) -> None:
    """Copy the results out of the store, compiling and linking what it lacks.

    `prepare` makes a library, beside the compilers, that `link` then gets. `results` maps a suffix to the
    linker's file, `copies` the suffix to the caller's. Without cache the store lives in the work folder.
    """
    with tempfile.TemporaryDirectory(prefix="simref-") as name:
        work = Path(name).resolve()
        store = Store((cache_dir() if cache else work) / "build")
        found = {suffix: store.get(key, suffix) for suffix in results}
        if None in found.values():
            with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
                library = pool.submit(prepare, work, store)
                _compile(compiler, units, store, work, pool)
                link(work, library.result())
            for suffix, file in results.items():
                found[suffix] = store.make(key, suffix, functools.partial(copy_atomically, work / file))
            store.sweep()
        for suffix, path in found.items():
            if path is not None:
                copy_atomically(path, copies[suffix])


def _compile(compiler: Compiler, units: Sequence[_Unit], store: Store, work: Path, pool: ThreadPoolExecutor) -> None:
    """Put every unit's object into the work folder under its readable name, compiling what the store lacks."""

    def one(unit: _Unit) -> None:
        def write(output: Path) -> None:
            argv = compiler.compile_argv(unit.source, output, unit.argv)
            _run(argv, unit.folder, compiler.environment(work), f"compiling {unit.source}")

        cached = store.make(unit.key, ".o", write)
        link = work / unit.object_name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(cached)

    futures = [pool.submit(one, unit) for unit in units]
    try:
        for future in futures:  # in the order of the sources, so that the same error is told every time
            future.result()
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise


def _runtime_library(toolchain: Toolchain, target: Target, store: Store, work: Path) -> Path | None:
    empty = work / "empty.c"
    empty.write_text("", encoding="utf-8")
    argv = toolchain.runtime_library_argv(target, empty, Path("runtime.a"))
    if argv is None:
        return None
    key = digest(toolchain.identity, "runtime library", *argv[1:-2], argv[-1])

    def write(output: Path) -> None:
        _run(argv, work, toolchain.environment(work), "building the runtime library")
        (work / "runtime.a").replace(output)

    return store.make(key, ".a", write)


def _units(
    folders: Sequence[SourceFolder], compiler: Compiler, flags: Sequence[str], system: Path | None
) -> list[_Unit]:
    """Every source of the folders; `system` holds headers that stand in for those of a C library.

    Only contents and names within the folders enter a key, never where the folders lie.
    """
    library = _Headers(system).everything() if system else []
    library_flags = ("-isystem", str(system), f"-ffile-prefix-map={system}=include") if system else ()
    units = []
    for folder in folders:
        root = folder.path.resolve()
        headers = _Headers(root)
        common = (*flags, *folder.flags, *(f"-I{directory}" for directory in headers.directories))
        paths = (*library_flags, f"-ffile-prefix-map={root}={folder.label}")
        for source in _sources(root, folder.files):
            parts: tuple[bytes | str, ...] = (*common, folder.label, source, *headers.content(root / source), *library)
            name = f"{folder.label}/{source}.o".removeprefix("./")
            key = digest("object", compiler.identity, *parts)
            units.append(_Unit(root, source, name, (*common, *paths), key))
    return units


def _sources(root: Path, files: tuple[str, ...] | None) -> list[str]:
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.c")) if files is None else list(files)
    missing = [name for name in names if not (root / name).is_file()]
    if missing or not names:
        raise ToolchainError(f"sources {root / (missing or ['*.c'])[0]}: no such file, nothing to compile.")
    return names


class _Headers:
    """Which headers of a folder a source can reach, conditional or not."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._paths = sorted(root.rglob("*.h"))
        self.directories = sorted({path.parent.relative_to(root).as_posix() for path in self._paths})
        self._reach = functools.cache(self._reached_from)

    def content(self, source: Path) -> list[bytes]:
        """The bytes of the source, then name and bytes of each header within reach, in a fixed order."""
        seen: set[Path] = set()
        text, waiting = self._reach(source)
        pending = list(waiting)
        while pending:
            path = pending.pop()
            if path not in seen:
                seen.add(path)
                pending.extend(self._reach(path)[1])
        parts = [text]
        for path in sorted(seen):
            parts += [path.relative_to(self._root).as_posix().encode(), self._reach(path)[0]]
        return parts

    def everything(self) -> list[bytes]:
        """Name and bytes of every header, in a fixed order."""
        named = ((path.relative_to(self._root).as_posix().encode(), path.read_bytes()) for path in self._paths)
        return [part for pair in named for part in pair]

    def _reached_from(self, path: Path) -> tuple[bytes, tuple[Path, ...]]:
        """A file's bytes and the headers it names; a name made by a macro may be any header."""
        text = path.read_bytes()
        folders = [path.parent, *(self._root / directory for directory in self.directories)]
        reached: list[Path] = []
        for name, macro in _INCLUDE.findall(text):
            if macro:
                reached += self._paths
            candidates = (Path(os.path.normpath(folder / name.decode())) for folder in folders if name)
            reached += [candidate for candidate in candidates if candidate in self._known]
        return text, tuple(reached)

    @functools.cached_property
    def _known(self) -> frozenset[Path]:
        return frozenset(self._paths)


def _link_key(compiler: Compiler, units: Sequence[_Unit], parts: Sequence[str]) -> str:
    named = (word for unit in units for word in (unit.object_name, unit.key))
    return digest("link", compiler.identity, *parts, *named)


def _run(argv: Sequence[str], folder: Path, environment: Mapping[str, str], doing: str) -> None:
    """Run one compiler command in `folder`; a failure becomes one line and a log file."""
    # PWD, if it names the same folder, is what compilers write into debug information.
    variables = {**os.environ, **environment, "PWD": str(folder), "LC_ALL": "C"}
    try:
        run = subprocess.run(
            argv,
            check=False,
            cwd=folder,
            env=variables,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
        )
        status, text = run.returncode, run.stderr + run.stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        status, text = 1, f"error: {error}"
    if status == 0:
        return
    log = _write_log(argv, text)
    lines = text.splitlines() or [f"exit status {status} without a message"]
    first = next((line for line in lines if _MESSAGE.search(line)), lines[0])
    raise ToolchainError(f"{doing} failed: {first.strip()}. The whole log is {log}.")


def _write_log(argv: Sequence[str], text: str) -> Path:
    folder = cache_dir() / "logs"
    folder.mkdir(exist_ok=True)
    log = folder / f"{digest(text)[:16]}.log"
    new = log.with_suffix(f".{os.getpid()}")
    new.write_text(" ".join(argv) + "\n" + text, encoding="utf-8")
    return new.replace(log)
