from datetime import date
from typing import Literal, final

class KsefOfflineError(Exception):
    """Why a call did not do what it was asked to."""

    code: str
    """Stable and kebab-case, for programs."""
    polish: str
    """What happened and what to do about it, in Polish."""
    english: str
    """The same in English."""
    retryable: bool
    """Whether the same call can succeed when it is made again."""
    retry_after_seconds: int | None
    """How many seconds to wait before that."""

@final
class Deadline:
    """Until when an invoice has to reach KSeF, and why."""

    @property
    def state(self) -> Literal["due", "open", "lifted", "not-required"]: ...
    @property
    def due(self) -> date | None:
        """The last day in Warsaw; there is one exactly when the state is `due`."""
    @property
    def basis(self) -> str:
        """The article of the VAT Act that rules the mode."""
    @property
    def explanation_polish(self) -> str: ...
    @property
    def explanation_english(self) -> str: ...
    @property
    def sent_after_due(self) -> bool:
        """Whether an invoice that missed its last day is still sent."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...

def version() -> str: ...
def code_one_link(
    environment: Literal["test", "demo", "production"],
    seller_nip: str,
    issue_date: date,
    invoice: bytes,
) -> str: ...
def deadline(
    mode: Literal["offline24", "unavailability", "emergency", "total-failure"],
    issued: date,
    outages_json: str | None = None,
    policy: Literal["statutory", "seven-days"] | None = None,
) -> Deadline: ...
