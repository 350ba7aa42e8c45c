package myna_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/myna-chat/myna"
)

func TestNonceText(t *testing.T) {
	for _, tc := range []struct {
		name, text string
		first      byte
		last       byte
	}{
		{"zero", "00000000000000000000000000", 0, 0},
		{"one", "00000000000000000000000001", 0, 1},
		{"largest", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", 0xff, 0xff},
		{"of the ULID specification", "01ARZ3NDEKTSV4RRFFQ69G5FAV", 0x01, 0x5b},
	} {
		t.Run(tc.name, func(t *testing.T) {
			n, err := myna.ParseNonce(tc.text)
			if err != nil {
				t.Fatal(err)
			}
			if n[0] != tc.first || n[15] != tc.last {
				t.Errorf("bytes are %x, want %02x…%02x", n, tc.first, tc.last)
			}
			if n.String() != tc.text {
				t.Errorf("String() = %q, want %q", n, tc.text)
			}
			lower, err := myna.ParseNonce(strings.ToLower(tc.text))
			if err != nil || lower != n {
				t.Errorf("in small letters it is %v, %v", lower, err)
			}
		})
	}
}

func TestBadNonces(t *testing.T) {
	for name, text := range map[string]string{
		"empty":            "",
		"too short":        "0000000000000000000000000",
		"too long":         "000000000000000000000000000",
		"over 128 bits":    "80000000000000000000000000",
		"letter I":         "0000000000000000000000000I",
		"letter L":         "0000000000000000000000000L",
		"letter O":         "0000000000000000000000000O",
		"letter U":         "0000000000000000000000000U",
		"a UUID":           "f81d4fae-7dec-11d0-a765-00",
		"Chinese":          "八哥八哥八哥八哥00",
		"not UTF-8":        "0000000000000000000000000\xff",
		"a very long text": strings.Repeat("0", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := myna.ParseNonce(text)
			if err == nil {
				t.Fatal("passed for a nonce")
			}
			wantError(t, err, myna.Invalid, myna.CodeBadNonce)
			if e := myna.AsError(err); e.Field != "nonce" || len(e.Message) > 300 {
				t.Errorf("field %q, message of %d bytes", e.Field, len(e.Message))
			}
		})
	}
}

func TestNonceInJSON(t *testing.T) {
	var got struct {
		Nonce myna.Nonce `json:"nonce"`
	}
	const text = `{"nonce":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}`
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if back, err := json.Marshal(got); err != nil || string(back) != text {
		t.Errorf("came back as %s, %v", back, err)
	}
}

func FuzzNonce(f *testing.F) {
	for _, seed := range []string{"01ARZ3NDEKTSV4RRFFQ69G5FAV", "7zzzzzzzzzzzzzzzzzzzzzzzzz", "80000000000000000000000000", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := myna.ParseNonce(text)
		if err == nil && n.String() != strings.ToUpper(text) {
			t.Errorf("%q became %x, which reads %q", text, [16]byte(n), n)
		}
	})
}
