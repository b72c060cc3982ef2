"""Daft: normalize and minhash of its expressions (64 hashes of 5 words), bands, connected components in Python; nothing is checked.

How many bands for a threshold is for the caller to choose: here those with the least false positives and negatives together, each
weighed by one half, as datasketch chooses them.
"""
import daft
import numpy
from daft import col

import peer

HASHES = 64


def bands(threshold, step=0.001):
    """Bands and rows of the least sum of what is wrongly found below the threshold and missed above it."""
    low = numpy.arange(0, threshold, step) + step / 2
    high = numpy.arange(threshold, 1, step) + step / 2

    def error(b, r):
        return ((1 - (1 - low**r) ** b).sum() + ((1 - high**r) ** b).sum()) * step / 2

    return min(((b, r) for b in range(1, HASHES + 1) for r in range(1, HASHES // b + 1)), key=lambda choice: error(*choice))


_, threshold, source, out = peer.arguments()
ids, texts = peer.read(source)
articles = daft.from_pydict({"text": texts})
words = col("text").normalize(remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
signatures = articles.select(words.minhash(num_hashes=HASHES, ngram_size=5, seed=1).alias("signature"))
matrix = signatures.to_arrow()["signature"].combine_chunks().flatten().to_numpy().reshape(-1, HASHES)

count, rows = bands(float(threshold))
groups = peer.Groups(len(ids))
for band in range(count):
    first = {}
    keys = numpy.ascontiguousarray(matrix[:, band * rows : (band + 1) * rows])
    for i, key in enumerate(map(bytes, keys)):
        groups.join(first.setdefault(key, i), i)
peer.write_clusters(out, ids, groups)
