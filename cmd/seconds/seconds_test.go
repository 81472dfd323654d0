package seconds

import (
	"testing"
	"time"
)

func TestSet(t *testing.T) {
	const refused = -1
	for value, want := range map[string]time.Duration{
		"0": 0, "2": 2 * time.Second, "1.5": 1500 * time.Millisecond, "1e2": 100 * time.Second,
		"500ms": 500 * time.Millisecond, "2m": 2 * time.Minute, "3153600000": 876000 * time.Hour,
		"": refused, "soon": refused, "-1": refused, "-1s": refused, "1 s": refused,
		"NaN": refused, "Inf": refused, "1e300": refused, "3153600001": refused, "9999999h": refused,
	} {
		d := Duration(refused)
		if err := d.Set(value); (err != nil) != (want == refused) || time.Duration(d) != want {
			t.Errorf("%q: %v, %v; want %v", value, time.Duration(d), err, want)
		}
	}
}
