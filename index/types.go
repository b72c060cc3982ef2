package index

import (
	"time"

	"github.com/dedupe-news/dedupe/article"
	"github.com/dedupe-news/dedupe/match"
)

// Limits of what an index takes.
const (
	MaxTextBytes = 16 << 20 // longest text of an article
	MaxIDBytes   = 1024     // longest id
)

// Options say how to open an index. The zero value opens an existing one.
type Options struct {
	Create  bool // create the index where the directory is missing or empty
	NoText  bool // when creating: keep no texts; matches are then estimated from sketches (part of the scheme)
	Workers int  // goroutines that prepare and compare articles; 0: two a processor. Results do not depend on it

	// MemoryBytes is what the index may take of memory, garbage included, however many articles it has (but a few bytes for each); 0:
	// DefaultMemoryBytes. At least LeastMemoryBytes. More memory makes large indexes faster. Results do not depend on it.
	MemoryBytes int64

	// Versions say which matches are called versions of one article.
	Versions Versions

	// ReserveBytes of free disk are left alone: Add returns ErrDiskFull before there is less. 0: disk.ReserveBytes.
	ReserveBytes int64

	// Job names a long job, such as a crawl; empty: none. The index counts the articles that Add took under this name, in
	// the same transactions as the articles, so that a job which was killed can go on exactly where it was: see Taken. There is
	// one count: another name begins anew.
	Job string
}

// Status says what Add found.
type Status string

// The statuses of an added article.
const (
	New       Status = "new"       // nothing in the index matches it from rewrite up
	Unchanged Status = "unchanged" // the id was there with the same words; nothing was done
	Updated   Status = "updated"   // the id was there with other words; the old text and all that hung on it is gone
	// … or the name of the kind of its best match: exact, copy, excerpt, rewrite.
)

// Added is the result of adding one article.
type Added struct {
	ID             string
	Status         Status
	Cluster        string // of the article, also if it is alone in it
	Representative string // id of the article that stands for the cluster
	Match          *Match // the best match from rewrite up, also when updated; nil: none
	Err            error  // the article was not added: ErrNoWords, ErrTooLong, ErrBadID; other fields but ID are then zero
}

// Match is a verified relation of one article, the query, to another, ID.
type Match struct {
	ID          string
	Kind        match.Kind
	Jaccard     float64 // of the shingle sets, 0…1
	Containment float64 // the larger of both containments, 0…1: how much of the article named Contained stands in the other
	Contained   string  // id of the article that is (more) contained in the other
	Estimated   bool    // the figures are estimates from sketches (an index without texts)
	Version     bool    // both are versions of one article, with text of their own: see Versions
	Cluster     string
	Ordinal     Ordinal
	Words       int    // words of the text
	Copies      int    // exact copies of ID in the index, if there are more of that text than Query lists; else 0
	Via         string // only in Member: the figures are against this member, for there is no match with the representative
	Title       string
	URL         string
	Site        string
	Published   time.Time // zero: unknown
}

// Ordinal is the place of an article in the order in which articles were added, from 1; an updated article gets a new one. 0 stands
// for no article. Places of removed articles stay empty.
type Ordinal uint32

// QueryOptions narrow the matches of a query.
type QueryOptions struct {
	MinKind match.Kind // weakest kind reported; None means Rewrite
	Limit   int        // at most that many matches, best first; 0: all that were found (see the package comment for what is compared and listed)
}

// Cluster is one wire story (or, asked for excerpts and up, one set of copies).
type Cluster struct {
	ID             string  // "c" and Ordinal
	Ordinal        Ordinal // of the first article added of those in it
	Representative string  // earliest published, then lowest id
	// Weakest is the weakest link, 0…1: each text of the cluster has a strongest edge to another of its texts, and this is the least of
	// their weights (own coverages). With a threshold above it (see Recut) an article falls out. Two halves that hang together
	// by weak edges alone are not seen by it. 1: all have the same words; 0: there is one article, or no edge is stored.
	Weakest float64
	Members []Member // the representative first, then by similarity to it (copies before rewrites, Jaccard falling), then by id
}

// Story is what is known of a story without the records of its members.
type Story struct {
	ID             string // as Cluster.ID
	Articles       int
	Weakest        float64         // as Cluster.Weakest; 0 too for a story of more than 512 texts
	Representative article.Article // without its text
}

// Member is one article of a cluster. Its kind and figures are against the
// representative, whose own are exact and 1.
type Member = Match

// ClusterOptions choose the clusters to list.
type ClusterOptions struct {
	MinKind match.Kind // Rewrite (or None): whole stories; Excerpt: copies only; others are refused
	MinSize int        // least number of members; 0: 2
}

// Entry is one article as stored.
type Entry struct {
	Article article.Article // Text is empty in an index without texts
	Cluster string
	Words   int       // words of the text
	Added   time.Time // when it was added, UTC
}

// Comparison tells how two articles are related and why.
type Comparison struct {
	A, B           article.Article
	Kind           match.Kind
	Why            string  // the rule that decided, with its numbers
	Jaccard        float64 // exact, of the whole texts
	ContainmentA   float64 // the part of A that stands in B
	ContainmentB   float64
	CoverageA      float64 // the part of A's own words (no furniture) that stand in shared passages
	CoverageB      float64
	WordsA, WordsB int       // words
	OwnA, OwnB     int       // … that are no furniture
	Passages       []Passage // longest first
	OnlyA          []Part    // own words of A in no shared passage, longest first: with these and the furniture A is complete
	OnlyB          []Part
	FurnitureA     []Span // set aside as furniture
	FurnitureB     []Span
}

// Part is a run of words in one text.
type Part struct {
	Words int
	Span
	Text string
}

// Passage is a run of words that stands in both texts.
type Passage struct {
	Words int
	A, B  Span
	Text  string // as it stands in A
}

// Span is a range of bytes in the original text of an article.
type Span struct{ Start, End int }

// Stats are the figures of an index.
type Stats struct {
	Articles          int // all articles
	ExactCopies       int // of these, exact duplicates of another
	Stories           int // clusters of two or more articles, at rewrite
	StoryMembers      int // articles in them
	CopyClusters      int // clusters of two or more articles, at excerpt
	Edges             int // verified pairs kept
	Segments          int // sealed posting segments
	FrozenKeys        int // keys of so many clusters that they are asked only where no other key leads anywhere
	FurnitureShingles int // counted shingles that stand in three or more stories
	DiskBytes         int64
	TextKept          bool
	Thresholds        Thresholds // of the edges that clusters are made of
	Format            int
	Scheme            Scheme
}

// Scheme is all that sketches and verdicts depend on; it is fixed when an index is created.
type Scheme struct {
	ShingleWords     int    `json:"shingle_words"`
	ShingleWeight    int    `json:"shingle_weight"`
	Hash             string `json:"hash"`
	LeastKeys        int    `json:"least_keys"`
	SketchFactor     int    `json:"sketch_factor"`
	FurnitureScale   int    `json:"furniture_scale"`
	FurnitureStories int    `json:"furniture_stories"`
	KeepText         bool   `json:"keep_text"`
}

// Problem is one broken invariant that Check found.
type Problem struct {
	Record string // which record, e.g. `article "x"`, `posting segment 3`
	What   string
}

// Checked is the report of Check.
type Checked struct {
	Articles, Postings, Edges, Clusters int
	Problems                            []Problem
}

// Reclustered is the report of Recluster and Recut.
type Reclustered struct {
	Articles, Edges, Stories, CopyClusters int
	EdgesGone, EdgesNew                    int // against what stood before
	Moved                                  int // articles whose cluster has other members than before
}
