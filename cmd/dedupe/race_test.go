//go:build race

package main

// raceBuild: the race detector takes several times the memory, so that what it takes says nothing about budgets.
const raceBuild = true
