package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSpread(t *testing.T) {
	for want, values := range map[string][]float64{
		"–":               nil,
		"2.0":             {2},
		"2.0 (1.0–3.0)":   {3, 1, 2},
		"2.5 (1.0–10.0)":  {10, 1, 2, 3},
		"-1.0 (-2.0–0.0)": {0, -2, -1},
	} {
		if got := spreadOf(values).format("%.1f"); got != want {
			t.Errorf("%v: %q, want %q", values, got, want)
		}
	}
	if got := spreadOf(ratios([]float64{2, 9}, []float64{1, 3})).format("%.1f"); got != "2.5 (2.0–3.0)" {
		t.Errorf("ratios: %q", got)
	}
}

func TestUncertainty(t *testing.T) {
	var hundred []float64 // 40 to 61 of a hundred hold the median with 95%
	for i := range 100 {
		hundred = append(hundred, float64(i))
	}
	for want, values := range map[float64][]float64{0: nil, 1: {4, 2, 3}, 9.5: hundred} {
		if got := uncertainty(values); got != want {
			t.Errorf("%v: %v, want %v", values, got, want)
		}
	}
}

func TestReadme(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	const before, after = "# Title\n<!-- bench: begin -->\n", "<!-- bench: end -->\nrest\n"
	if err := os.WriteFile(path, []byte(before+"replaced\n"+after), 0o600); err != nil {
		t.Fatal(err)
	}
	r := report{Missing: map[string]string{perlName: "it is not there"}, Sections: []section{{Name: "data", Values: map[string]map[string]spread{
		circusName: {"kept ratio": spreadOf([]float64{1, 0.98, 1.02}), "kept ratio ±": one(0.02)},
	}}}}
	if err := r.writeReadme(path); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	got := string(text)
	if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) || strings.Contains(got, "replaced") ||
		!strings.Contains(got, "| start_server (Perl) | not measured: it is not there |") ||
		!strings.Contains(got, "| circus | 1.00 ± 0.02 | – |") {
		t.Errorf("README.md is\n%s", got)
	}
	if err := os.WriteFile(path, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := r.writeReadme(path); err == nil {
		t.Error("a README.md without marks is no error")
	}
}
