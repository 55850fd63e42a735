"""The simulated shop: seconds and memory for a million impressions, and growth with their number.

Measured where it costs most: 50,000 shoppers, 10,000 items, pages by interest, every trap on.
"""

import re
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from interestkit.shop import Shop

MILLION = 1_000_000
TRAPS = {"gifts": 0.1, "bots": 0.01, "duplicates": 0.02, "cold": 0.1}


def _shop():
    return Shop.make("hobbies", users=50_000, items=10_000, rng=np.random.default_rng(1))


def _seconds(shop, impressions, clock=time.perf_counter):
    start = clock()
    shop.log(impressions, policy="interest", rng=np.random.default_rng(1), **TRAPS)
    return clock() - start


def _growth(shop):
    """Time of a million impressions over that of a quarter: the shortest of seven runs each, in turns.

    Of the processor's time, since other programs may take some of the clock's.
    """
    pairs = [[_seconds(shop, size, time.process_time) for size in (MILLION, MILLION // 4)] for _ in range(7)]
    return np.divide(*np.min(pairs, axis=0))


def _peak():
    """Most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, rusage starts from what the parent process held
        return int(re.search(r"VmHWM:\s*(\d+) kB", status.read_text()).group(1)) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def figures():
    """Each figure with its bound: a list of {name, value, unit, bound, ok, peer}."""
    start = time.perf_counter()
    shop = _shop()
    making = time.perf_counter() - start
    seconds = making + min(_seconds(shop, MILLION) for _ in range(3))
    child = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True)
    memory = int(child.stdout) / 1e9
    rows = [
        ("shop: a million impressions, shop included", seconds, "s", 3, "limit"),
        ("shop: peak memory of a process that makes them", memory, "GB", 1, "limit"),
        ("shop: time for 1 M over time for 250 k", float(_growth(shop)), "x", 5, "4, if linear"),
    ]
    return [
        {"name": name, "value": value, "unit": unit, "bound": bound, "ok": value <= bound, "peer": peer}
        for name, value, unit, bound, peer in rows
    ]


if __name__ == "__main__":
    _seconds(_shop(), MILLION)
    print(_peak())
