import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const css = readFileSync(new URL('../tokens.css', import.meta.url), 'utf8');

/** A token's colour in a theme, as [r, g, b] from 0 to 1. */
function color(name: string, theme: 'light' | 'dark'): [number, number, number] {
  const value = new RegExp(`--${name}:\\s*([^;]+);`, 'u').exec(css)?.[1] ?? '';
  const hexes = value.match(/#[\da-f]{6}/gu) ?? [];
  const hex = theme === 'dark' ? hexes.at(-1) : hexes[0];
  if (hex === undefined) throw new Error(`no colour --${name}`);
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}

/** Relative luminance, WCAG 2.2. */
function luminance(rgb: readonly number[]): number {
  const [r = 0, g = 0, b = 0] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string, theme: 'light' | 'dark'): number {
  const [high = 0, low = 0] = [luminance(color(a, theme)), luminance(color(b, theme))].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const text = 4.5;
const shape = 3; // icons, borders of controls, large text

/** Everything that is put on something else. */
const pairs: [string, string, number][] = [
  ['ink', 'bg', text],
  ['ink', 'surface', text],
  ['ink', 'hover', text],
  ['ink', 'sunken', text],
  ['ink', 'mention', text],
  ['ink', 'accent-soft', text],
  ['ink-2', 'surface', text],
  ['ink-2', 'bg', text],
  ['ink-2', 'sunken', text],
  ['ink-2', 'mention', text],
  ['ink-2', 'accent-soft', text],
  ['ink-3', 'surface', text],
  ['ink-3', 'bg', text],
  ['ink-3', 'sunken', text],
  ['ink-3', 'hover', text],
  ['ink-3', 'mention', text],
  ['ink-3', 'accent-soft', text],
  ['accent', 'surface', text],
  ['accent', 'bg', text],
  ['accent-ink', 'surface', text],
  ['accent-ink', 'bg', text],
  ['accent-ink', 'mention', text],
  ['accent-ink', 'accent-soft', text],
  ['on-accent', 'accent', text],
  ['on-accent', 'accent-hover', text],
  ['danger', 'surface', text],
  ['danger', 'danger-soft', text],
  ['on-danger', 'danger', text],
  ['warn', 'surface', text],
  ['warn', 'bg', text],
  ['warn', 'warn-soft', text],
  ['ok', 'surface', text],
  ['line-strong', 'surface', shape],
  ['line-strong', 'bg', shape],
  ['side-ink', 'side', text],
  ['side-ink', 'side-hover', text],
  ['side-ink', 'side-active', text],
  ['side-muted', 'side', text],
  ['side-muted', 'side-hover', text],
  ['side-white', 'side-active', text],
  ['badge', 'side', text],
  ['badge-ink', 'badge', text],
  ...Array.from({ length: 8 }, (_, i): [string, string, number] => ['avatar-ink', `avatar-${i}`, text]),
];

describe.each(['light', 'dark'] as const)('contrast in the %s theme', (theme) => {
  test.each(pairs)('%s on %s is at least %d', (front, back, least) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(least);
  });
});
