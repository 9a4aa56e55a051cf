"""The model as its users see it: circuits for a unitary, for entanglement or for words, and circuits edited."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from circuitdiff.circuits.circuit import Circuit
from circuitdiff.circuits.tensors import decode
from circuitdiff.errors import InputError
from circuitdiff.generation.best_first import Close, cannot_close, expected_gates, search_circuits, without_kept_ends
from circuitdiff.generation.constraint import Constraint, possible_lengths
from circuitdiff.generation.denoise import Denoise, bind, guided
from circuitdiff.generation.inpainting import InpaintingMask, keep_gates, keep_nothing, refill_gates
from circuitdiff.generation.proposals import Proposals
from circuitdiff.generation.requests import (
    Request,
    condition_of,
    constraint_of,
    one_bell_pair_each,
    request_of,
    without_loose_bounds,
)
from circuitdiff.generation.samplers import CircuitBatch, Schedule, sample_angles, sampler
from circuitdiff.generation.sampling import Sampling
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
        spec: CircuitSpec | str | None = None,
        *,
        state: NDArray[np.complex128] | None = None,
        sampling: Sampling | None = None,
        allowed: NDArray[np.bool_] | None = None,
        keep: InpaintingMask | None = None,
        generator: torch.Generator | None = None,
    ) -> list[Circuit]:
        """Draw circuits as the network has them: gates as asked for, angles near.

        Models of states know structures alone: their angles are uniform, and to be fitted.

        Args:
            unitary: (2^n, 2^n), qubit 0 least significant; its global phase does not matter.
            spec: register, Schmidt ranks, gates, couplings and bounds; or a prompt, as `circuitdiff.spec.grammar` reads
                it. Models that read are shown a prompt in the words that they know.
            state: (2^n,) of norm one, to be made of all qubits in zero, in place of a unitary.
            sampling: how many circuits, and how they are drawn.
            allowed: (vocabulary,) a further mask, from `Layout.permitted`.
            keep: what is kept, of one circuit or of as many as are drawn; its gates count against the bounds.
            generator: of this model's device; None for a fresh one of the seed of `sampling`.

        Returns:
            As many circuits as `sampling` says; the kept gates and angles are exactly those of `keep`.

        Raises:
            InputError: when the model does not take what is asked for, or nothing can satisfy it.
        """
        how = sampling or Sampling()
        request = request_of(self.config, spec, unitary, allowed, state=state)
        return self._sample(request, how, keep, self._source(generator, how))

    @cpu_by_default()
    def search(
        self,
        unitary: NDArray[np.complex128],
        spec: CircuitSpec | str | None = None,
        *,
        sampling: Sampling | None = None,
        allowed: NDArray[np.bool_] | None = None,
        post_process: Callable[[Circuit], Circuit] = lambda circuit: circuit,
        close: Close = cannot_close,
        tol: float = 1e-9,
        deadline: float = math.inf,
        generator: torch.Generator | None = None,
    ) -> list[Circuit]:
        """Draw circuits for a unitary, keep pieces of them, and draw again for what is left; see `search_circuits`.

        Far more often right than as many independent samples, above all for gates without angles. For gates with
        angles, `post_process` has to fit them.

        Args:
            unitary: (2^n, 2^n), qubit 0 least significant; its global phase does not matter.
            spec: gates, couplings and bounds; the whole may have more gates than the model draws at a time.
            sampling: most circuits drawn, and how.
            allowed: see `sample`.
            post_process: what is done to each whole circuit before it is compared and returned.
            close: makes a (2^n, 2^n) unitary that is left over without the model, or returns None; the search ends with
                the first whole circuit that this gives, beside those that were drawn.
            tol: infidelity at which the search ends.
            deadline: `time.monotonic` after which nothing more is drawn.
            generator: see `sample`.

        Returns:
            Whole circuits in the order in which they were drawn; where one is within `tol`, it is among the last.

        Raises:
            InputError: as `sample`, and for Schmidt ranks.
        """
        check_options(tol=tol)
        how = sampling or Sampling()
        request, source = request_of(self.config, spec, unitary, allowed), self._source(generator, how)
        return self._search(request, how, post_process, close, tol, deadline, source)

    @cpu_by_default()
    def edit(
        self,
        circuit: Circuit,
        keep: Sequence[bool],
        unitary: NDArray[np.complex128] | None = None,
        spec: CircuitSpec | str | None = None,
        *,
        sampling: Sampling | None = None,
        allowed: NDArray[np.bool_] | None = None,
        max_growth: int = 0,
        search: bool = False,
        generator: torch.Generator | None = None,
    ) -> list[Circuit]:
        """Draw anew the gates of a circuit that are not kept; each run of them may become shorter.

        Towards a unitary and nothing else, what is kept at the beginning and at the end is taken off it, and the model
        is shown what is left.

        Args:
            circuit: of the model's gates, final ones at the end.
            keep: for each gate, whether it stays, in its order and with its angles.
            unitary: towards which; see `sample`.
            spec: towards which, with bounds on the whole; see `sample`.
            sampling: see `sample`.
            allowed: see `sample`.
            max_growth: most gates by which each run of gates drawn anew may grow.
            search: draw by `search`, which takes one run of gates to draw anew, and a unitary and nothing else.
            generator: see `sample`.

        Raises:
            InputError: as `sample`, and when every gate or none is kept.
        """
        how = sampling or Sampling()
        keep_gates(circuit, self.layout, keep)  # refuses circuits that the model cannot hold
        if all(keep) or not any(keep):
            raise InputError(f"an edit keeps some gates and not others; {sum(keep)} of {len(keep)} are kept")
        request = request_of(self.config, spec, unitary, allowed, circuit.num_qubits)
        if request.num_qubits != circuit.num_qubits:
            raise InputError(f"the circuit has {circuit.num_qubits} qubits, and {request.num_qubits} are asked for")
        counted = sum(
            stays and gate.name != self.layout.final_gate for gate, stays in zip(circuit.operations, keep, strict=True)
        )
        if request.max_gates is not None and request.max_gates < counted:
            raise InputError(f"no circuit satisfies a bound of {request.max_gates} gates: {counted} are kept")
        source = self._source(generator, how)
        if unitary is None or request.srv is not None or request.prompt is not None:
            if search:
                raise InputError("a search takes a unitary and nothing else")
            return self._refill(circuit, keep, request, how, max_growth, source)
        ends, inner, kept = without_kept_ends(circuit, keep, unitary, self.layout.final_gate)
        bounds = ends.bounds(request.max_gates, request.max_two_qubit)
        request = replace(request, unitary=ends.unitary, max_gates=bounds[0], max_two_qubit=bounds[1])
        if not search:
            found = self._refill(inner, kept, request, how, max_growth, source)
            return [ends.whole(middle).expand() for middle in found]
        if any(kept):
            raise InputError(f"a search takes one run of gates to draw anew; {sum(kept)} between them are kept")
        most = min(inner.num_gates + max_growth, self.layout.max_gates if bounds[0] is None else bounds[0])
        found = self._search(
            replace(request, max_gates=most), how, lambda drawn: drawn, cannot_close, 1e-9, math.inf, source
        )
        return [ends.whole(middle).expand() for middle in found]

    def _sample(
        self, request: Request, how: Sampling, keep: InpaintingMask | None, source: torch.Generator
    ) -> list[Circuit]:
        if request.bell_pairs is not None and keep is not None:
            raise InputError("Bell pairs are drawn one after another, and nothing can be kept meanwhile")
        state = keep_nothing(self.layout) if keep is None else keep
        wholes = [Circuit(request.num_qubits, ())] * how.num_samples
        for part in one_bell_pair_each(request, self.layout):
            extra = how.max_extra_gates if keep is None else None
            drawn = self._draw(part, constraint_of(part, self.layout, self._device, extra), state, how, source)
            wholes = [replace(a, operations=a.operations + b.operations) for a, b in zip(wholes, drawn, strict=True)]
        return [circuit.expand() for circuit in wholes]

    def _search(
        self,
        request: Request,
        how: Sampling,
        post_process: Callable[[Circuit], Circuit],
        close: Close,
        tol: float,
        deadline: float,
        source: torch.Generator,
    ) -> list[Circuit]:
        if request.srv is not None or request.prompt is not None:
            raise InputError("a search takes a unitary and nothing else, and no Schmidt ranks")
        blank = keep_nothing(self.layout)

        def draw(asked: Request, count: int) -> list[Circuit]:
            constraint = constraint_of(asked, self.layout, self._device)
            return self._draw(asked, constraint, blank, replace(how, num_samples=count, remask=0.0, joint=True), source)

        whole = request if request.max_gates is not None else replace(request, max_gates=self.layout.max_gates)
        return search_circuits(
            draw,
            partial(expected_gates, self.model, request),
            whole,
            how.num_samples,
            lambda circuit: post_process(circuit.expand()),
            tol,
            deadline,
            close,
            free=self.layout.final_gate,
        )

    def _refill(
        self,
        circuit: Circuit,
        keep: Sequence[bool],
        request: Request,
        how: Sampling,
        max_growth: int,
        source: torch.Generator,
    ) -> list[Circuit]:
        seed = int(torch.randint(2**31, (1,), generator=source, device=source.device))
        lengths = torch.Generator().manual_seed(seed)
        state = refill_gates(circuit, self.layout, keep, how.num_samples, lengths, max_growth, request.max_gates)
        return self._sample(request, how, state, source)

    def _draw(
        self, request: Request, constraint: Constraint, keep: InpaintingMask, how: Sampling, source: torch.Generator
    ) -> list[Circuit]:
        """Run the sampler, and draw the angles of its gates where it leaves them open."""
        state = keep.to(self._device)
        if not bool(possible_lengths(constraint, state).any(-1).all()):
            raise InputError("no circuit satisfies the masks, the bounds and what is kept")
        if len(state) not in (1, how.num_samples):
            raise InputError(f"what is kept is of {len(state)} circuits, for {how.num_samples} samples")
        denoise, has_target = self._denoise(request, how.guidance), request.target is not None
        with_angles = torch.from_numpy(self.layout.has_angle.any(1)).to(self._device)
        has_angles = bool((constraint.allowed & with_angles).any() | with_angles[state.tokens[state.keep_tokens]].any())
        schedule = Schedule(
            num_samples=how.num_samples,
            steps=how.steps,
            temperature=how.temperature_for(has_target=has_target),
            left_to_right=not has_target,
            angles=has_angles and how.joint,
            remask=how.remask,
        )
        found = sampler(how.sampler)(denoise, state, constraint, schedule, source)
        if found.params is None and has_angles:
            settled = replace(state.expand(how.num_samples), tokens=found.tokens[0]).with_gates_kept()
            found = sample_angles(denoise, settled, constraint, schedule, source)
        return self._circuits(found, request.num_qubits)

    def _circuits(self, found: CircuitBatch, num_qubits: int) -> list[Circuit]:
        circuits = decode(found.tokens[0].cpu(), found.angles()[0].double().cpu(), self.layout.vocabulary)
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
