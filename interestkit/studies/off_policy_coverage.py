"""How often do off-policy intervals hold the truth? Thousands of logs of the app, whose truth is known.

Two policies judge each other in all three worlds. "best" shows best sellers and a fifth of any item; "own" shows what
the shopper likes and hardly anything else. The log of "best" can judge "own". The log of "own" has few rows to judge
"best" by, and those are heavy.

    python -m interestkit.studies.off_policy_coverage      # two minutes; writes off_policy_coverage.json beside it

What it is not: evidence about real logs. It shows what the estimators do where all their assumptions hold.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from interestkit import catalogue, logs, off_policy, policies, shop, units, worlds
from interestkit.shop import Shop
from interestkit.worlds import WORLDS

RUNS, ROWS = 2_000, 5_000
SHOPPERS, ITEMS = 400, 80
MODELS = {"few": ROWS, "many": 200_000, "true": None}  # rows of an earlier log that each model of clicks has seen
CASES = {"best to own": ("best", "own"), "own to best": ("own", "best")}  # the log's policy, the policy in question
CLIP, LIMIT = 5, 10  # of clipped IPS, and of SWITCH
RESULT = Path(__file__).with_suffix(".json")
_SOURCES = (catalogue, logs, off_policy, policies, shop, units, worlds)
_BLOCK = 200  # runs at once


def two_policies(shop):
    """ "best": best sellers, 20 % any item. "own": the shopper's interests, 1 % any item."""
    return {
        "best": shop.policy(items=shop.popularity, explore=0.2),
        "own": shop.policy(categories=shop.true_interest(0), explore=0.01),
    }


def table(shop, policy):
    """(n, m) probability with which a policy shows each item to each shopper."""
    n, m = len(shop.shoppers), len(shop.items)
    return policy.probability(np.repeat(np.arange(n), m), np.tile(np.arange(m), n)).reshape(n, m)


def reward_table(shop, log):
    """(n, m) a simple model of clicks: each shopper's rate in the item's category, drawn towards the mean rate."""
    kinds = len(shop.categories)
    cell = log.user * kinds + shop.items.category[log.item]
    clicks, shown = (np.bincount(cell[rows], minlength=len(shop.shoppers) * kinds) for rows in (log.click, slice(None)))
    rate = (clicks + 2 * log.click.mean()) / (shown + 2)
    return rate.reshape(-1, kinds)[:, shop.items.category]


@dataclass(frozen=True, eq=False)
class Setting:
    """A log's policy, a policy in question, and what is true of it.

    Attributes:
        shop: the shop.
        logger, target: the two policies.
        truth: the target's exact click rate, shoppers weighed by how often they come.
        largest: the largest weight there can be.
        models: {one of `MODELS`: (n, m) its predictions}.
        wants: (n, m) the target's probabilities.
    """

    shop: Shop
    logger: object
    target: object
    truth: float
    largest: float
    models: dict
    wants: np.ndarray

    @classmethod
    def make(cls, world, case, rng):
        """A new shop of a world, for one of `CASES`."""
        shop = Shop.make(world, SHOPPERS, ITEMS, rng=rng)
        logger, target = (two_policies(shop)[name] for name in CASES[case])
        models = {}
        for name, rows in MODELS.items():
            if rows:
                models[name] = reward_table(shop, shop.log(rows, days=1, slots=1, policy=logger, rng=rng))
            else:
                models[name] = shop.click_probability(np.arange(SHOPPERS)[:, None], np.arange(ITEMS))
        wants = table(shop, target)
        truth = np.average(shop.value(target), weights=shop.shoppers.activity)
        largest = (wants / table(shop, logger)).max()
        return cls(shop, logger, target, truth, largest, models, wants)


def estimates(setting, user, item, click, propensity, target):
    """{name: (estimate, its 95 % interval)} of one log; "model misses" is what the residuals say of each model."""
    log = click, propensity, target
    found = {
        "IPS": off_policy.ips(*log),
        "IPS, clipped": off_policy.ips(*log, clip=CLIP),
        "SNIPS": off_policy.snips(*log),
    }
    for name, model in setting.models.items():
        logged, wanted = model[user, item], (setting.wants * model).sum(1)[user]
        found[f"model alone, {name}"] = off_policy.direct_method(wanted)
        found[f"doubly robust, {name}"] = off_policy.doubly_robust(*log, logged, wanted)
        found[f"SWITCH, {name}"] = off_policy.switch(*log, logged, wanted, LIMIT)
        found[f"model misses, {name}"] = off_policy.ips(click - logged, propensity, target)
    result = {name: (estimate.value, *estimate.interval()) for name, estimate in found.items()}
    result["IPS, Bernstein"] = found["IPS"].value, *found["IPS"].interval(by="bernstein", bound=setting.largest)
    return result


def coverage(setting, runs, rows, rng):
    """Writes logs and asks how often the intervals hold the truth.

    Returns:
        {name: {"coverage", "above", "bias", "spread", "width"}}: the share of intervals that hold the truth, and of
        those that lie wholly below it; the mean error, the standard deviation and the mean half-width of the
        estimates, as shares of the truth. For "model misses", whose truth this study does not know, all of it is
        about 0: "coverage" is the share of the logs that find nothing wrong with the model.
    """
    seen = {}
    for begin in range(0, runs, _BLOCK):
        block = min(_BLOCK, runs - begin)
        log = setting.shop.log(block * rows, days=1, slots=1, policy=setting.logger, rng=rng)
        target = setting.target.probability(log.user, log.item)
        columns = log.user, log.item, log.click, log.propensity, target
        for run in rng.permutation(block * rows).reshape(block, rows):
            for name, found in estimates(setting, *(column[run] for column in columns)).items():
                seen.setdefault(name, []).append(found)
    result = {}
    for name, found in seen.items():
        value, low, high = np.array(found).T / setting.truth
        aim = 0 if name.startswith("model misses") else 1
        result[name] = {
            "coverage": float(np.mean((low <= aim) & (aim <= high))),
            "above": float(np.mean(high < aim)),
            "bias": float(value.mean() - aim),
            "spread": float(value.std(ddof=1)),
            "width": float((high - low).mean() / 2),
        }
    return result


def made_from():
    """Hash of the code that the stored result depends on: this file, the estimators and the simulator."""
    paths = [Path(__file__), *(Path(module.__file__) for module in _SOURCES)]
    texts = "\0".join(path.read_text(encoding="utf-8") for path in paths)
    return hashlib.sha256(texts.encode()).hexdigest()


def load():
    """The stored result: {"runs", "rows", "made_from", "found": {case: {world: {name: numbers}}}}."""
    return json.loads(RESULT.read_text(encoding="utf-8"))


def main():
    """Runs every case in every world, prints the coverage and stores the result."""
    found = {}
    for i, case in enumerate(CASES):
        for j, world in enumerate(WORLDS):
            rng = np.random.default_rng([13, i, j])
            by_name = coverage(Setting.make(world, case, rng), RUNS, ROWS, rng)
            found.setdefault(case, {})[world] = {
                name: {key: round(value, 5) for key, value in numbers.items()} for name, numbers in by_name.items()
            }
            covers = ", ".join(f"{name} {numbers['coverage']:.3f}" for name, numbers in by_name.items())
            print(f"{case}, {world}: {covers}")
    result = {"runs": RUNS, "rows": ROWS, "made_from": made_from(), "found": found}
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
