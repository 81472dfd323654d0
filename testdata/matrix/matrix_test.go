package matrix

import "testing"

func TestMatrix(t *testing.T) {
	chosen := wanted(t)
	ran := map[string]bool{}
	t.Run("child", func(t *testing.T) {
		for _, c := range chosen {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.command(t, "") // or skip
				t.Cleanup(func() { markRun(ran, c.name, !t.Failed()) })
				for k := range kinds {
					t.Run(k.String(), func(t *testing.T) {
						t.Parallel()
						if _, fails := c.cannot[k]; fails {
							cannot(t, c, k)
							return
						}
						works(t, c, k)
					})
				}
			})
		}
	})
	compareTable(t, ran)
}
