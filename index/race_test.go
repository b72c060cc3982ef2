//go:build race

package index

// raceBuild: the race detector makes everything ten times slower. Such a build looks for races, so
// tests that measure rates then try less.
const raceBuild = true
