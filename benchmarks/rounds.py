"""Measuring in turn, A B C A B C, so that a machine that drifts wrongs nobody; and what came out, as a table."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

import click
import msgspec

from benchmarks.load import Figure, Run
from benchmarks.servers import rush


@dataclass
class Results:
    """By who was measured and how many clients there were."""

    figures: dict[tuple[str, int], list[Figure]] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)

    def add(self, who: str, clients: int, figure: Figure) -> None:
        self.figures.setdefault((who, clients), []).append(figure)
        self.statuses.setdefault(who, Counter()).update(figure.statuses)

    def update(self, others: "Results") -> None:
        self.figures.update(others.figures)
        self.statuses.update(others.statuses)

    def of(self, who: str, clients: int) -> Figure:
        """The medians over the rounds."""
        found = self.figures[who, clients]
        p50, p95, p99 = (median(getattr(each, name) for each in found) for name in ("p50", "p95", "p99"))
        return Figure(median(each.per_second for each in found), p50, p95, p99, {})

    def ratio(self, who: str, other: str, clients: int) -> float:
        """The median of the rounds' ratios."""
        pairs = zip(self.figures[who, clients], self.figures[other, clients], strict=True)
        return median(mine.per_second / max(theirs.per_second, 0.001) for mine, theirs in pairs)

    def show(self, title: str) -> None:
        click.echo(f"\n{title}\n\n{'clients':>7}  {'':24}{'per second':>10}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}")
        before = 0
        for who, clients in self.figures:
            figure = self.of(who, clients)
            label = "" if clients == before else str(clients)
            times = f"{figure.p50:>10.1f}{figure.p95:>10.1f}{figure.p99:>10.1f}"
            click.echo(f"{label:>7}  {who:24}{figure.per_second:>10,.0f}{times}")
            before = clients


class Bench:
    """How long and how often; numbers in requests never come twice."""

    def __init__(self, *, seconds: float, rounds: int) -> None:
        self.seconds = seconds
        self.rounds = rounds
        self.next_number = 1

    def measure(self, runs: Mapping[str, Run], clients: tuple[int, ...]) -> Results:
        results = Results()
        for crowd in clients:
            for _ in range(self.rounds):
                for who, run in runs.items():
                    results.add(who, crowd, self.rush(run, crowd))
        return results

    def rush(self, run: Run, clients: int) -> Figure:
        self.next_number += 1_000_000
        return rush(msgspec.structs.replace(run, clients=clients, seconds=self.seconds, first=self.next_number))


def verdict(sentence: str, figure: float, aim: float, unit: str = "×", *, most: bool = False) -> None:
    """`most`: the aim is the highest that is good, not the lowest."""
    met = "met" if (figure <= aim if most else figure >= aim) else "NOT met"
    click.echo(f"{sentence:58} {figure:>9,.2f} {unit:3} aim {aim:>8,.2f}   {met}")
