"""Golden values of closed_forms.rs: normal equations and covariances, by numpy and scipy."""
import numpy as np
from scipy import stats

x = np.log([10, 20, 50, 100, 300])
Y = np.array([[1.90, 2.10, 2.05, 1.85], [1.20, 1.10, 1.35, 1.25], [0.70, 0.62, 0.66, 0.74],
              [0.45, 0.41, 0.40, 0.47], [0.21, 0.19, 0.22, 0.20]])
n = Y.shape[1]
m = Y.mean(axis=1)
y = np.log(m)
joint = np.cov(Y) / n / np.outer(m, m)
own = np.diag(np.diag(joint))

def rows(degree, w):
    A = np.vander(x, degree + 1, increasing=True)
    W = np.diag(w)
    return np.linalg.solve(A.T @ W @ A, A.T @ W)

for name, w in [("Unit", np.ones(5)), ("StandardErrors", 1 / np.diag(own))]:
    line, square = rows(1, w), rows(2, w)
    a, b = line @ y
    chi = np.sum((y - a - b * x) ** 2 / np.diag(own)) / 3
    print(name, "exponent", b, "prefactor", np.exp(a), "quadratic", square[2] @ y, "chi", chi)
    c, q = line[1], square[2]
    parts = c**2 * np.diag(own)
    freedom = {"per_size": parts.sum() ** 2 / (parts**2).sum() * (n - 1), "shared": n - 1}
    for kind, V in [("per_size", own), ("shared", joint)]:
        se = np.sqrt(c @ V @ c)
        print(" ", kind, [float(se), float(se * stats.t.ppf(0.975, freedom[kind])), float(np.sqrt(q @ V @ q))])

fit = stats.linregress(x, np.log(Y[:, 0]))
print("scatter", [float(fit.slope), float(fit.stderr), float(fit.stderr * stats.t.ppf(0.975, 3))])
