package auth

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/ccojocar/zxcvbn-go"
	"github.com/ccojocar/zxcvbn-go/matching"
	"golang.org/x/text/unicode/norm"

	"github.com/myna-chat/myna"
)

const (
	// minBits is how hard a password must be to guess, as zxcvbn counts: "1q2w3e4r5t6y7u8i9o" has 32
	// bits, four random English words over 50.
	minBits = 34
	// maxRated bounds how much of a password is rated: zxcvbn is quadratic and worse. Its beginning
	// alone must be good enough.
	maxRated = 32
	// minNameRunes is from where on a name counts as part of a password: every password has an "a".
	minNameRunes = 3
)

// CheckPassword refuses a password that is too short, too long, contains the username, or is easy to
// guess. There are no rules of composition. words are what an attacker would try first with this person:
// names, the server. Errors are of kind Invalid, field password, and say which rule.
func CheckPassword(password string, name Username, words ...string) error {
	if len(password) > myna.MaxPasswordBytes {
		return badPassword(myna.CodeTooLong, "the password is longer than %d bytes", myna.MaxPasswordBytes)
	}
	if !utf8.ValidString(password) {
		return badPassword(myna.CodeBadPassword, "the password is not UTF-8")
	}
	password = norm.NFC.String(password)
	if n := utf8.RuneCountInString(password); n < myna.MinPasswordRunes {
		return badPassword(myna.CodeTooShort, "the password has %d characters and needs at least %d; a few words in a row will do", n, myna.MinPasswordRunes)
	}
	lower := strings.ToLower(password)
	if utf8.RuneCountInString(name.Text) >= minNameRunes && strings.Contains(lower, name.Text) {
		return badPassword(myna.CodeBadPassword, "the password contains the username")
	}
	for _, w := range words {
		if w = strings.ToLower(strings.TrimSpace(w)); utf8.RuneCountInString(w) >= minNameRunes {
			lower = strings.ReplaceAll(lower, w, "")
		}
	}
	if rate(lower) < minBits {
		return badPassword(myna.CodeCommonPassword,
			"the password is one of the first that would be guessed; use a few words that do not belong together")
	}
	return nil
}

// rate estimates the bits of surprise in a password. zxcvbn knows English and keyboards but takes every
// Chinese character and every word of Pinyin for random: those are counted here first.
func rate(password string) float64 {
	unit, times := period([]rune(password))
	if len(unit) > maxRated {
		unit = unit[:maxRated]
	}
	bits := math.Log2(float64(times))
	rest := string(unit)
	for _, phrase := range commonPhrases {
		if n := strings.Count(rest, phrase); n > 0 {
			rest = strings.ReplaceAll(rest, phrase, "")
			bits += phraseBits + math.Log2(float64(n))
		}
	}
	ascii, others := split(rest)
	return bits + others + min(guess(ascii), guess(unleet(ascii))+2)
}

// phraseBits is what one of the common phrases is worth: there are about 200.
const phraseBits = 7

// period finds the shortest beginning that, repeated, makes up the password: abcabcabca is 3⅓ times abc.
func period(password []rune) (unit []rune, times int) {
	for n := 1; n <= len(password)/2; n++ {
		i := n
		for i < len(password) && password[i] == password[i-n] {
			i++
		}
		if i == len(password) {
			return password[:n], (len(password) + n - 1) / n
		}
	}
	return password, 1
}

// split takes the ASCII part of a password out and counts the rest: six bits for each character that was
// not there before, one for each that was. Chinese text has about ten, but nobody types at random.
func split(password string) (ascii string, bits float64) {
	var b strings.Builder
	seen := map[rune]bool{}
	for _, r := range password {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case seen[r]:
			bits++
		default:
			seen[r] = true
			bits += 6
		}
	}
	return b.String(), bits
}

// guess asks zxcvbn, without its search through all ways of writing letters as digits: that one takes
// seconds for a password made of such digits. See unleet.
func guess(ascii string) float64 {
	if ascii == "" {
		return 0
	}
	return zxcvbn.PasswordStrength(ascii, nil, matching.FilterL33tMatcher).Entropy
}

