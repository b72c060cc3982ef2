"""text-dedup: its minhash.main() with the settings of its README, on all cores. It tells clusters only."""
import json
import os
import pickle
import tempfile

import peer


def main():
    _, threshold, source, out = peer.arguments()
    out = os.path.abspath(out)
    with tempfile.TemporaryDirectory(dir=out) as work:
        os.environ["HF_HOME"] = work  # else a second run would find the signatures of the first
        os.environ["HF_HUB_OFFLINE"] = "1"
        from text_dedup.config import Config
        from text_dedup.minhash import main as deduplicate

        ids, texts = peer.read(source)
        rows = os.path.join(work, "rows.jsonl")
        with open(rows, "w", encoding="utf-8") as f:
            for text in texts:
                f.write(json.dumps({"text": text}) + "\n")
        os.chdir(work)
        with open("config.toml", "w", encoding="utf-8") as f:
            f.write(CONFIG.format(rows=rows, threshold=threshold, cores=os.cpu_count()))
        deduplicate(Config())  # reads config.toml
        with open("output/clusters.pickle", "rb") as f:
            cluster_of = pickle.load(f)
        groups = {}
        for i, cluster in cluster_of.items():
            groups.setdefault(cluster, []).append(i)
        os.chdir(out)
    peer.write_clusters(out, ids, groups.values())


CONFIG = """
[input]
input_type = "local_files"
file_type = "json"
[input.read_arguments]
path = "json"
data_files = "{rows}"
split = "train"
[algorithm]
algorithm_name = "minhash"
text_column = "text"
seed = 42
batch_size = 10000
num_perm = 240
threshold = {threshold}
false_positive_weight = 0.5
false_negative_weight = 0.5
hash_bits = 64
ngram_size = 5
check_false_positive = true
num_proc = {cores}
[output]
output_dir = "output"
clean_cache = false
save_clusters = true
[debug]
enable_profiling = false
"""

if __name__ == "__main__":
    main()
