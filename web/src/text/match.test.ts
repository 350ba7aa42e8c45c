import { beforeAll, describe, expect, it } from 'vitest';
import { loadPinyin, rank, type Candidate } from './match.ts';
import { Pinyin } from './pinyin.ts';

const rooms: Candidate[] = ['general', 'design', 'design-review', 'redesign', 'backend', '后端开发', '后勤', '重庆办公室', 'Go后端', '设计'].map(
  (text) => ({ id: text, text }),
);
const ids = (query: string, from = rooms): string[] => rank(query, from).map((match) => match.candidate.id);

describe('rank', () => {
  beforeAll(() => loadPinyin());

  it.each([
    ['nothing keeps the order', '', rooms.map((room) => room.id)],
    ['exact, prefix, inside', 'design', ['design', 'design-review', 'redesign']],
    ['the beginning of a word', 'rev', ['design-review']],
    ['case and width', 'ＧＥＮＥＲＡＬ', ['general']],
    ['scattered letters', 'bknd', ['backend']],
    ['pinyin initials', 'hdkf', ['后端开发']],
    ['pinyin initials at the beginning first', 'hd', ['后端开发', 'Go后端']],
    ['pinyin and Latin together', 'gohd', ['Go后端']],
    ['a second reading', 'cq', ['重庆办公室']],
    ['characters', '后', ['后勤', '后端开发', 'Go后端']],
    ['nothing found', 'xyz', []],
  ])('%s', (_name, query, want) => {
    expect(ids(query)).toEqual(want);
  });

  it('finds by other spellings, an exact one first', () => {
    const people: Candidate[] = [
      { id: '1', text: '王小明', aliases: ['ming'] },
      { id: '2', text: 'Ming Li', aliases: ['mli'] },
    ];
    expect(ids('ming', people)).toEqual(['1', '2']);
    expect(ids('min', people)).toEqual(['2', '1']);
    expect(ids('wxm', people)).toEqual(['1']);
  });

  it('says what matched', () => {
    expect(rank('rev', rooms)[0]?.hits).toEqual([7, 8, 9]);
    expect(rank('hdkf', rooms)[0]?.hits).toEqual([0, 1, 2, 3]);
  });

  it('gives at most the limit', () => {
    expect(rank('', rooms, 3)).toHaveLength(3);
  });
});

describe('Pinyin', () => {
  it.each([
    ['阿', 'a'], ['八', 'b'], ['中', 'z'], ['国', 'g'], ['王', 'w'], ['座', 'z'], ['开', 'k'], ['行', 'xh'],
    ['祺', 'q'], ['婷', 't'], ['鑫', 'x'], ['a', ''], ['，', ''],
  ])('%s begins with %j', (char, letters) => {
    expect(new Pinyin().of(char)).toBe(letters);
  });
});
