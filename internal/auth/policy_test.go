package auth

import (
	"strings"
	"testing"

	"github.com/myna-chat/myna"
)

func TestCheckPassword(t *testing.T) {
	name := Username{Text: "zoe"}
	for _, c := range []struct{ password, code string }{
		{"correct horse battery staple", ""},
		{"my dog has fleas", ""},
		{"kX9#mQ2$vL5@nR8", ""},
		{"orange table seven", ""},
		{"窗外的猫喜欢吃绿色橡皮擦和云", "too_short"},
		{"窗外的猫喜欢吃绿色橡皮擦和云朵", ""},
		{"fünf grüne Dächer am Fluß", ""},
		{"🦜🍉🚀🌵🎻🐙🧊🪁🥝🛶🪐🧩🦔🎈🫖", ""},
		{strings.Repeat("long enough and then some ", 39), ""},
		{"", myna.CodeTooShort},
		{"Tr0ub4dor&3", myna.CodeTooShort},
		{"fourteen chars", myna.CodeTooShort},
		{strings.Repeat("x", myna.MaxPasswordBytes+1), myna.CodeTooLong},
		{"one of zoe's secrets", myna.CodeBadPassword},
		{"fine but ZOE is here", myna.CodeBadPassword},
		{"not utf-8 \xff but long enough", myna.CodeBadPassword},
		{"passwordpassword", myna.CodeCommonPassword},
		{"P@ssw0rd12345678", myna.CodeCommonPassword},
		{"password1234567", myna.CodeCommonPassword},
		{"123456789012345", myna.CodeCommonPassword},
		{"aaaaaaaaaaaaaaaaaaaa", myna.CodeCommonPassword},
		{"abcabcabcabcabc", myna.CodeCommonPassword},
		{"x7#x7#x7#x7#x7#x7#", myna.CodeCommonPassword},
		{"qwertyuiopasdfghjkl", myna.CodeCommonPassword},
		{"1q2w3e4r5t6y7u8i9o", myna.CodeCommonPassword},
		{"iloveyou1234567", myna.CodeCommonPassword},
		{"thisismypassword", myna.CodeCommonPassword},
		{"woainiwoainiwoaini", myna.CodeCommonPassword},
		{"woaini1314520520", myna.CodeCommonPassword},
		{"zhangsan19900101", myna.CodeCommonPassword},
		{"zhangwei19880808888", myna.CodeCommonPassword},
		{"nihaonihaonihao", myna.CodeCommonPassword},
		{"我爱北京天安门天安门上太阳升啊", myna.CodeCommonPassword},
		{"我爱你我爱你我爱你我爱你我爱你", myna.CodeCommonPassword},
		{"密码密码密码密码密码密码密码密码", myna.CodeCommonPassword},
		{"啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊啊", myna.CodeCommonPassword},
		{"Parrots of Wellington", myna.CodeCommonPassword}, // the server's name
	} {
		err := CheckPassword(c.password, name, "Parrots of Wellington")
		if c.code == "" {
			if err != nil {
				t.Errorf("%q: %v", c.password, err)
			}
			continue
		}
		if e := myna.AsError(err); err == nil || e.Code != c.code || e.Kind != myna.Invalid || e.Field != "password" {
			t.Errorf("%q: %v, want code %s", c.password, err, c.code)
		}
	}
}

// TestRatingIsBounded ends at once; without the bounds each of these costs zxcvbn seconds to minutes.
func TestRatingIsBounded(t *testing.T) {
	for _, p := range []string{
		strings.Repeat("a", myna.MaxPasswordBytes),
		strings.Repeat("4@8({[<3e6g9i1!|0o5$+7x%2z", 39),
		strings.Repeat("123456789", 100) + "x",
		strings.Repeat("12.3.2012-4-5", 70) + "x",
		strings.Repeat("1q2w3e4r", 100) + "x",
		strings.Repeat("密码", 170) + "x",
	} {
		_ = CheckPassword(p, Username{Text: "ann"})
	}
}

func FuzzCheckPassword(f *testing.F) {
	for _, seed := range []string{"correct horse battery staple", "密码12345678901234", "a\u0301b", "1.1.2000 1.1.2000", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		if err := CheckPassword(password, Username{Text: "ann"}, "Myna"); err != nil && myna.KindOf(err) != myna.Invalid {
			t.Fatalf("%q: %v is not of kind Invalid", password, err)
		}
	})
}
