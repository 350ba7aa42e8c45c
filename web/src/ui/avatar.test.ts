import { expect, test } from 'vitest';
import { initials, tone, tones } from './avatar.ts';

test.each([
  ['Ann Lee', 'AL'],
  ['Gus', 'G'],
  ['王小明', '明'],
  ['dora.novak', 'DN'],
  ['Ann 王', 'A'],
  ['  ', '?'],
  ['Éva', 'É'],
])('the initials of %s', (name, letters) => {
  expect(initials(name)).toBe(letters);
});

test('a colour stays and all are used', () => {
  expect(tone('u_06yeje6gsfdbq')).toBe(tone('u_06yeje6gsfdbq'));
  const used = new Set(Array.from({ length: 400 }, (_, i) => tone(`u_${i}`)));
  expect(used.size).toBe(tones);
});
