"""Makes synthetic-runs-240.csv and the optimum that tests hold fits of it against (numpy, scipy).

A law with the exponents and prefactors published by Besiroglu et al. 2024 (arXiv 2404.10102), nine budgets, noise with
heavy tails (Student's t with 3 degrees of freedom, 0.4 %). The optimum: BFGS with analytic gradients on the logarithms
of E, A and B at the centre of the data, from 60 random starts, each restarted four times; independent of the crate's
parametrisation and method.
"""
import numpy as np
from scipy.optimize import minimize

A, B, E, ALPHA, BETA, DELTA = 482.01, 2085.43, 1.8172, 0.3478, 0.3658, 1e-3
BUDGETS = [6e18, 1e19, 3e19, 6e19, 1e20, 3e20, 6e20, 1e21, 3e21]

rng = np.random.Generator(np.random.PCG64(20241))
rows = []
for i in range(240):
    budget = BUDGETS[i % 9]
    n = float("%.4g" % (0.06 * budget**0.5 * np.exp(rng.normal(0, 0.8))))
    d = float("%.5g" % (budget / (6 * n)))
    law = E + A * n**-ALPHA + B * d**-BETA
    rows.append((n, d, float("%.6g" % (law * np.exp(rng.standard_t(3) * 0.004)))))
with open("synthetic-runs-240.csv", "w") as file:
    file.write("N,D,loss\n" + "".join("%.10g,%.10g,%.10g\n" % row for row in rows))

n, d, loss = np.log(np.array(rows)).T
n_mean, d_mean = n.mean(), d.mean()


def objective(theta):
    """Summed Huber loss and its gradient, times 1000."""
    e, a, b, x, y = theta
    parts = np.stack([np.full_like(n, e), a - x * (n - n_mean), b - y * (d - d_mean)])
    top = parts.max(0)
    shares = np.exp(parts - top)
    total = shares.sum(0)
    shares /= total
    r = top + np.log(total) - loss
    value = np.where(abs(r) <= DELTA, r**2 / 2, DELTA * (abs(r) - DELTA / 2)).sum()
    pull = np.clip(r, -DELTA, DELTA) * shares
    slopes = [-(pull[1] * (n - n_mean)).sum(), -(pull[2] * (d - d_mean)).sum()]
    return 1e3 * value, 1e3 * np.array([*pull.sum(1), *slopes])


starts, best = np.random.default_rng(0), None
for _ in range(60):
    theta = starts.uniform([-1, -2, -2, 0.1, 0.1], [0.7, 0.5, 0.5, 1, 1])
    for _ in range(4):
        end = minimize(objective, theta, jac=True, method="BFGS", options={"gtol": 1e-12, "maxiter": 5000})
        theta = end.x
    best = end if best is None or end.fun < best.fun else best
e, a, b, x, y = best.x
print("objective %.13e" % (best.fun / 1e3))
print("E %.8f A %.5f B %.4f alpha %.8f beta %.8f" % (np.exp(e), np.exp(a + x * n_mean), np.exp(b + y * d_mean), x, y))
