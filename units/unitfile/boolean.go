package unitfile

import (
	"slices"
	"strings"
)

var (
	trueWords  = []string{"1", "yes", "y", "true", "t", "on"}
	falseWords = []string{"0", "no", "n", "false", "f", "off"}
)

// IsTrue tells whether a value is one of systemd's words for yes, systemd.syntax(7).
func IsTrue(value string) bool { return slices.Contains(trueWords, strings.ToLower(value)) }

// IsFalse tells whether it is one of those for no. It may be neither.
func IsFalse(value string) bool { return slices.Contains(falseWords, strings.ToLower(value)) }
