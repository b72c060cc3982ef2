"""gaoya: MinHashStringIndex, bulk insert, bulk query (on all cores); it checks its candidates itself.

"constructor" has the defaults of the constructor, "example" the settings of the documented example, "5-word" the same with
5-word shingles.
"""
from gaoya.minhash import MinHashStringIndex

import peer

setting, threshold, source, out = peer.arguments()
threshold = float(threshold)
if setting == "constructor":
    index = MinHashStringIndex(jaccard_threshold=threshold)
else:
    n = 5 if setting == "5-word" else 1
    index = MinHashStringIndex(32, threshold, 42, 3, None, "word", True, (n, n))
ids, texts = peer.read(source)
index.par_bulk_insert_docs(list(range(len(ids))), texts)
answers = peer.Answers(out, ids)
for i, found in enumerate(index.par_bulk_query(texts)):
    answers.add(i, found)
answers.close()
