"""The same random numbers as libs/models/src/random.ts, so that no weights need be committed: Philox 4x32-10 (Salmon et al. 2011)."""

import numpy as np

SEED = 20
LOW = np.uint64(0xFFFFFFFF)


def site_words(site):
    """FNV-1a from two starting values."""
    words = []
    for word in (0x811C9DC5, 0x01000193):
        for byte in site.encode():
            word = ((word ^ byte) * 0x01000193) & 0xFFFFFFFF
        words.append(word)
    return words


def philox(counter, key):
    c0, c1, c2, c3 = (np.asarray(c, dtype=np.uint64) for c in counter)
    k0, k1 = key
    for _ in range(10):
        first, second = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        high0, low0, high1, low1 = first >> np.uint64(32), first & LOW, second >> np.uint64(32), second & LOW
        c0, c1, c2, c3 = high1 ^ c1 ^ np.uint64(k0), low1, high0 ^ c3 ^ np.uint64(k1), low0
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def uniforms(count, site, seed=SEED):
    """In (0, 1), float64: 53 bits of two words."""
    n = (count + 1) // 2
    counters = np.arange(n, dtype=np.uint64)
    low, high = site_words(site)
    full = lambda value: np.full(n, value, dtype=np.uint64)
    words = philox((counters, full(0), full(low), full(high)), (seed, 0))
    unit = lambda a, b: ((a >> np.uint64(5)).astype(np.float64) * 2**26 + (b >> np.uint64(6)).astype(np.float64) + 0.5) / 2**53
    return np.stack([unit(words[0], words[1]), unit(words[2], words[3])], axis=1).ravel()[:count]


def values(name, shape, center, bound, seed=SEED):
    """float32: center ± bound."""
    count = int(np.prod(shape, dtype=np.int64))
    return (center + (2 * uniforms(count, name, seed) - 1) * bound).astype(np.float32).reshape(shape)


PROJECTIONS = 8


def directions(name, count):
    """[8, count] of mean 0 and variance 1: the mean square of a difference's projections on them estimates its squared norm."""
    flat = uniforms(PROJECTIONS * count, f"direction of {name}")
    return ((2 * flat - 1) * 3**0.5).reshape(PROJECTIONS, count)
