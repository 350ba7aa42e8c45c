package auth

import (
	"strings"
	"testing"
)

// small keeps the tests quick.
func small() Params { return Params{Memory: 64, Time: 1, Threads: 1} }

func TestOwnHashes(t *testing.T) {
	for _, password := range []string{"correct horse battery staple", "窗外的猫喜欢吃绿色橡皮擦", "🦜 and more", strings.Repeat("x", 1024), "nul\x00inside"} {
		hash := hashPassword(password, small())
		if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") || len(hash) > maxHashText {
			t.Errorf("hash is %q", hash)
		}
		if ok, outdated := checkPassword(password, hash, small()); !ok || outdated {
			t.Errorf("%q: ok %v, outdated %v", password, ok, outdated)
		}
		if ok, _ := checkPassword(password+"x", hash, small()); ok {
			t.Errorf("%q with an x more fits", password)
		}
		if ok, outdated := checkPassword(password, hash, DefaultParams()); !ok || !outdated {
			t.Errorf("%q under new parameters: ok %v, outdated %v", password, ok, outdated)
		}
		if again := hashPassword(password, small()); again == hash {
			t.Error("two hashes of one password are the same: no salt")
		}
	}
}

func TestComposedAndDecomposedAreOne(t *testing.T) {
	hash := hashPassword("caf\u00e9 au lait tous les jours", small())
	if ok, _ := checkPassword("cafe\u0301 au lait tous les jours", hash, small()); !ok {
		t.Error("a decomposed é does not fit a composed one")
	}
}

// TestHashesMadeElsewhere checks hashes made by libxcrypt, whose bcrypt is the one of PHP, and those of the
// argon2 reference implementation's own tests. PHP and we cut bcrypt passwords at 72 bytes.
func TestHashesMadeElsewhere(t *testing.T) {
	for _, c := range []struct{ name, password, hash string }{
		{"bcrypt 2y", "rasmuslerdorf", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq"},
		{"bcrypt 2a", "rasmuslerdorf", "$2a$04$BCryptRequires22ChrcteQDi0HlnGbzOigg2i2tQ6M79Q0/bnJM6"},
		{"bcrypt 2b", "rasmuslerdorf", "$2b$04$BCryptRequires22ChrcteQDi0HlnGbzOigg2i2tQ6M79Q0/bnJM6"},
		{"bcrypt of 90 bytes", strings.Repeat("窗", 30), "$2y$04$BCryptRequires22ChrcteSM8nIne8qBdeOLDDXeFt.nu5IbX3sqe"},
		{"argon2id", "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
		{"argon2i", "password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if ok, outdated := checkPassword(c.password, c.hash, small()); !ok || !outdated {
				t.Errorf("ok %v, outdated %v; want both", ok, outdated)
			}
			if ok, _ := checkPassword("x"+c.password, c.hash, small()); ok {
				t.Error("a wrong password fits")
			}
		})
	}
}

func TestHashesThatFitNothing(t *testing.T) {
	own := hashPassword("x", small())
	for _, hash := range []string{
		"", "x", "$", "$$$$$", "$argon2id$", "$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
		"$2y$", "$2y$31$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTTOq", // would take days
		strings.Replace(own, "m=64", "m=4194304", 1),
		strings.Replace(own, "t=1", "t=1000000", 1),
		strings.Replace(own, "p=1", "p=200", 1),
		strings.Replace(own, "m=64", "m=-1", 1),
		strings.Replace(own, "v=19", "v=16", 1),
		strings.Replace(own, "t=1", "t=0", 1),
		strings.Replace(own, "p=1", "p=0", 1),
		own + "$x", own[:len(own)-1] + "!", own[:40],
		"5f4dcc3b5aa765d61d8327deb882cf99",
	} {
		if ok, _ := checkPassword("x", hash, small()); ok {
			t.Errorf("%q fits", hash)
		}
	}
}

func FuzzCheckHash(f *testing.F) {
	f.Add(hashPassword("x", small()))
	f.Add("$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTTOq")
	f.Fuzz(func(t *testing.T, hash string) {
		h, err := parseArgon(hash)
		if err == nil && (h.params.Memory > maxMemory || h.params.Time > maxTime || len(h.key) > 64) {
			t.Fatalf("%q is let in", hash)
		}
	})
}

func BenchmarkHash(b *testing.B) {
	for b.Loop() {
		hashPassword("correct horse battery staple", DefaultParams())
	}
}
