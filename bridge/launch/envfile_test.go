package launch

import "testing"

func TestEnvFile(t *testing.T) {
	env, err := EnvFile("A=1\n# B=2\nC='x y'\n")
	if err != nil || len(env) != 2 || env["A"] != "1" || env["C"] != "x y" {
		t.Errorf("%v, %v", env, err)
	}
}
