"""What the drivers of all peers share: reading articles, 5-word shingles, writing what was found.

A driver is run as

    python run_NAME.py SETTING THRESHOLD INPUT OUT

and writes into the folder OUT, as the scorer reads them (one JSON object a line):

    clusters.jsonl   {"members": ["id", ...]}
    matches.jsonl    {"id": "id", "matches": [{"id": "id"}, ...]}; absent if the peer tells clusters only

or both into a subfolder for each way of reading the peer's answers ("hit", "checked").
"""
import gzip
import json
import os
import re
import sys


def arguments():
    """Setting, threshold (as text), input file and output folder of this run."""
    setting, threshold, source, out = sys.argv[1:]
    return setting, threshold, source, out


def read(path):
    """The ids and the texts of a file of JSON lines, plain or compressed with gzip."""
    ids, texts = [], []
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            ids.append(article["id"])
            texts.append(article["text"])
    return ids, texts


WORD = re.compile(r"\w+")


def shingles(text, k=5):
    """The distinct runs of k lower-case words of a text; of a shorter text, the whole."""
    words = WORD.findall(text.lower())
    if len(words) < k:
        return {" ".join(words)} if words else set()
    return {" ".join(words[i : i + k]) for i in range(len(words) - k + 1)}


class Groups:
    """Connected components of the pairs that are joined; articles are numbers below n."""

    def __init__(self, n):
        self.parent = list(range(n))

    def find(self, i):
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, i, j):
        self.parent[self.find(i)] = self.find(j)

    def __iter__(self):
        members = {}
        for i in range(len(self.parent)):
            members.setdefault(self.find(i), []).append(i)
        return (group for group in members.values() if len(group) > 1)


class Answers:
    """Writes the matches of each article as they come, and at the end their connected components."""

    def __init__(self, out, ids):
        os.makedirs(out, exist_ok=True)
        self.out, self.ids, self.groups = out, ids, Groups(len(ids))
        self.matches = open(os.path.join(out, "matches.jsonl"), "w", encoding="utf-8")

    def add(self, i, partners):
        """Article i matches these articles; i itself among them does not count."""
        partners = [j for j in partners if j != i]
        if not partners:
            return
        for j in partners:
            self.groups.join(i, j)
        line = {"id": self.ids[i], "matches": [{"id": self.ids[j]} for j in partners]}
        self.matches.write(json.dumps(line) + "\n")

    def close(self):
        self.matches.close()
        write_clusters(self.out, self.ids, self.groups)


def write_clusters(out, ids, groups):
    """Writes groups of articles, given as numbers, as clusters."""
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "clusters.jsonl"), "w", encoding="utf-8") as f:
        for group in groups:
            f.write(json.dumps({"members": [ids[i] for i in group]}) + "\n")
