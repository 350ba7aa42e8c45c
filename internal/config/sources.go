package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

const (
	configFlag    = "config"
	fileSuffix    = "_FILE"
	maxSecretFile = 64 << 10 // bytes; a URL or a key, not the wrong file
)

// Sources finds the values of flags that are not on the command line. It is made for one run of kong,
// which asks it for each flag, and afterwards knows where each value came from:
//
//	sources := config.NewSources()
//	kong.New(&flags, sources.Option())
type Sources struct {
	from map[string]string // flag → the name of the place its value came from
	errs []error
	file *file // nil until kong asks first
}

// file is the TOML file, without values when none was named.
type file struct {
	path   string
	values map[string]any
}

// NewSources makes the sources of one run.
func NewSources() *Sources { return &Sources{from: make(map[string]string)} }

// Option is what kong must be given.
func (s *Sources) Option() kong.Option { return kong.Resolvers(s) }

// Validate is there for kong.
func (s *Sources) Validate(*kong.Application) error { return nil }

// Resolve gives kong the value of a flag that is not on the command line, nil for the default. Kong by
// itself would let the file win over the environment. Problems are kept for Load, because kong would
// name the flag, whatever place they came from.
func (s *Sources) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if s.file == nil {
		s.file = s.openFile(ctx)
	}
	if len(flag.Envs) == 0 || flag.Name == configFlag {
		return nil, nil // --help and the like are not settings
	}
	value, place := s.find(flag)
	if place == "" {
		return nil, nil
	}
	s.from[flag.Name] = place
	return s.typed(flag, place, value), nil
}

// find looks in the environment, in the file it names, and in the TOML file.
func (s *Sources) find(flag *kong.Flag) (value any, place string) {
	env := flag.Envs[0]
	text, inEnv := os.LookupEnv(env)
	if flag.Target.Type() == reflect.TypeFor[Secret]() {
		if path, ok := os.LookupEnv(env + fileSuffix); ok && path != "" {
			if inEnv {
				s.fail(env, "it is set together with %s; keep one of them", env+fileSuffix)
			}
			return s.readSecret(env+fileSuffix, path), env + fileSuffix
		}
	}
	if inEnv {
		return text, env
	}
	key := keyOf(flag)
	if value, ok := s.file.values[key]; ok {
		return value, fmt.Sprintf("%s in %s", key, s.file.path)
	}
	return nil, ""
}

// typed gives kong what the flag is made of. After noting that the value is something else it gives
// something harmless that kong takes, so that the note is all there is to tell.
func (s *Sources) typed(flag *kong.Flag, place string, value any) any {
	text, isText := value.(string)
	switch flag.Target.Kind() {
	case reflect.Bool:
		b, isBool := value.(bool)
		if isText {
			parsed, err := strconv.ParseBool(text)
			b, isBool = parsed, err == nil
		}
		if !isBool {
			s.fail(place, "%q is neither true nor false", fmt.Sprint(value))
		}
		return strconv.FormatBool(b)
	case reflect.Slice:
		if list, ok := value.([]any); ok && !slices.ContainsFunc(list, notText) {
			return list
		}
		if isText && text == "" {
			return nil
		}
	}
	if !isText {
		s.fail(place, "the value must be text in quotes")
	}
	return text
}

func notText(value any) bool {
	_, ok := value.(string)
	return !ok
}

func (s *Sources) readSecret(place, path string) string {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxSecretFile {
		err = fmt.Errorf("%s is longer than a secret can be", path)
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		s.fail(place, "%s", sentence(err))
		return ""
	}
	return strings.TrimSpace(string(text))
}

// openFile reads the TOML file named by the flag or the environment.
func (s *Sources) openFile(ctx *kong.Context) *file {
	path, place := os.Getenv("MYNA_CONFIG"), "MYNA_CONFIG"
	for _, given := range ctx.Path { // the command line, as far as it is flags
		if given.Flag != nil && given.Flag.Name == configFlag {
			path, _ = ctx.FlagValue(given.Flag).(string)
			place = "--" + configFlag
		}
	}
	f := &file{path: path}
	if path == "" {
		return f
	}
	if _, err := toml.DecodeFile(path, &f.values); err != nil {
		s.fail(place, "%s", sentence(err))
		return f
	}
	known := keys()
	for key := range f.values {
		if !slices.Contains(known, key) {
			s.errs = append(s.errs, fmt.Errorf("%s in %s: there is no such setting; there are %s",
				key, path, strings.Join(known, ", ")))
		}
	}
	slices.SortFunc(s.errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return f
}

// keys are the settings a file may contain: those of the server, whichever command reads the file.
func keys() (keys []string) {
	parser, err := kong.New(&Flags{})
	if err != nil {
		return nil // a wrong tag; the tests would not pass
	}
	for _, flag := range parser.Model.Flags {
		if len(flag.Envs) > 0 && flag.Name != configFlag {
			keys = append(keys, keyOf(flag))
		}
	}
	return keys
}

func keyOf(flag *kong.Flag) string { return strings.ReplaceAll(flag.Name, "-", "_") }

func (s *Sources) fail(place, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %s", place, fmt.Sprintf(format, args...)))
}

// name is the place a flag's value came from.
func (s *Sources) name(flag string) string {
	if place, ok := s.from[flag]; ok {
		return place
	}
	return "--" + flag
}

func (s *Sources) problems() []error { return slices.Clone(s.errs) }

func (s *Sources) checker() *checker { return &checker{sources: s} }

// sentence says what is wrong with a file in words.
func sentence(err error) string {
	var pathErr *fs.PathError
	var parseErr toml.ParseError
	switch {
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &pathErr):
		return fmt.Sprintf("the file %s does not exist", pathErr.Path)
	case errors.As(err, &pathErr):
		return fmt.Sprintf("the file %s cannot be read: %v", pathErr.Path, pathErr.Err)
	case errors.As(err, &parseErr):
		return fmt.Sprintf("line %d is not TOML: %s", parseErr.Position.Line, parseErr.Message)
	}
	return err.Error()
}
