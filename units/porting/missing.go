package porting

import "strings"

func missing(p piece, where string) Missing {
	return Missing{Text: p.text, Where: where, Remedy: remedy(p)}
}

func remedy(p piece) string {
	if p.name != "" {
		return "--set " + p.name + "=VALUE"
	}
	if p.text == "$@" {
		return "--set '$@=ARGUMENTS', or --set '$@=' for none"
	}
	if strings.Contains(p.text, "$0") || strings.Contains(p.text, "BASH_SOURCE") {
		return "the file by its absolute path: it asks where it lies"
	}
	text := strings.ReplaceAll(p.text, "'", `'\''`)
	return "--set '" + text + "=VALUE'"
}
