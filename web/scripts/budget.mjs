// Fails when a route needs more than it may. Run it after `npm run build`; sizes are gzipped bytes.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../../internal/webui/dist/', import.meta.url);
const notes = new URL('../node_modules/.myna/chunks.json', import.meta.url);
const kB = 1000;

/** The modules a route loads by import() to be drawn; what they import statically comes along. */
const routes = [
  { name: 'sign-in', js: 30 * kB, css: 15 * kB, roots: ['src/main.ts', 'src/features/signin/SignIn.svelte'] },
  { name: 'chat', js: 90 * kB, css: 15 * kB, roots: ['src/main.ts', 'src/state/client.svelte.ts', 'src/features/shell/Inside.svelte'] },
  { name: 'locale en', js: 12 * kB, css: 0, roots: ['src/i18n/en.ts'] },
  { name: 'locale zh-CN', js: 12 * kB, css: 0, roots: ['src/i18n/zh-CN.ts'] },
  { name: 'pinyin', js: 3 * kB, css: 0, roots: ['src/text/pinyin.ts'] },
];

const chunks = JSON.parse(readFileSync(notes, 'utf8'));
const byFile = new Map(chunks.map((chunk) => [chunk.file, chunk]));
const sizes = new Map();

function size(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length);
  return sizes.get(file);
}

/** Every chunk that comes with a module, itself included. */
function closure(roots) {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file) || !byFile.has(file)) return;
    found.add(file);
    byFile.get(file).imports.forEach(visit);
  };
  for (const root of roots) {
    const chunk = chunks.find((candidate) => candidate.modules.some((module) => module.endsWith(root)));
    if (chunk === undefined) throw new Error(`no chunk holds ${root}: was it built, or renamed?`);
    visit(chunk.file);
  }
  return [...found];
}

let over = false;
const rows = routes.map(({ name, js, css, roots }) => {
  const files = closure(roots);
  const styles = new Set(files.flatMap((file) => byFile.get(file).css));
  const jsBytes = files.reduce((sum, file) => sum + size(file), 0);
  const cssBytes = [...styles].reduce((sum, file) => sum + size(file), 0);
  const bad = jsBytes > js || (css > 0 && cssBytes > css);
  over ||= bad;
  const budget = (bytes, most) => (most > 0 ? `${(bytes / kB).toFixed(1)} of ${most / kB} kB` : '');
  return { route: name, javascript: budget(jsBytes, js), css: budget(cssBytes, css), chunks: files.length, ok: bad ? 'NO' : 'yes' };
});
console.table(rows);

// Eager code must not slip into the sign-in screen unnoticed.
const signIn = closure(routes[0].roots).flatMap((file) => byFile.get(file).modules);
const stray = signIn.filter((module) => /src\/(sync|features\/(?!signin)|net\/(socket|calls))/.test(module));
if (stray.length > 0) {
  over = true;
  console.error('The sign-in screen loads what only the chat needs:\n  ' + stray.join('\n  '));
}
if (over) {
  console.error('Over budget. See what grew with: npx vite build --mode production, then node_modules/.myna/chunks.json');
  process.exit(1);
}
