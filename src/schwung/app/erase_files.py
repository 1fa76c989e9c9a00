"""Erasure beside store and lake: uploads, rejects, exports, staging, backups, logs; and events in chunks and quarantine."""

import csv
import io
import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from schwung.app.buried import husk
from schwung.app.ports import Transaction
from schwung.app.wiring import Workspace
from schwung.collect.chunk import pack, unpack
from schwung.unify.mention import Person

_LOGS = ("*.log", "*.log.*")


def erase_files(workspace: Workspace, person: Person, customer_ids: Iterable[int]) -> dict[str, int]:
    """Files deleted or rewritten, by folder. Uploads that speak of the person go as a whole, rejects by the row.

    Backups of earlier schemas hold every customer and go too.
    """
    root = workspace.files_folder
    done = {
        "exports": _delete(path for one in customer_ids for path in (root / "exports").glob(f"customer-{one}-*")),
        "staging": _delete((root / "staging").glob("*")),
        "backups": _delete((root / "backups").glob("*")),
        "uploads": 0,
        "rejects": 0,
        "logs": 0,
    }
    for path in sorted(root.rglob("*")):
        if path.is_file() and _speaks(path, person):
            if path.suffix.lower() == ".csv" and "reject" in str(path.relative_to(root)):
                _filter_rows(path, person)
                done["rejects"] += 1
            elif "waiting" in path.parts and path.suffix == ".parquet":
                _filter_parquet(path, person)
                done["rejects"] += 1
            else:
                path.unlink()
                done["exports" if path.suffix == ".zip" and "exports" in path.parts else "uploads"] += 1
    for pattern in _LOGS:
        for path in sorted(workspace.folder.rglob(pattern)):
            if path.is_file() and "_delta_log" not in path.parts and _speaks(path, person):
                _filter_lines(path, person)
                done["logs"] += 1
    return done


def erase_from_chunks(workspace: Workspace, person: Person) -> int:
    """Empty the person's events in every chunk that reached the lake; events keep their numbers. Events emptied.

    Chunks that still wait came in meanwhile: their events find the tombstone, become a guest's and are emptied by the mirror.
    """
    emptied = 0
    with workspace.store.read() as tx:
        numbers = [row["chunk_no"] for row in tx.rows("person.mirrored_chunks")]
    for number in numbers:
        with workspace.store.read() as tx:
            body = tx.value("person.chunk_body", chunk_no=number)
        if body is None:
            continue
        events = unpack(bytes(body))
        left = [husk(event) if person.claimed(event.claims) else event for event in events]
        found = sum(one is not other for one, other in zip(events, left, strict=True))
        if found:
            with workspace.store.write() as tx:
                tx.run("person.replace_chunk", chunk_no=number, body=pack(left))
            emptied += found
    return emptied


def erase_from_quarantine(tx: Transaction, person: Person) -> int:
    """Refused events that name the person, in any field."""
    numbers = [row["quarantine_no"] for row in quarantined(tx, person)]
    return tx.run("person.delete_quarantine", numbers=numbers) if numbers else 0


def quarantined(tx: Transaction, person: Person) -> list[dict[str, Any]]:
    """The refused events that name a person."""
    return [row for row in tx.rows("person.quarantine") if _names(bytes(row["body"]), person)]


def _names(body: bytes, person: Person) -> bool:
    try:
        return person.in_value(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return person.in_text(body.decode("utf-8", "replace"))


def _delete(paths: Iterable[Path]) -> int:
    count = 0
    for path in sorted(paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        count += 1
    return count


def _speaks(path: Path, person: Person) -> bool:
    return any(person.in_text(text) for text in _texts(path, path.read_bytes()))


def _texts(path: Path, content: bytes) -> Iterator[str]:
    """What a file says, by its kind: columns of Parquet, members of ZIP and Excel, else text in its likely encodings."""
    if content.startswith(b"PAR1"):
        table = pq.read_table(path)
        for name in table.column_names:
            yield "\n".join(str(value) for value in table[name].to_pylist() if value is not None)
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.namelist():
                yield archive.read(member).decode("utf-8", "replace")
    elif content.startswith(b"\x1f\x8b"):
        yield zlib.decompress(content, wbits=31).decode("utf-8", "replace")
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield content.decode("utf-16", "replace")
    else:
        yield content.decode("utf-8", "replace")
        if any(byte > 127 for byte in content[:100_000]):
            yield content.decode("cp1252", "replace")


def _filter_rows(path: Path, person: Person) -> None:
    text = path.read_text(encoding="utf-8", errors="replace")
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerows(row for row in csv.reader(io.StringIO(text)) if not any(person.in_text(cell) for cell in row))
    _replace(path, target.getvalue())


def _filter_parquet(path: Path, person: Person) -> None:
    table = pq.read_table(path)
    kept = [
        not any(person.in_text(str(value)) for value in row.values() if value is not None) for row in table.to_pylist()
    ]
    draft = path.with_suffix(".draft")
    pq.write_table(table.filter(pa.array(kept, pa.bool_())), draft, compression="zstd")
    draft.replace(path)


def _filter_lines(path: Path, person: Person) -> None:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    _replace(path, "".join(line for line in lines if not person.in_text(line)))


def _replace(path: Path, text: str) -> None:
    """In place, so that a process that writes to the file goes on."""
    path.write_text(text, encoding="utf-8")
