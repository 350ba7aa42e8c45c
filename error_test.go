package myna_test

import (
	"errors"
	"fmt"
	"go/ast"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/myna-chat/myna"
)

func TestErrorf(t *testing.T) {
	err := myna.Errorf(myna.Internal, myna.CodeInternal, "read the page: %w", fs.ErrNotExist)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("the cause is lost")
	}
	if plain := myna.Errorf(myna.Invalid, myna.CodeEmpty, "write something"); plain.Unwrap() != nil {
		t.Error("an error without a cause has one")
	}
}

func TestErrorDetailsAreCopies(t *testing.T) {
	base := myna.Errorf(myna.Limited, myna.CodeTooMany, "too many requests")
	detailed := base.In("name").After(3 * time.Second)
	if base.Field != "" || base.RetryAfter != 0 {
		t.Error("adding a detail changed the error it was added to")
	}
	if detailed.Field != "name" || detailed.RetryAfter != 3*time.Second || detailed.Code != base.Code {
		t.Errorf("the detailed error is %+v", *detailed)
	}
}

func TestAsError(t *testing.T) {
	base := myna.Errorf(myna.NotFound, myna.CodeNotFound, "there is no such room")
	if got := myna.AsError(fmt.Errorf("join: %w", base)); got != base {
		t.Errorf("found %v in the chain", got)
	}
	secret := errors.New("dial postgres://myna:hunter2@db")
	got := myna.AsError(secret)
	if got.Kind != myna.Internal || strings.Contains(got.Message, "hunter2") {
		t.Errorf("an unknown error shows as kind %d, %q", got.Kind, got.Message)
	}
	if !errors.Is(got, secret) || !strings.Contains(got.Error(), "hunter2") {
		t.Error("the cause is kept from the log too")
	}
	if myna.KindOf(fmt.Errorf("x: %w", base)) != myna.NotFound {
		t.Error("KindOf does not look into the chain")
	}
}

// TestCodes reads the constants of error.go: a code is one stable name in snake case, and stands once.
func TestCodes(t *testing.T) {
	seen := map[string]string{}
	for name, value := range codes(t) {
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(value) {
			t.Errorf("%s = %q is not in snake case", name, value)
		}
		if other, ok := seen[value]; ok {
			t.Errorf("%s and %s are both %q", name, other, value)
		}
		seen[value] = name
	}
	if len(seen) < 30 {
		t.Errorf("found only %d codes; does the test still read the right file?", len(seen))
	}
}

// codes gives the names and values of the code constants.
func codes(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, file := range goFiles(t) {
		if file.path != "error.go" {
			continue
		}
		ast.Inspect(file.syntax, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if ok && strings.HasPrefix(spec.Names[0].Name, "Code") {
				value, _ := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				found[spec.Names[0].Name] = value
			}
			return true
		})
	}
	return found
}
