package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/rawbytes"
	"github.com/knadh/koanf/v2"

	"chancery.example/gateway/pkg/vault"
)

const (
	envPrefix = "CHANCERY_"
	// maxConfig bounds the configuration file and each secret's file, in bytes.
	maxConfig = 1 << 20

	compareCure = "compare it with \"chanceryd config example\""
)

// finding is one thing to be said about a configuration. A weakening is allowed, but entered in the log and told; a
// note is allowed, and told to the operator alone.
type finding struct {
	Key       string // "database.url"
	Problem   string
	Cure      string
	Weakening bool
	Note      bool
	whole     bool   // nothing of the file could be read: what is missing is no news
	readable  string // the file of a secret that every user may read
	unread    bool   // the secret's file could not be read
}

// stops reports whether nothing is started with it.
func (f finding) stops() bool { return !f.Weakening && !f.Note }

// load reads the file (none when path is empty) and then the environment, which wins. It reports everything that cannot
// be read at once; what could be read is in the config all the same, so that the checks behind can go on.
func load(path string, environ []string) (config, []finding) {
	cfg := defaults()
	var found []finding
	k := koanf.New(".")
	if path != "" {
		found = append(found, loadFile(k, path)...)
	}
	found = append(found, loadEnvironment(k, environ)...)
	found = append(found, decode(k, &cfg)...)
	for i, f := range found {
		found[i].Weakening = f.Weakening ||
			f.readable != "" && cfg.Keys.Mounted && vault.OnReadOnlyMount(f.readable)
	}
	return cfg, slices.DeleteFunc(found, func(f finding) bool { return f.unread && !cfg.uses(f.Key) })
}

// uses is whether anything is done with the secret of this key: of a part that is left out, nothing is.
func (c config) uses(key string) bool {
	switch {
	case strings.HasPrefix(key, "mail."):
		return c.Mail.Host != ""
	case strings.HasPrefix(key, "traces."):
		return c.Traces.Endpoint != ""
	}
	return true
}

func loadFile(into *koanf.Koanf, path string) []finding {
	data, err := readBounded(path)
	if err != nil {
		return []finding{{Key: path, Problem: "cannot be read: " + err.Error(),
			Cure: "name a readable file with --config", whole: true}}
	}
	source := koanf.New(".")
	if err := source.Load(rawbytes.Provider(data), yaml.Parser()); err != nil {
		return []finding{{Key: path, Problem: "not readable as YAML: " + err.Error(), Cure: compareCure, whole: true}}
	}
	var found []finding
	if holdsSecrets(source) { // themselves, not the names of their files
		found = append(found, checkMode(path, path, 0o007,
			"it holds secrets and every user of this machine may read it",
			"chmod 640 it, or move the secrets to files named by …_file")...)
	}
	found = append(found, readSecrets(source)...)
	return append(found, mergeInto(into, source)...)
}

// foreign are variables of the same prefix that are not the gateway's: those of the client, of the development stack,
// and what Kubernetes sets for a Service called "chancery".
var foreign = regexp.MustCompile(
	`^CHANCERY_(TOKEN|SERVER|ALLOW_YES|CONFIG|S3SERVER|(\w+_)?SERVICE_(HOST|PORT)(_\w+)?|(\w+_)?PORT(_\d+_(TCP|UDP)` +
		`(_\w+)?)?)$`)

func loadEnvironment(into *koanf.Koanf, environ []string) []finding {
	names := map[string]string{}
	for _, key := range settings(reflect.TypeFor[config](), "") {
		names[variable(key)] = key
	}
	var found []finding
	source := koanf.New(".")
	err := source.Load(env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			if names[name] == "" && !foreign.MatchString(name) {
				found = append(found, finding{Key: name, Problem: "unknown variable",
					Cure: "remove it; \"chanceryd config example\" lists the keys"})
			}
			return names[name], value
		},
	}), nil)
	if err != nil {
		return append(found, finding{Key: envPrefix + "…", Problem: err.Error(), Cure: "correct the environment"})
	}
	found = append(found, readSecrets(source)...)
	return append(found, mergeInto(into, source)...)
}

