package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/dedupe-news/dedupe/match"
)

// kindValue is a flag that takes a kind.
type kindValue struct {
	kind    *match.Kind
	allowed []match.Kind
}

func (v kindValue) String() string {
	if v.kind == nil {
		return ""
	}
	return v.kind.String()
}

func (v kindValue) Type() string { return "KIND" }

func (v kindValue) Set(name string) error {
	for _, kind := range v.allowed {
		if kind.String() == name {
			*v.kind = kind
			return nil
		}
	}
	return fmt.Errorf("choose %s", v.choice())
}

// choice names the kinds that are allowed: "quote, rewrite or excerpt".
func (v kindValue) choice() string {
	text := ""
	for i, kind := range v.allowed {
		switch {
		case i == 0:
		case i == len(v.allowed)-1:
			text += " or "
		default:
			text += ", "
		}
		text += kind.String()
	}
	return text
}

// addKindFlag adds --min-kind. The kind that is in kind now is the default.
func addKindFlag(flags *pflag.FlagSet, kind *match.Kind, usage string, allowed ...match.Kind) {
	value := kindValue{kind, allowed}
	flags.Var(value, "min-kind", usage+": "+value.choice())
}

// textValue is a flag that takes a text which is not empty; help calls the text by the name in is.
type textValue struct {
	text *string
	is   string
}

func (v textValue) String() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

func (v textValue) Type() string { return v.is }

func (v textValue) Set(text string) error {
	if text == "" {
		return errors.New("must not be empty")
	}
	*v.text = text
	return nil
}

// numberValue is a flag that takes a whole number from least up.
type numberValue struct {
	number *int
	least  int
}

func (v numberValue) String() string {
	if v.number == nil {
		return ""
	}
	return strconv.Itoa(*v.number)
}

func (v numberValue) Type() string { return "NUMBER" }

func (v numberValue) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < v.least {
		return fmt.Errorf("want a whole number, %d or more", v.least)
	}
	*v.number = n
	return nil
}
