package extract

import "errors"

var (
	// ErrNoArticle says that a page holds no article: no running text was found in it, as on a front page, a gallery or a
	// page that a script fills in later. What the page says of itself is still in the [Page] that comes with the error.
	// Skip the page, and count it.
	ErrNoArticle = errors.New("no article on the page")

	// ErrPage says that the extraction of one page gave up on a bug in the library below, not on the network or the disk.
	// As with ErrNoArticle, the rest of the Page is good. Skip the page, and report it with its address.
	ErrPage = errors.New("page cannot be read")
)
