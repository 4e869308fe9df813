"""The owner's own topic, remembering what was told."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class FakeNotice:
    """`ports.Notice`."""

    told: list[tuple[str, str]] = field(default_factory=list)

    def tell(self, subject: str, text: str) -> None:
        self.told.append((subject, text))
