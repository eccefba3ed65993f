"""Issue invoices while KSeF is away and deliver every one of them when it is back."""

from ksef_offline._native import Deadline, KsefOfflineError, code_one_link, deadline, version

__all__ = ["Deadline", "KsefOfflineError", "code_one_link", "deadline", "version"]
__version__ = version()
