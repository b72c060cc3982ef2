"""near-dupes: find_duplicates(texts, threshold), which checks each pair exactly."""
import near_dupes

import peer

_, threshold, source, out = peer.arguments()
ids, texts = peer.read(source)
found = near_dupes.find_duplicates(texts, kind="text", threshold=float(threshold))
answers = peer.Answers(out, ids)
for i, j, _ in found.pairs:
    answers.add(i, [j])
answers.close()
