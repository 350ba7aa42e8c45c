package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/myna-chat/myna/e2e/person"
)

// apiCmd: api NAME METHOD PATH [BODY] STATUS [CODE] asks the REST API as somebody (or nobody) and holds
// the answer against status and error code. In path and body, NONCE is a fresh one and ROOM(#x) an id.
// A body of the form bytes:N is N bytes of a JSON string.
func (s *story) apiCmd(ctx context.Context, args []string) error {
	if len(args) < 4 {
		return errors.New("usage: api NAME|nobody METHOD PATH [BODY] STATUS [CODE]")
	}
	d := s.people[args[0]]
	if args[0] == "nobody" {
		d = &device{Device: person.New(s.server.URL)}
	}
	if d == nil {
		return fmt.Errorf("the story has nobody called %s", args[0])
	}
	method, rest := args[1], args[2:]
	for i := range rest {
		var err error
		if rest[i], err = s.fill(rest[i]); err != nil {
			return err
		}
	}
	path, rest := rest[0], rest[1:]
	var body any
	if _, err := strconv.Atoi(rest[0]); err != nil {
		body, rest = rest[0], rest[1:]
	}
	status, err := strconv.Atoi(rest[0])
	if err != nil {
		return fmt.Errorf("%q is not a status", rest[0])
	}
	return answered(d.Call(ctx, method, path, body, nil), status, rest[1:])
}

// answered holds an answer against what it should be.
func answered(err error, status int, code []string) error {
	var refusal *person.Refusal
	switch {
	case err == nil && status < 300:
		return nil
	case err == nil:
		return fmt.Errorf("was let through, expected %d", status)
	case !errors.As(err, &refusal):
		return err
	case refusal.Status != status || len(code) > 0 && refusal.Code != code[0]:
		return fmt.Errorf("answered %s; expected %d %s", refusal, status, code)
	case status >= 300 && (refusal.Code == "" || refusal.Message == ""):
		return fmt.Errorf("the error has no code or message: %s", refusal.Text)
	case status == 429 && refusal.RetryAfter == 0:
		return fmt.Errorf("does not say when to try again: %s", refusal.Text)
	}
	return nil
}

var (
	roomWord  = regexp.MustCompile(`ROOM\(([^)]+)\)`)
	userWord  = regexp.MustCompile(`USER\(([^)]+)\)`)
	bytesWord = regexp.MustCompile(`BYTES\((\d+)\)`)
)

// fill puts in what a story cannot know: ids, nonces, long texts.
func (s *story) fill(text string) (string, error) {
	for strings.Contains(text, "NONCE") {
		text = strings.Replace(text, "NONCE", person.NewNonce().String(), 1)
	}
	var failed error
	text = bytesWord.ReplaceAllStringFunc(text, func(word string) string {
		n, err := strconv.Atoi(bytesWord.FindStringSubmatch(word)[1])
		failed = errors.Join(failed, err)
		return strings.Repeat("x", n)
	})
	text = userWord.ReplaceAllStringFunc(text, func(word string) string {
		id, err := s.user(userWord.FindStringSubmatch(word)[1])
		failed = errors.Join(failed, err)
		return id.String()
	})
	text = roomWord.ReplaceAllStringFunc(text, func(word string) string {
		id, err := s.room(roomWord.FindStringSubmatch(word)[1])
		failed = errors.Join(failed, err)
		return id.String()
	})
	return text, failed
}

// pageCmd: page PATH STATUS [TYPE] asks for something a browser would and looks at what guards it.
func (s *story) pageCmd(ctx context.Context, args []string) error {
	if len(args) < 2 {
		return errors.New("usage: page PATH STATUS [TYPE]")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL+args[0], nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if got := strconv.Itoa(answer.StatusCode); got != args[1] {
		return fmt.Errorf("answered %s", answer.Status)
	}
	kind := answer.Header.Get("Content-Type")
	if len(args) == 3 && !strings.HasPrefix(kind, args[2]) {
		return fmt.Errorf("it is %s", kind)
	}
	if answer.Header.Get("X-Content-Type-Options") != "nosniff" {
		return errors.New("browsers may guess its type")
	}
	if policy := answer.Header.Get("Content-Security-Policy"); strings.HasPrefix(kind, "text/html") && !strings.Contains(policy, "script-src") {
		return fmt.Errorf("the policy of the page is %q", policy)
	}
	return nil
}

// mynaCmd: myna ARG… [exits CODE] [says REGEXP] runs the program beside the server, on its database.
func (s *story) mynaCmd(ctx context.Context, args []string) error {
	code, pattern := 0, ""
	for len(args) >= 2 {
		last := len(args) - 2
		if args[last] == "says" {
			pattern = args[last+1]
		} else if n, err := strconv.Atoi(args[last+1]); args[last] == "exits" && err == nil {
			code = n
		} else {
			break
		}
		args = args[:last]
	}
	var out bytes.Buffer
	command := s.server.Command(ctx, args...)
	command.Stdout, command.Stderr = &out, &out
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if got := command.ProcessState.ExitCode(); got != code {
		return fmt.Errorf("myna %s ends with exit code %d, not %d:\n%s", strings.Join(args, " "), got, code, out.String())
	}
	if pattern == "" {
		return nil
	}
	matches, err := regexp.Compile(pattern)
	if err != nil {
		return err
	}
	found := matches.FindStringSubmatch(out.String())
	if found == nil {
		return fmt.Errorf("myna %s says nothing like that:\n%s", strings.Join(args, " "), out.String())
	}
	if len(found) > 1 {
		s.ts.Setenv("SAID", found[1])
	}
	return nil
}