// variable is the environment's name of a key: "database.url_file" is CHANCERY_DATABASE_URL_FILE.
func variable(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// settings lists the keys that hold one value each, and for secrets the key of their file. Lists (issuers) are for the
// file only.
func settings(t reflect.Type, prefix string) []string {
	var keys []string
	for i := range t.NumField() {
		field := t.Field(i)
		key := prefix + field.Tag.Get("koanf")
		switch {
		case field.Type == reflect.TypeFor[secret]():
			keys = append(keys, key, key+"_file")
		case field.Type.Kind() == reflect.Struct:
			keys = append(keys, settings(field.Type, key+".")...)
		case field.Type.Kind() != reflect.Slice:
			keys = append(keys, key)
		}
	}
	return keys
}

// secretKeys are the keys whose values are secrets.
func secretKeys() []string {
	var keys []string
	for _, key := range settings(reflect.TypeFor[config](), "") {
		if base, isFile := strings.CutSuffix(key, "_file"); isFile {
			keys = append(keys, base)
		}
	}
	return keys
}

// readSecrets puts the content of each …_file in the place of the secret that it names.
func readSecrets(source *koanf.Koanf) []finding {
	var found []finding
	for _, key := range secretKeys() {
		name := key + "_file"
		if !source.Exists(name) {
			continue
		}
		path := source.String(name)
		source.Delete(name)
		if source.Exists(key) {
			found = append(found, finding{Key: key, Problem: "is given twice: as a value and as a file",
				Cure: "keep " + name + " and remove the value"})
			continue
		}
		data, err := readBounded(path)
		value := strings.TrimRight(string(data), "\r\n")
		if err == nil && value == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			found = append(found, finding{Key: name, Problem: "cannot be read: " + err.Error(), unread: true,
				Cure: "name a readable file that holds the secret and nothing else"})
			continue
		}
		found = append(found, checkSecretMode(name, path)...)
		if err := source.Set(key, value); err != nil {
			found = append(found, finding{Key: name, Problem: err.Error(), Cure: "name the secret on its own"})
		}
	}
	return found
}

func holdsSecrets(source *koanf.Koanf) bool {
	return slices.ContainsFunc(secretKeys(), func(key string) bool { return source.Exists(key) })
}

func mergeInto(into, source *koanf.Koanf) []finding {
	if err := into.Merge(source); err != nil {
		return []finding{{Key: "configuration", Problem: err.Error(), Cure: "give each key one value"}}
	}
	return nil
}

// decode fills cfg; a key that it does not know is a problem, never a silent nothing.
func decode(k *koanf.Koanf, cfg *config) []finding {
	var met mapstructure.Metadata
	err := k.UnmarshalWithConf("", cfg, koanf.UnmarshalConf{DecoderConfig: &mapstructure.DecoderConfig{
		Metadata:         &met,
		WeaklyTypedInput: true,
		Result:           cfg,
		MatchName:        func(key, field string) bool { return key == field },
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			refuseBareDuration, mapstructure.StringToTimeDurationHookFunc(), mapstructure.TextUnmarshallerHookFunc()),
	}})
	found := decodeProblems(err)
	slices.Sort(met.Unused)
	for _, key := range met.Unused {
		found = append(found, finding{Key: key, Problem: "unknown key",
			Cure: "remove it or correct its spelling; \"chanceryd config example\" lists the keys"})
	}
	return found
}

// refuseBareDuration takes no number for a duration: 15 would be nanoseconds. 0 is 0.
func refuseBareDuration(_, to reflect.Type, value any) (any, error) {
	number := reflect.ValueOf(value)
	if to == reflect.TypeFor[time.Duration]() && (number.CanInt() || number.CanUint() || number.CanFloat()) &&
		!number.IsZero() {
		return nil, errors.New("a duration without its unit: write 15m, 30s or 336h")
	}
	return value, nil
}

// decodeProblems names the key of each value that has the wrong form, without the value: it may be a secret.
func decodeProblems(err error) []finding {
	if err == nil {
		return nil
	}
	if joined, several := err.(interface{ Unwrap() []error }); several {
		var found []finding
		for _, one := range joined.Unwrap() {
			found = append(found, decodeProblems(one)...)
		}
		return found
	}
	inner := errors.Unwrap(err)
	wrong, named := err.(*mapstructure.DecodeError)
	if named && !holdsNamed(inner) {
		return []finding{{Key: wrong.Name(), Problem: "has the wrong form: " + inner.Error(), Cure: compareCure}}
	}
	if inner == nil {
		return []finding{{Key: "configuration", Problem: err.Error(), Cure: compareCure}}
	}
	return decodeProblems(inner)
}

// holdsNamed reports whether err names keys further within.
func holdsNamed(err error) bool {
	var wrong *mapstructure.DecodeError
	return errors.As(err, &wrong)
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, plainPathError(err)
	}
	if info.IsDir() || info.Size() > maxConfig {
		return nil, fmt.Errorf("%s is a directory or longer than %d bytes", path, maxConfig)
	}
	data, err := os.ReadFile(path)
	return data, plainPathError(err)
}

// plainPathError says "no such file" with the path and without the system call.
func plainPathError(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return fmt.Errorf("%s: %w", at.Path, at.Err)
	}
	return err
}

// checkSecretMode reports a secret that every user may read.
func checkSecretMode(key, path string) []finding {
	found := checkMode(key, path, 0o004, "every user of this machine may read it", "chmod 640 "+path+mountedCure)
	for i := range found {
		found[i].readable = path
	}
	return found
}

// checkMode reports a file that others may use in a way that unwanted says.
func checkMode(key, path string, unwanted fs.FileMode, problem, cure string) []finding {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&unwanted == 0 {
		return nil
	}
	return []finding{{Key: key, Problem: fmt.Sprintf("mode %04o: %s", info.Mode().Perm(), problem), Cure: cure}}
}
