"""datasketch: 128 permutations of 5-word shingles, MinHashLSH(threshold), insert all, query all.

"hit" takes every answer of the index, as the documentation does; "checked" those whose estimated Jaccard reaches the threshold.
"""
import os

from datasketch import MinHash, MinHashLSH

import peer

_, threshold, source, out = peer.arguments()
threshold = float(threshold)
ids, texts = peer.read(source)
sets = ([s.encode() for s in peer.shingles(text)] for text in texts)
signatures = list(MinHash.generator(sets, num_perm=128))
lsh = MinHashLSH(threshold=threshold, num_perm=128)
for i, signature in enumerate(signatures):
    lsh.insert(i, signature)

hit, checked = (peer.Answers(os.path.join(out, way), ids) for way in ("hit", "checked"))
for i, signature in enumerate(signatures):
    found = lsh.query(signature)
    hit.add(i, found)
    checked.add(i, [j for j in found if j != i and signature.jaccard(signatures[j]) >= threshold])
hit.close()
checked.close()
