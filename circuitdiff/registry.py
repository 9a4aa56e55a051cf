"""Tables of what can be asked for by name: gates, gate sets, costs, stages, samplers, formats, kinds of target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

Value = TypeVar("Value")


class Registry(Mapping[str, Value]):
    """A table by name, in order of entry; nothing is replaced, and what was added can be taken out again."""

    def __init__(self, what: str, entries: Mapping[str, Value] | None = None) -> None:
        """Say in a word what the entries are, for messages, and enter the first."""
        self._what = what
        self._entries: dict[str, Value] = dict(entries or {})
        self._forget: list[Callable[[], None]] = []

    def register(self, name: str, value: Value) -> Value:
        """Add an entry, and return it.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._entries:
            raise ValueError(f"there is a {self._what} {name!r} already")
        self._entries[name] = value
        return value

    def unregister(self, name: str) -> Value:
        """Take an entry out, and return it; tables that were derived from it are cleared.

        Raises:
            KeyError: there is none of that name.
        """
        value = self._entries.pop(name)
        for clear in self._forget:
            clear()
        return value

    def when_taken_out(self, clear: Callable[[], None]) -> None:
        """Have a cache that is derived from the entries cleared whenever one is taken out."""
        self._forget.append(clear)

    def __getitem__(self, name: str) -> Value:
        """Return an entry."""
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in order of entry."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Number of entries."""
        return len(self._entries)
