"""Named things of one kind: the form of every extension point of this room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from automl_datasets.naming import nearest
from automl_search_spaces.errors import SpaceError


class Named(Protocol):
    """Anything that has a name."""

    @property
    def name(self) -> str:
        """The key under which it is found."""


Item = TypeVar("Item", bound=Named)


class Catalog(Generic[Item]):
    """Items of one kind by name, in the order of registration.

    Example:
        >>> from types import SimpleNamespace
        >>> catalog = Catalog("block", SimpleNamespace(name="plain"))
        >>> catalog.names
        ('plain',)
    """

    def __init__(self, kind: str, *items: Item) -> None:
        """Register the items.

        Args:
            kind: What an item is, for messages.
            *items: The items.

        Raises:
            SpaceError: If two items have the same name.
        """
        self._kind = kind
        self._items: dict[str, Item] = {}
        for item in items:
            if item.name in self._items:
                raise SpaceError(f"Two {kind}s are called {item.name!r}; rename one.")
            self._items[item.name] = item

    @property
    def names(self) -> tuple[str, ...]:
        """Every name, in the order of registration."""
        return tuple(self._items)

    def __iter__(self) -> Iterator[Item]:
        """Iterate over the items, in the order of registration."""
        return iter(self._items.values())

    def __getitem__(self, name: str) -> Item:
        """Return the item of that name.

        Raises:
            SpaceError: If there is none.
        """
        if name not in self._items:
            known = ", ".join(self._items)
            raise SpaceError(
                f"There is no {self._kind} {name!r}{nearest(name, self._items)}; "
                f"choose from: {known}."
            )
        return self._items[name]
