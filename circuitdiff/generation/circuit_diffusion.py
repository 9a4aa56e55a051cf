"""The model as its users see it: circuits for a unitary, for entanglement or for words, and circuits edited."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.coupling import Coupling, Pair
from circuitdiff.circuits.tensors import decode
from circuitdiff.errors import InputError
from circuitdiff.generation.denoise import Denoise, bind, guided
from circuitdiff.generation.inpainting import Template, blank_template, keep_gates, refill_gates
from circuitdiff.generation.proposals import Proposals
from circuitdiff.generation.requests import (
    Request,
    apart,
    check_request,
    condition_of,
    constraint_of,
    gate_names,
    request_of,
    with_usual_lengths,
    without_loose_bounds,
)
from circuitdiff.generation.residuals import expected_gates, search_residuals, without_kept_ends
from circuitdiff.generation.sequences import SequenceConstraint, Sequences, possible_lengths, sample_sequences
from circuitdiff.models.device import cpu_by_default
from circuitdiff.spec.circuit_spec import CircuitSpec
from circuitdiff.validation import check_options


class CircuitDiffusion(Proposals):
    """A model whose circuits are sequences of placed gates, on `num_qubits` qubits or fewer.

    Where a layout has final gates, they are on every qubit and do not count; its `dcz` are written as rz, ry and cz.
    """

    @cpu_by_default()
    def sample(
        self,
        unitary: NDArray[np.complex128] | None = None,
        prompt: str | None = None,
        *,
        srv: Sequence[int] | None = None,
        num_qubits: int | None = None,
        partners: Sequence[tuple[int, int]] | None = None,
        gate_set: str | Sequence[str] | None = None,
        coupling: Coupling | Collection[Pair] | None = None,
        allowed: NDArray[np.bool_] | None = None,
        max_gates: int | None = None,
        max_two_qubit: int | None = None,
        num_samples: int = 64,
        steps: int = 12,
        guidance: float = 1.0,
        temperature: float | None = None,
        spare: int | None = 3,
        remask: float = 0.0,
        joint: bool = True,
        template: Template | None = None,
        generator: torch.Generator | None = None,
    ) -> list[Circuit]:
        """Draw circuits as the network has them: gates as asked for, angles near.

        Args:
            unitary: (2^n, 2^n), qubit 0 least significant; its global phase does not matter.
            prompt: words, as `circuitdiff.spec.grammar` reads them; what they ask for is added to the options, and
                models that read are shown it in the words that they know.
            srv: Schmidt rank, 1 or 2, of each qubit in the state made of ``|0...0>``.
            num_qubits: of the circuits; None for those of the prompt, unitary, ranks or coupling, else all.
            partners: pairs of qubits, each entangled with each other alone; drawn apart, and put one after another.
            gate_set: a preset, a comma-separated list, or names; None for all of the model's gates.
            coupling: the couplings that circuits keep to; None for all.
            allowed: (vocabulary,) a further mask, from `Layout.permitted`.
            max_gates: most gates, those of the template included.
            max_two_qubit: most gates on two qubits or more.
            num_samples: number of circuits.
            steps: evaluations of the network; with guidance two at each.
            guidance: scale of classifier-free guidance; 1 leaves it out.
            temperature: of the gates and of their number; below 1 favours the likeliest. None for 1 towards a unitary,
                and for 0.4 without one, where many circuits will do and the likeliest are the short ones.
            spare: where Schmidt ranks are asked for and no unitary, most gates on one qubit beyond the one of a plain
                construction, while there are no more than its gates on two; see `with_usual_lengths`. None for
                circuits of any length.
            remask: see `sample_sequences`.
            joint: draw gates and angles together; otherwise gates first, then their angles.
            template: what is kept; of one circuit, or one for each sample.
            generator: of this model's device; None for a fresh one of seed 0.

        Returns:
            `num_samples` circuits; the kept gates and angles are exactly those of the template.

        Raises:
            InputError: when the model does not take what is asked for, or nothing can satisfy it.
        """
        check_options(num_samples=num_samples, steps=steps, guidance=guidance, temperature=temperature)
        options = CircuitSpec(
            num_qubits=num_qubits or _register(unitary, srv, coupling),
            schmidt_ranks=None if srv is None else tuple(srv),
            gates=gate_names(gate_set),
            max_gates=max_gates,
            max_two_qubit_gates=max_two_qubit,
            bell_pairs=None if partners is None else tuple(partners),
        )
        pairs = coupling.pairs if isinstance(coupling, Coupling) else coupling
        request = request_of(self.layout, options, prompt, unitary, pairs, allowed)
        check_request(request, self.config)
        if request.partners is not None and template is not None:
            raise InputError("partners are drawn apart, and nothing can be kept meanwhile")
        kept = template or blank_template(self.layout)
        if temperature is None:
            temperature = 0.4 if unitary is None else 1.0
        source, whole = self._generator(generator), [Circuit(request.num_qubits, ())] * num_samples
        for part in [request] if request.partners is None else apart(request, self.layout):
            constraint = constraint_of(part, self.layout, self._device)
            if template is None and spare is not None:
                constraint = with_usual_lengths(constraint, part, self.layout, spare)
            found = self._draw(
                part,
                constraint,
                kept.to(self._device),
                num_samples,
                steps,
                guidance,
                temperature,
                remask,
                joint,
                source,
            )
            drawn = self._circuits(found, request.num_qubits)
            whole = [replace(a, operations=a.operations + b.operations) for a, b in zip(whole, drawn, strict=True)]
        return [circuit.expand() for circuit in whole]

    @cpu_by_default()
    def search(
        self,
        unitary: NDArray[np.complex128],
        *,
        gate_set: str | Sequence[str] | None = None,
        coupling: Coupling | Collection[Pair] | None = None,
        allowed: NDArray[np.bool_] | None = None,
        max_gates: int | None = None,
        max_two_qubit: int | None = None,
        num_samples: int = 64,
        steps: int = 12,
        guidance: float = 1.0,
        temperature: float | None = None,
        finish: Callable[[Circuit], Circuit] = lambda circuit: circuit,
        tol: float = 1e-9,
        deadline: float = math.inf,
        generator: torch.Generator | None = None,
    ) -> list[Circuit]:
        """Draw circuits for a unitary, keep pieces of them, and draw again for what is left; see `search_residuals`.

        Far more often right than as many independent samples, above all for gates without angles. For gates with
        angles, `finish` has to fit them.

        Args:
            unitary: (2^n, 2^n), qubit 0 least significant; its global phase does not matter.
            gate_set: see `sample`, like all that is not named here.
            coupling: see `sample`.
            allowed: see `sample`.
            max_gates: most gates of the whole, which may be more than the model draws at a time; None for as many.
            max_two_qubit: most gates on two qubits or more of the whole.
            num_samples: most circuits drawn, for the unitary and for what is left of it together.
            steps: see `sample`.
            guidance: see `sample`.
            temperature: see `sample`; None for 1.
            finish: what is done to each whole circuit before it is compared and returned.
            tol: infidelity at which the search ends.
            deadline: `time.monotonic` after which nothing more is drawn.
            generator: see `sample`.

        Returns:
            Whole circuits in the order in which they were drawn; where one is within `tol`, it is among the last.

        Raises:
            InputError: as `sample`.
        """
        check_options(num_samples=num_samples, steps=steps, guidance=guidance, tol=tol)
        check_options(temperature=temperature)
        spec = CircuitSpec(num_qubits=_register(unitary, None, None), gates=gate_names(gate_set))
        bounds = replace(spec, max_gates=max_gates, max_two_qubit_gates=max_two_qubit)
        pairs = coupling.pairs if isinstance(coupling, Coupling) else coupling
        request = request_of(self.layout, bounds, None, unitary, pairs, allowed)
        check_request(request, self.config)
        blank, source = blank_template(self.layout).to(self._device), self._generator(generator)

        def draw(asked: Request, count: int) -> list[Circuit]:
            constraint, warmth = constraint_of(asked, self.layout, self._device), temperature or 1.0
            found = self._draw(asked, constraint, blank, count, steps, guidance, warmth, 0.0, True, source)
            return self._circuits(found, asked.num_qubits)

        bound = self.layout.max_gates if max_gates is None else max_gates
        prospects = partial(expected_gates, self.model, request)
        whole = replace(request, max_gates=bound)

        def finished(circuit: Circuit) -> Circuit:
            return finish(circuit.expand())

        return search_residuals(
            draw, prospects, whole, num_samples, finished, tol, deadline, free=self.layout.final_gate
        )

    @cpu_by_default()
    def edit(
        self,
        circuit: Circuit,
        keep: Sequence[bool],
        unitary: NDArray[np.complex128] | None = None,
        prompt: str | None = None,
        *,
        num_samples: int = 64,
        longer: int = 0,
        max_gates: int | None = None,
        max_two_qubit: int | None = None,
        search: bool = False,
        generator: torch.Generator | None = None,
        **options: Any,
    ) -> list[Circuit]:
        """Draw anew the gates of a circuit that are not kept; each run of them may become shorter.

        Towards a unitary and nothing else, what is kept at the beginning and at the end is taken off it, and the model
        is shown what is left.

        Args:
            circuit: of the model's gates, final ones at the end.
            keep: for each gate, whether it stays, in its order and with its angles.
            unitary: towards which; see `sample`.
            prompt: towards which; see `sample`.
            num_samples: number of circuits.
            longer: most gates by which each run of gates drawn anew may grow.
            max_gates: most gates of the whole.
            max_two_qubit: most gates on two qubits or more of the whole.
            search: draw by `search`, which takes one run of gates to draw anew, and a unitary and nothing else.
            generator: see `sample`.
            options: further arguments of `sample`, or of `search`.

        Raises:
            InputError: as `sample`, and when every gate or none is kept.
        """
        check_options(num_samples=num_samples)
        keep_gates(circuit, self.layout, keep)  # refuses circuits that the model cannot hold
        if all(keep) or not any(keep):
            raise InputError(f"an edit keeps some gates and not others; {sum(keep)} of {len(keep)} are kept")
        counted = sum(
            stays and gate.name != self.layout.final_gate for gate, stays in zip(circuit.operations, keep, strict=True)
        )
        if max_gates is not None and max_gates < counted:
            raise InputError(f"no circuit satisfies a bound of {max_gates} gates: {counted} are kept")
        source = self._generator(generator)
        asked = {"num_qubits": circuit.num_qubits, "max_gates": max_gates, "max_two_qubit": max_two_qubit} | options
        if unitary is None or prompt is not None or options.get("srv") is not None:
            if search:
                raise InputError("a search takes a unitary and nothing else")
            return self._refilled(circuit, keep, unitary, num_samples, longer, source, {"prompt": prompt} | asked)
        ends, inner, kept = without_kept_ends(circuit, keep, unitary, self.layout.final_gate)
        asked["max_gates"], asked["max_two_qubit"] = ends.bounds(max_gates, max_two_qubit)
        if not search:
            found = self._refilled(inner, kept, ends.unitary, num_samples, longer, source, asked)
            return [ends.whole(middle).expand() for middle in found]
        if any(kept):
            raise InputError(f"a search takes one run of gates to draw anew; {sum(kept)} between them are kept")
        bound = asked.pop("max_gates")
        most = min(inner.num_gates + longer, self.layout.max_gates if bound is None else bound)
        asked = {name: value for name, value in asked.items() if name not in ("num_qubits", "srv")}
        found = self.search(ends.unitary, max_gates=most, num_samples=num_samples, generator=source, **asked)
        return [ends.whole(middle).expand() for middle in found]

    def _refilled(
        self,
        circuit: Circuit,
        keep: Sequence[bool],
        unitary: NDArray[np.complex128] | None,
        num_samples: int,
        longer: int,
        generator: torch.Generator,
        options: dict[str, Any],
    ) -> list[Circuit]:
        seed = int(torch.randint(2**31, (1,), generator=generator, device=generator.device))
        lengths = torch.Generator().manual_seed(seed)
        template = refill_gates(circuit, self.layout, keep, num_samples, lengths, longer, options["max_gates"])
        return self.sample(unitary, num_samples=num_samples, template=template, generator=generator, **options)

    def _draw(
        self,
        request: Request,
        constraint: SequenceConstraint,
        template: Template,
        num_samples: int,
        steps: int,
        guidance: float,
        temperature: float,
        remask: float,
        joint: bool,
        generator: torch.Generator | None,
    ) -> Sequences:
        if not bool(possible_lengths(constraint, template).any(1).all()):
            raise InputError("no circuit satisfies the masks, the bounds and what is kept")
        if len(template) not in (1, num_samples):
            raise InputError(f"{len(template)} templates for {num_samples} samples")
        denoise, source = self._denoise(request, guidance), self._generator(generator)
        angled = torch.from_numpy(self.layout.has_angle.any(1)).to(self._device)
        has_angles = bool((constraint.allowed & angled).any()) or bool(
            angled[template.tokens[template.keep_tokens]].any()
        )
        found = sample_sequences(
            denoise,
            constraint,
            template,
            num_samples,
            steps,
            source,
            temperature,
            in_order=request.unitary is None,
            angles=has_angles and joint,
            remask=remask,
        )
        if joint or not has_angles:
            return found
        everything = torch.ones_like(found.tokens, dtype=torch.bool)
        settled = Template(*found, everything, template.keep_params.expand_as(everything))
        return sample_sequences(denoise, constraint, settled, num_samples, steps, source)

    def _circuits(self, found: Sequences, num_qubits: int) -> list[Circuit]:
        circuits = decode(found.tokens.cpu(), found.params.double().cpu(), self.layout.vocabulary)
        within = [[gate for gate in circuit.operations if max(gate.qubits) < num_qubits] for circuit in circuits]
        return [Circuit(num_qubits, tuple(operations)) for operations in within]

    def _denoise(self, request: Request, guidance: float) -> Denoise:
        condition = condition_of(without_loose_bounds(request), self.config, self._device)
        with torch.no_grad():
            conditional = bind(self.model, self.model.encode(condition))
            if guidance == 1.0:
                return conditional
            free = bind(self.model, self.model.encode(condition.unconditional()))
        return guided(conditional, free, guidance)


def _register(
    unitary: NDArray[np.complex128] | None, srv: Sequence[int] | None, coupling: Coupling | Collection[Pair] | None
) -> int | None:
    if unitary is not None:
        return len(unitary).bit_length() - 1
    if srv is not None:
        return len(srv)
    return coupling.num_qubits if isinstance(coupling, Coupling) else None
