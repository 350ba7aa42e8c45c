package sqldb

import "testing"

func TestRebind(t *testing.T) {
	cases := []struct {
		name, query, want string
		count             int
	}{
		{"none", "SELECT 1", "SELECT 1", 0},
		{"several", "a = ? AND b IN (?, ?)", "a = $1 AND b IN ($2, $3)", 3},
		{"first and last", "? = ?", "$1 = $2", 2},
		{"more than nine", "?,?,?,?,?,?,?,?,?,?,?", "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11", 11},
		{"text", "a = '?' AND b = ?", "a = '?' AND b = $1", 1},
		{"doubled quote", "a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1", 1},
		{"identifier", `"a?" = ?`, `"a?" = $1`, 1},
		{"a quote in the other's", `'"?' = ? AND "'?" = ?`, `'"?' = $1 AND "'?" = $2`, 2},
		{"line comment", "a -- why?\n= ?", "a -- why?\n= $1", 1},
		{"comment at the end", "a = ? -- why?", "a = $1 -- why?", 1},
		{"open quote", "a = '?", "a = '?", 0},
		{"minus", "a - ? = -?", "a - $1 = -$2", 2},
		{"Chinese", "'八哥?' = ?", "'八哥?' = $1", 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var r rebinder
			for range 2 { // the second time from memory
				if got := r.text(c.query); got != c.want {
					t.Errorf("got %s, want %s", got, c.want)
				}
			}
			if got := placeholders(c.query); got != c.count {
				t.Errorf("counted %d, want %d", got, c.count)
			}
		})
	}
}
