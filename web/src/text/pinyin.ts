// The first letters of Chinese characters' pinyin, without a table: the 3,755 characters of GB 2312's first
// level stand in the order of their pinyin, so where each letter begins says everything. Every browser
// decodes GB 18030, which contains them. Rarer characters are ordered by the browser's own collation.

/** Where each letter begins, as the two bytes of GB 2312. No syllable begins with i, u or v. */
const starts: readonly (readonly [letter: string, code: number])[] = [
  ['a', 0xb0a1], ['b', 0xb0c5], ['c', 0xb2c1], ['d', 0xb4ee], ['e', 0xb6ea], ['f', 0xb7a2], ['g', 0xb8c1],
  ['h', 0xb9fe], ['j', 0xbbf7], ['k', 0xbfa6], ['l', 0xc0ac], ['m', 0xc2e8], ['n', 0xc4c3], ['o', 0xc5b6],
  ['p', 0xc5be], ['q', 0xc6da], ['r', 0xc8bb], ['s', 0xc8f6], ['t', 0xcbfa], ['w', 0xcdda], ['x', 0xcef4],
  ['y', 0xd1b9], ['z', 0xd4d1],
];
const firstRow = 0xb0;
const lastRow = 0xd7;
const lastCode = 0xd7f9;

/** Common characters with readings under other letters. */
const others = '重c行h长c乐y会k单sc曾c朝c调t传z弹t藏z盛s石d参s率l系j校x解x降x强j奇j车j查z仇q区o便b宿x折s省x什s贾g薄b叶x属z厦s万m伯b尉y祭z员y';

/** The first character of each letter in the browser's pinyin order. */
const bounds = '阿八嚓咑妸发旮哈讥咔垃妈拏噢妑七呥仨他屲夕丫帀';

const letters = starts.map(([letter]) => letter);

/** Pinyin gives the letters a Chinese character's reading may begin with. */
export class Pinyin {
  readonly #known = new Map<string, string>();
  readonly #collator: Intl.Collator;

  constructor() {
    this.#collator = new Intl.Collator('zh-Hans-CN-u-co-pinyin');
    const decoder = new TextDecoder('gb18030');
    let at = 0;
    for (let row = firstRow; row <= lastRow; row++) {
      for (let cell = 0xa1; cell <= 0xfe; cell++) {
        const code = row * 256 + cell;
        if (code > lastCode) break;
        while ((starts[at + 1]?.[1] ?? Infinity) <= code) at++;
        this.#known.set(decoder.decode(Uint8Array.of(row, cell)), letters[at] ?? '');
      }
    }
    for (const [, char = '', more = ''] of others.matchAll(/(\p{Script=Han})([a-z]+)/gu)) {
      this.#known.set(char, (this.#known.get(char) ?? '') + more);
    }
  }

  /** The letters, for instance "zc" for 重; '' for what is no Chinese character. */
  of(char: string): string {
    let found = this.#known.get(char);
    if (found === undefined) {
      found = /^\p{Script=Han}$/u.test(char) ? this.#byOrder(char) : '';
      this.#known.set(char, found);
    }
    return found;
  }

  #byOrder(char: string): string {
    let letter = '';
    for (const [i, bound] of [...bounds].entries()) {
      if (this.#collator.compare(char, bound) < 0) break;
      letter = letters[i] ?? letter;
    }
    return letter;
  }
}
