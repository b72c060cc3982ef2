package main

import (
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
)

func newVersionCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version",
		Long: `dedupe version prints the version of this program, the version of Go that it was
built with, the operating system and processor that it was built for, and the
format of the indexes that it writes.`,
		Example: `  dedupe version
  dedupe version --json`,
		Annotations: exitCodes(meaning{code: exitDone}, meaning{code: exitFailed}),
		Args:        noArgs,
		RunE: func(*cobra.Command, []string) error {
			return runVersion(env)
		},
	}
}

// versionObject is the JSON of the version.
type versionObject struct {
	Type     string `json:"type"` // "version"
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Format   int    `json:"format"` // of the indexes it writes
}

func runVersion(env *environment) error {
	out := env.newOutput()
	v := versionObject{Type: "version", Version: moduleVersion(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Format: index.FormatVersion}
	var err error
	if out.json {
		err = out.object(v)
	} else {
		err = out.properties(property{"dedupe", v.Version}, property{"go", v.Go}, property{"platform", v.Platform}, property{"index format", strconv.Itoa(v.Format)})
	}
	if err != nil {
		return err
	}
	return out.flush()
}

// moduleVersion is the version that the go command has written into the program.
func moduleVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return info.Main.Version
}
