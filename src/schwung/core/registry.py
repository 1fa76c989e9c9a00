"""A named collection that is filled by one line per thing and read by pages, CLI, API and docs."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar

from schwung.core.errors import InputError
from schwung.core.text import Text

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Things by name, in the order in which they were listed.

    modules: the files of a folder, one thing each, read on first use so that start-up stays quick.
    attribute: what each file calls its thing (`METRIC`, `CONNECTOR`, ...); it must have a `name`.
    """

    def __init__(self, kind: Text, package: str, attribute: str, modules: tuple[str, ...]) -> None:
        self.kind = kind
        self._package, self._attribute, self._modules = package, attribute, modules
        self._things: dict[str, T] | None = None

    def _all(self) -> dict[str, T]:
        if self._things is None:
            found = (getattr(import_module(f"{self._package}.{module}"), self._attribute) for module in self._modules)
            self._things = {thing.name: thing for thing in found}
        return self._things

    def __getitem__(self, name: str) -> T:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._modules)

    def find(self, name: str) -> T:
        """The thing of that name. InputError that lists the known names."""
        if name not in self:
            raise InputError(
                "unknown_name",
                Text(en="There is no {kind} named “{name}”.", de="„{name}“ gibt es nicht ({kind}).").fill(
                    kind=self.kind, name=name
                ),
                Text(en="Known: {names}.", de="Bekannt: {names}.").fill(names=", ".join(self)),
            )
        return self[name]
