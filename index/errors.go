package index

import (
	"errors"

	"github.com/dedupe-news/dedupe/disk"
)

// The errors of this package, to be told apart with errors.Is. They come
// wrapped with the directory, the id or the field that they are about.
var (
	// ErrNoIndex: the directory does not exist or is empty. Open with Options.Create, or name another directory.
	ErrNoIndex = errors.New("no index here")
	// ErrNotIndex: the directory holds something else; it is left as it is. Name another directory.
	ErrNotIndex = errors.New("not a dedupe index")
	// ErrLocked: another process has the index open. Wait for it, or stop it; a lock does not outlive its process.
	ErrLocked = errors.New("locked by another process")
	// ErrNewerFormat: a later version of dedupe wrote the index. Use that version.
	ErrNewerFormat = errors.New("written by a newer version of dedupe")
	// ErrSchemeMismatch: the index was created with other settings than those asked for. The text names each
	// field with its stored and its asked value. Ask for the stored ones, or create another index.
	ErrSchemeMismatch = errors.New("index has another scheme")
	// ErrCorrupt: a record does not decode. The text names the record. Run check, and recluster or rebuild.
	ErrCorrupt = errors.New("damaged record")
	// ErrNotFound: no article has that id.
	ErrNotFound = errors.New("no such article")
	// ErrNoWords: the text has no word, so there is nothing to compare; the article is not added.
	ErrNoWords = errors.New("text has no words")
	// ErrTooLong: the text is longer than MaxTextBytes; the article is not added.
	ErrTooLong = errors.New("text is too long")
	// ErrBadID: the id is empty or longer than MaxIDBytes.
	ErrBadID = errors.New("unusable id")
	// ErrNoText: the index was created without texts, so this cannot be shown or compared.
	ErrNoText = errors.New("index keeps no texts")
	// ErrDiskFull: too little free space on the disk of the index; nothing was written.
	ErrDiskFull = disk.ErrFull
	// ErrMemory: Options.MemoryBytes is less than an index can do with.
	ErrMemory = errors.New("too little memory")
	// ErrUnclustered: articles were loaded that have not been compared yet. Recluster does it.
	ErrUnclustered = errors.New("articles were loaded, but not clustered yet")
	// ErrNotEmpty: Load needs an index that has no articles.
	ErrNotEmpty = errors.New("index has articles")
	// ErrClosed: the index was closed.
	ErrClosed = errors.New("index is closed")
)
