import { expect, test } from 'vitest';
import { en } from './en.ts';
import { zhCN } from './zh-CN.ts';

/** Every key as "section.key: kind". */
function shape(catalog: object, path = ''): string[] {
  return Object.entries(catalog).flatMap(([key, value]) => {
    const at = path ? `${path}.${key}` : key;
    return typeof value === 'object' && value !== null ? shape(value, at) : [`${at}: ${typeof value}`];
  });
}

function texts(catalog: object): string[] {
  return Object.values(catalog).flatMap((value: unknown) => {
    if (typeof value === 'object' && value !== null) return texts(value);
    return typeof value === 'string' ? [value] : [];
  });
}

test('both languages have the same keys', () => {
  expect(shape(zhCN).sort()).toEqual(shape(en).sort());
});

test('no text is empty, has stray space or shouts', () => {
  for (const text of [...texts(en), ...texts(zhCN)]) {
    expect(text).not.toBe('');
    expect(text).toBe(text.trim());
    expect(text).not.toMatch(/[!！]/u);
  }
});

test('Chinese texts are Chinese', () => {
  const latin = texts(zhCN).filter((text) => !/\p{Script=Han}/u.test(text));
  expect(latin).toEqual([]);
});

test('counts are grammatical', () => {
  expect(en.log.newCount(1)).toBe('1 new message');
  expect(en.log.newCount(1200)).toBe('1,200 new messages');
  expect(zhCN.log.newCount(3)).toBe('3 条新消息');
  expect(en.common.many(100, 100)).toBe('99+');
});
