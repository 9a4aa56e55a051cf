"""``circuitdiff mine``: what the circuits of a dataset have in common."""

from __future__ import annotations

from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from circuitdiff.cli.options import echo_json, json_option, name_list, output_option, report_option, seed_option
from circuitdiff.cli.output import check_writable, write_atomically
from circuitdiff.cli.progress import progress

if TYPE_CHECKING:
    from circuitdiff.mining.contrasts import Contrast
    from circuitdiff.mining.mine import MineReport

SHOWN = 12
"""Gadgets and rules that people are shown."""

SHOWN_OF_A_VALUE = 4
"""Gadgets that people are shown for a gate set, coupling map or family."""


@click.command("mine", short_help="Find gadgets and rewrite rules in a dataset.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--sample", type=click.IntRange(1), default=1500, show_default=True, help="Circuits to draw rules from.")
@click.option("--gadgets", "max_gadgets", type=click.IntRange(0), default=48, show_default=True, help="Most gadgets.")
@click.option("--gates", type=name_list, metavar="NAMES", help="Gates that rules may bring in.")
@report_option
@output_option("Write the rules to this JSON file.")
@seed_option
@json_option
def command(
    folder: Path,
    sample: int,
    max_gadgets: int,
    gates: tuple[str, ...] | None,
    report: str | None,
    output: str | None,
    seed: int,
    as_json: bool,
) -> None:
    """Mine the dataset in DIR for gadgets, frequent patterns, verified rewrite rules and the best circuits."""
    from circuitdiff.circuits.gates import gate
    from circuitdiff.mining.mine import mine_dataset

    for name in gates or ():
        gate(name)
    for path in filter(None, (report, output)):
        check_writable(path)
    with progress("mining", quiet=as_json):
        mined = mine_dataset(folder, sample=sample, max_gadgets=max_gadgets, gates=gates or (), seed=seed)
    if output is not None:
        from circuitdiff.mining.rule_files import rules_text

        write_atomically(output, rules_text(mined.rules).encode())
    if report is not None:
        from circuitdiff.reports.mining_page import mining_page

        write_atomically(report, mining_page(mined).encode())
    if as_json:
        echo_json(mined.as_dict())
    else:
        _show(mined)


def _leading(contrasts: list[Contrast]) -> list[Contrast]:
    """Return the first few of each value."""
    groups = groupby(contrasts, key=lambda contrast: (contrast.column, contrast.value))
    return [contrast for _, group in groups for contrast in islice(group, SHOWN_OF_A_VALUE)]


def _show(mined: MineReport) -> None:
    click.echo(f"{mined.path}: {mined.circuits} circuits, {mined.seconds:.1f} s")
    click.echo("\ngadgets, most frequent pair first")
    for gadget in mined.gadgets[:SHOWN]:
        click.echo(f"{gadget.count:>9}  {'; '.join(gadget.gates())}")
    click.echo(f"\nrules, {len(mined.rules)} in all, from {mined.sampled} circuits")
    for rule in mined.rules[:SHOWN]:
        click.echo(f"{rule.count:>9}  {rule.lhs.text()}  =>  {rule.rhs.text()}")
    ties = mined.patterns.ties.found()
    if ties:
        click.echo("\nangles tied to a parameter")
    for tie in ties[:SHOWN]:
        click.echo(f"{tie.count:>9}  {tie.pattern.text()}: {tie.factor:g} {tie.option}")
    if mined.contrasts:
        click.echo("\ngadgets that go with a gate set, coupling or family: how many times as frequent as elsewhere")
    for contrast in _leading(mined.contrasts):
        gates = "; ".join(contrast.gadget.gates())
        click.echo(f"{contrast.ratio:>9.1f}  {contrast.column} {contrast.value}: {gates} ({contrast.count} times)")
    if mined.pareto:
        click.echo("\nbest circuits: two-qubit gates, depth, gates")
    for best in mined.pareto:
        click.echo(f"{best.circuits:>9}  {best.target} ({best.gate_set}; {best.coupling}): {best.cost}")
