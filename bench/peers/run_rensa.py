"""rensa: the streaming deduplicator of its README. Its matches are those with articles that were kept, for it forgets the others.

"split" takes text.split() as the README does, "5-word" our 5-word shingles.
"""
from rensa import RMinHash, RMinHashDeduplicator

import peer

setting, threshold, source, out = peer.arguments()
tokens = str.split if setting == "split" else lambda text: list(peer.shingles(text))
ids, texts = peer.read(source)
kept = RMinHashDeduplicator(threshold=float(threshold), num_perm=128, use_lsh=True)
answers = peer.Answers(out, ids)
for i, text in enumerate(texts):
    signature = RMinHash(num_perm=128, seed=42)
    signature.update(tokens(text))
    if not kept.add(str(i), signature):
        answers.add(i, map(int, kept.get_duplicates(signature)))
answers.close()
