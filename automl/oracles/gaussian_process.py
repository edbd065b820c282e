"""A Gaussian process over mixed hyperparameters."""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

_SPREAD_OF_LOG = 1.5
_LOG_NOISE = -4.0
_JITTER = 1e-6
_BOUNDS_WEIGHT, _BOUNDS_SIGNAL, _BOUNDS_NOISE = (-7.0, 4.0), (-4.0, 4.0), (-10.0, 1.0)
# Of the optimizer, the first time and from a warm start.
_MOST_STEPS, _MOST_WARM_STEPS = 25, 12


class GaussianProcess:
    """Regression with the kernel s² exp(-Σ θ |Δ|), its parameters at their MAP.

    |Δ| is 0 or 1 for a categorical coordinate (Hamming distance). Priors are
    log-normal, the one of θ such that far points are as good as independent.

    Attributes:
        parameters: float64 `(coordinates + 2,)`: logarithms of θ, s² and the noise
            variance.

    Source:
        Rasmussen & Williams (2006), Gaussian Processes for Machine Learning,
        algorithm 2.1 and equation 5.9.
    """

    def __init__(self, categorical: np.ndarray) -> None:
        """Say which coordinates are categorical, bool `(coordinates,)`."""
        self.categorical = categorical
        self.parameters = prior_mean(len(categorical))

    def fit(
        self, rows: np.ndarray, targets: np.ndarray, *, start: np.ndarray | None = None
    ) -> GaussianProcess:
        """Find the parameters and condition on the data.

        Args:
            rows: Points, float64 `(points, coordinates)`.
            targets: What was seen there, float64 `(points,)`.
            start: Parameters of an earlier fit, to begin with.

        Returns:
            Itself.
        """
        self._centre = float(targets.mean())
        self._scale = float(targets.std()) or 1.0
        scaled = (targets - self._centre) / self._scale
        distances = mixed_distances(rows, rows, self.categorical)
        warm = start is not None and len(start) == len(self.parameters)
        steps = _MOST_WARM_STEPS if warm else _MOST_STEPS
        result = minimize(
            negative_log_posterior,
            start if warm else self.parameters,
            args=(distances, scaled),
            jac=True,
            method="L-BFGS-B",
            bounds=[_BOUNDS_WEIGHT] * len(self.categorical)
            + [_BOUNDS_SIGNAL, _BOUNDS_NOISE],
            options={"maxiter": steps, "maxfun": 2 * steps},
        )
        self.parameters = result.x
        self._condition(rows, scaled)
        return self

    def believe(self, rows: np.ndarray, targets: np.ndarray) -> None:
        """Condition on more data, parameters and scale unchanged."""
        scaled = (targets - self._centre) / self._scale
        self._condition(
            np.concatenate([self._rows, rows]), np.concatenate([self._targets, scaled])
        )

    def predict(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the noise-free value, `(points,)`."""
        across = self._kernel(rows, self._rows)
        mean = across @ self._weights
        explained = np.einsum("ij,ji->i", across, cho_solve(self._factor, across.T))
        variance = np.maximum(math.exp(self.parameters[-2]) - explained, 1e-9)
        return self._centre + self._scale * mean, self._scale * np.sqrt(variance)

    def _condition(self, rows: np.ndarray, scaled: np.ndarray) -> None:
        self._rows, self._targets = rows, scaled
        noise = math.exp(self.parameters[-1]) + _JITTER
        covariance = self._kernel(rows, rows) + noise * np.eye(len(rows))
        self._factor = cho_factor(covariance, lower=True)
        self._weights = cho_solve(self._factor, scaled)

    def _kernel(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        weights, signal = np.exp(self.parameters[:-2]), math.exp(self.parameters[-2])
        some, others = self.categorical, ~self.categorical
        distances = np.zeros((len(left), len(right)))
        if others.any():
            near, far = left[:, others], right[:, others]
            distances += cdist(near, far, "cityblock", w=weights[others])
        if some.any():  # what SciPy calls a Hamming distance is a weighted mean
            share = cdist(left[:, some], right[:, some], "hamming", w=weights[some])
            distances += weights[some].sum() * share
        return np.asarray(signal * np.exp(-distances))


def prior_mean(coordinates: int) -> np.ndarray:
    """Return the parameters where the priors are centred."""
    log_weight = math.log(1.5 / math.sqrt(coordinates))
    return np.array([log_weight] * coordinates + [0.0, _LOG_NOISE])


def mixed_distances(
    left: np.ndarray, right: np.ndarray, categorical: np.ndarray
) -> np.ndarray:
    """Return the distance of all pairs, `(coordinates, left, right)`."""
    distances: np.ndarray = np.abs(left.T[:, :, None] - right.T[:, None, :])
    distances[categorical] = distances[categorical] > 0
    return distances


def negative_log_posterior(
    parameters: np.ndarray, distances: np.ndarray, targets: np.ndarray
) -> tuple[float, np.ndarray]:
    """Return the negative log posterior of the parameters, and its gradient.

    Args:
        parameters: As `GaussianProcess.parameters`.
        distances: As `mixed_distances` returns them.
        targets: Centred and scaled, `(points,)`.
    """
    weights, signal = np.exp(parameters[:-2]), math.exp(parameters[-2])
    noise, points = math.exp(parameters[-1]), len(targets)
    flat = distances.reshape(len(weights), -1)
    kernel = signal * np.exp(-(weights @ flat)).reshape(points, points)
    covariance = kernel + (noise + _JITTER) * np.eye(points)
    factor = cho_factor(covariance, lower=True, check_finite=False)
    inverse = cho_solve(factor, np.eye(points), check_finite=False)
    explained = inverse @ targets
    # The gradient of the likelihood is half the trace of this times dK.
    slope = inverse - np.outer(explained, explained)
    weighted = slope * kernel
    likelihood_gradient = 0.5 * np.concatenate(
        [-weights * (flat @ weighted.ravel()), [weighted.sum(), noise * slope.trace()]]
    )
    deviation = parameters - prior_mean(len(weights))
    spread = np.full(len(parameters), _SPREAD_OF_LOG)
    spread[-2] = 1.0
    value = (
        0.5 * targets @ explained
        + np.log(np.diag(factor[0])).sum()
        + 0.5 * ((deviation / spread) ** 2).sum()
    )
    return float(value), likelihood_gradient + deviation / spread**2
