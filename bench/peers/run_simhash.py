"""simhash: 64 bits, SimhashIndex(k). "words" takes the words as features, "own" what Simhash makes of a text by itself."""
import logging

from simhash import Simhash, SimhashIndex

import peer

setting, k, source, out = peer.arguments()
logging.disable(logging.WARNING)  # of each big bucket, at each query
ids, texts = peer.read(source)
features = (lambda text: peer.WORD.findall(text.lower())) if setting == "words" else (lambda text: text)
hashes = [Simhash(features(text)) for text in texts]
index = SimhashIndex([(str(i), h) for i, h in enumerate(hashes)], k=int(k))
answers = peer.Answers(out, ids)
for i, h in enumerate(hashes):
    answers.add(i, map(int, index.get_near_dups(h)))
answers.close()
