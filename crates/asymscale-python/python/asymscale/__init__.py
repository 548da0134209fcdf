"""Asymmetric scaling laws from sparse features.

Data have coordinates ``i = 1, 2, ...`` of variance ``i**-(1 + alpha)``, each active in a sample
with probability ``min(1, (onset / i)**beta)``. A learner fits ``N`` random features to ``D``
samples. This package answers what the ``asymscale`` command answers, with the same numbers, as
NumPy arrays:

- :class:`Model` describes the data, and has a method for each question: ``loss``, ``coverage``,
  ``simulate``, ``frontier``, ``descent``, ``train``, ``instability``;
- :func:`fit`, :func:`predict` and :func:`diagnose` are about tables of your own: training runs
  and activation counts.

Examples
--------
>>> import asymscale
>>> model = asymscale.Model(alpha=1, beta=1.5, onset=1)
>>> loss = model.loss(features=[100, 1000], samples=10_000)
>>> loss.shape
(2,)
>>> loss.regime.tolist()
['feature-limited', 'feature-limited']
"""

from asymscale._answers import (
    Answer,
    Coverage,
    Descent,
    Forecast,
    Frontier,
    Instability,
    Loss,
    Report,
    Simulation,
    Table,
    Training,
)
from asymscale._model import Model
from asymscale._native import __version__
from asymscale._tables import Fit, diagnose, fit, predict

__all__ = [
    "Answer",
    "Coverage",
    "Descent",
    "Fit",
    "Forecast",
    "Frontier",
    "Instability",
    "Loss",
    "Model",
    "Report",
    "Simulation",
    "Table",
    "Training",
    "__version__",
    "diagnose",
    "fit",
    "predict",
]
