"""``CircuitDiffGateset``: Cirq's CZ gateset, with resynthesis of blocks at its end."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import cirq

from circuitdiff_cirq.transformer import resynthesize


class CircuitDiffGateset(cirq.CZTargetGateset):
    """A target for `cirq.optimize_for_target_gateset`: CZ and single-qubit gates, as few CZ as are found."""

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        """Take keywords of `resynthesize`, but for its gate set."""
        super().__init__()
        self._options = dict(options or {})

    @property
    def postprocess_transformers(self) -> list[cirq.TRANSFORMER]:
        """Return resynthesis, followed by what Cirq does with its own gateset."""
        return [partial(resynthesize, gate_set="u,cz", **self._options), *super().postprocess_transformers]
