package launch

// EnvFile are the variables that the text of an --env-file sets.
func EnvFile(text string) (map[string]string, error) {
	env, _, err := parseEnvFile(text)
	return env, err
}
