"""A ratio, its goal, and whether it is met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Row:
    """`ratio` is None where it could not be measured, `met` too; `goal` is None for a figure without one."""

    work: str
    ratio: float | None
    goal: float | None
    at_least: bool

    @property
    def met(self) -> bool | None:
        if self.ratio is None:
            return None
        if self.goal is None:
            return True
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def plain(self) -> dict:
        """Exactly what `--json` promises; the direction stands in `work`."""
        direction = "" if self.goal is None else f" ({'at least' if self.at_least else 'at most'})"
        ratio = None if self.ratio is None else round(self.ratio, 4)
        return {"work": self.work + direction, "ratio": ratio, "goal": self.goal, "met": self.met}

    def cells(self) -> tuple[str, str, str]:
        """Ratio, goal and verdict for people."""
        ratio = "not measured" if self.ratio is None else f"{self.ratio:,.2f}" if self.ratio < 100 else f"{self.ratio:,.0f}"
        goal = "" if self.goal is None else f"{'≥' if self.at_least else '≤'} {self.goal:g}"
        verdict = "" if self.goal is None or self.met is None else "met" if self.met else "MISSED"
        return ratio, goal, verdict


def at_least(work: str, ratio: float | None, goal: float) -> Row:
    return Row(work, ratio, goal, True)


def at_most(work: str, ratio: float | None, goal: float) -> Row:
    return Row(work, ratio, goal, False)


def figure(work: str, value: float | None) -> Row:
    return Row(work, value, None, False)