// unleet undoes the usual ways of writing letters as digits, where at most two of them stand together:
// p@ssw0rd12345 becomes password12345.
func unleet(ascii string) string {
	const digits, letters = "013457!@$", "oieastias"
	out := []byte(ascii)
	for i := 0; i < len(out); {
		n := 0
		for i+n < len(ascii) && strings.IndexByte(digits, ascii[i+n]) >= 0 {
			n++
		}
		for k := i; k < i+n && n <= 2; k++ {
			out[k] = letters[strings.IndexByte(digits, ascii[k])]
		}
		i += n + 1
	}
	return string(out)
}

func badPassword(code, format string, args ...any) error {
	return myna.Errorf(myna.Invalid, code, format, args...).In("password")
}

// commonPhrases are what people who think in Chinese begin their passwords with, in characters, in
// Pinyin and in numbers that sound like words, besides the commonest surnames with given names. Longer
// ones stand before those they contain. The list is our own.
var commonPhrases = []string{
	"我爱北京天安门", "天安门上太阳升", "我爱你一生一世", "一生一世我爱你", "我永远爱你", "永远爱你", "我爱你一万年",
	"一二三四五六七八九十", "一二三四五六七八九", "一二三四五六七", "一二三四五六", "一二三四五", "零一二三四五六七八九",
	"天王盖地虎", "宝塔镇河妖", "芝麻开门", "床前明月光", "疑是地上霜", "举头望明月", "低头思故乡", "春眠不觉晓",
	"处处闻啼鸟", "夜来风雨声", "花落知多少", "锄禾日当午", "汗滴禾下土", "白日依山尽", "黄河入海流",
	"好好学习天天向上", "好好学习", "天天向上", "为人民服务", "中华人民共和国", "中国人民", "中国共产党", "恭喜发财",
	"万事如意", "身体健康", "阖家幸福", "新年快乐", "生日快乐", "心想事成", "大吉大利", "平安喜乐", "一帆风顺",
	"这是我的密码", "我的密码是", "我的密码", "密码是", "密码", "口令", "管理员", "用户名", "测试", "登录", "你好世界",
	"我爱中国", "我爱你", "我恨你", "你好", "再见", "谢谢", "中国", "北京", "上海", "广州", "深圳", "香港", "台湾",
	"爸爸妈妈", "爸爸", "妈妈", "老公", "老婆", "宝贝", "亲爱的", "不知道", "没有密码", "忘记密码",
	"woaibeijingtiananmen", "woainiyishengyishi", "woyongyuanaini", "yongyuanaini", "woaizhongguo", "woainimen",
	"woaiwojia", "woaiwoziji", "woaibaba", "woaimama", "woaini", "wohenni", "aini", "tiantianxiangshang",
	"haohaoxuexi", "weirenminfuwu", "gongxifacai", "wanshiruyi", "shengrikuaile", "xinniankuaile", "wodemima",
	"mimashi", "wangjimima", "meiyoumima", "mima", "guanliyuan", "zhongguo", "zhonghua", "beijing", "shanghai",
	"guangzhou", "shenzhen", "xianggang", "taiwan", "nihao", "zaijian", "xiexie", "buzhidao", "qinaide", "baobei",
	"laogong", "laopo", "baba", "mama", "didi", "gege", "jiejie", "meimei", "pengyou", "tiancai", "caonima", "shabi",
	"5201314", "1314520", "1314521", "5211314", "3344520", "7758521", "7758258", "584131421", "5845201314", "168168",
	"888888", "666666", "147258369", "147258", "159357", "258369", "741852963", "963852741", "520", "1314",
	"zhangwei", "zhangsan", "zhangmin", "zhangjing", "zhangli", "zhanglei", "zhangyan", "zhangjie", "zhang",
	"wangwei", "wangfang", "wangli", "wangjing", "wangmin", "wangyan", "wanglei", "wangwu", "wangqiang", "wang",
	"liwei", "lisi", "lina", "liming", "lijing", "lina", "liqiang", "liyan", "xiaoming", "xiaohong", "xiaolong",
	"liuwei", "liuyang", "liufang", "liu", "chenwei", "chenjing", "chenchen", "chen", "yangyang", "yang", "zhao",
	"huang", "zhou", "xuwei", "sunwei", "malong", "zhujun", "linlin", "guo", "heli", "luo", "liang", "tang", "feng",
	"xiao", "jiang", "deng", "shen", "zeng", "peng", "qwerasdf", "qweasdzxc", "qazwsxedc", "1qaz2wsx3edc", "1qaz2wsx",
	"asdfjkl", "zxcvbnm", "a123456", "abc123", "qq123456", "aa123456", "admin", "root", "passw0rd", "woshishei",
}
