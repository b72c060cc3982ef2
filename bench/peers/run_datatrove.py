"""datatrove: stages 1 to 4 of its MinHash deduplication, a task a core. The threshold is BUCKETSxHASHES. It tells clusters only."""
import json
import os
import struct
import tempfile

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

import peer


def cut(texts, folder, parts):
    """Writes the texts into a file a task; returns the numbers of the texts in each. Empty ones stay out: the reader passes them over."""
    os.makedirs(folder)
    numbers = [[i for i, text in enumerate(texts) if i % parts == part and text] for part in range(parts)]
    for part, chosen in enumerate(numbers):
        with open(f"{folder}/{part:05d}.jsonl", "w", encoding="utf-8") as f:
            for i in chosen:
                f.write(json.dumps({"id": str(i), "text": texts[i]}) + "\n")
    return numbers


def main():
    _, bands, source, out = peer.arguments()
    buckets, hashes = map(int, bands.split("x"))
    config = MinhashConfig(num_buckets=buckets, hashes_per_bucket=hashes)
    tasks = os.cpu_count()
    ids, texts = peer.read(source)
    with tempfile.TemporaryDirectory(dir=out) as work:
        numbers = cut(texts, f"{work}/in", tasks)
        stages = [
            (tasks, [JsonlReader(f"{work}/in"), MinhashDedupSignature(f"{work}/signatures", config)]),
            (buckets, [MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)]),
            (1, [MinhashDedupCluster(f"{work}/buckets", f"{work}/clusters", config, save_cluster_id=True)]),
            (tasks, [JsonlReader(f"{work}/in"), MinhashDedupFilter(f"{work}/clusters"), JsonlWriter(f"{work}/kept")]),
        ]
        for number, (n, pipeline) in enumerate(stages):
            LocalPipelineExecutor(pipeline, tasks=n, workers=min(n, tasks), logging_dir=f"{work}/logs/{number}").run()
        groups = {}
        for part in range(tasks):
            name = f"{work}/clusters/{part:06d}.clusters"
            if os.path.exists(name):
                with open(name, "rb") as f:
                    for document, cluster in struct.iter_unpack("<2I", f.read()):
                        groups.setdefault(cluster, []).append(numbers[part][document])
    peer.write_clusters(out, ids, groups.values())


if __name__ == "__main__":
    main()
