package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/dedupe-news/dedupe/index"
	"github.com/dedupe-news/dedupe/spell"
)

func newCheckCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "verify that the index is sound",
		Long: `dedupe check reads the whole index and verifies it: that every article has its
sketch, its text and its postings, that every cluster has its members, and that
nothing points nowhere. It changes nothing.

It prints each record that is not as it should be, and then how much was
checked. In a pipe a problem is a line: "problem", the record, what is wrong; the
other lines are a name, a tab and a value. In JSON the names are those of the
second column, and a problem is an object of type "problem" with "record" and
"what":

  articles  articles  in the index
  postings  postings  entries by which articles are found
  matches   edges     pairs of related articles; exact copies not counted
  clusters  clusters  of two or more articles
  problems  problems  records that are not as they should be`,
		Example: `  dedupe check
  dedupe check --json`,
		Annotations: exitCodes(
			meaning{exitDone, "the index is sound"},
			meaning{exitFailed, "it is not; or failed, or wrong use"},
			meaning{code: exitNoIndex},
			meaning{code: exitLocked},
			meaning{code: exitOtherScheme},
			meaning{code: exitInterrupted},
		),
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runCheck(cmd.Context(), env)
		},
	}
}

// problemObject is the JSON of one broken invariant.
type problemObject struct {
	Type   string `json:"type"` // "problem"
	Record string `json:"record"`
	What   string `json:"what"`
}

// checkObject is the JSON of the report, which comes last.
type checkObject struct {
	Type     string `json:"type"` // "check"
	Articles int    `json:"articles"`
	Postings int    `json:"postings"`
	Edges    int    `json:"edges"`
	Clusters int    `json:"clusters"`
	Problems int    `json:"problems"`
}

func runCheck(ctx context.Context, env *environment) error {
	checked, err := reportOn(env, func(x *index.Index) (index.Checked, error) {
		env.status.update("checking")
		return x.Check(ctx)
	}, printChecked)
	if n := len(checked.Problems); err == nil && n > 0 {
		return &exitError{exitFailed, "the index has " + spell.Counted(n, "problem") +
			`; "dedupe recluster" mends matches and clusters; if that does not help, make the index anew`}
	}
	return err
}

func printChecked(out *output, c index.Checked) error {
	for _, p := range c.Problems {
		if err := printProblem(out, p); err != nil {
			return err
		}
	}
	if out.json {
		return out.object(checkObject{
			Type: "check", Articles: c.Articles, Postings: c.Postings, Edges: c.Edges, Clusters: c.Clusters,
			Problems: len(c.Problems),
		})
	}
	return out.properties(
		property{"articles", out.number(c.Articles)},
		property{"postings", out.number(c.Postings)},
		property{"matches", out.number(c.Edges)},
		property{"clusters", out.number(c.Clusters)},
		property{"problems", out.number(len(c.Problems))},
	)
}

func printProblem(out *output, p index.Problem) error {
	switch {
	case out.json:
		return out.object(problemObject{Type: "problem", Record: p.Record, What: p.What})
	case out.people:
		return out.line(cell{p.Record, red}, words(": "+p.What))
	}
	return out.fields(words("problem"), words(p.Record), words(p.What))
}
