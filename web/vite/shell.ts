import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

/** What the budget needs to know of a chunk. */
interface ChunkNote {
  file: string;
  modules: string[];
  imports: string[];
  dynamicImports: string[];
  css: string[];
}

/** Files of `public` that the page needs to be drawn. */
const publicFiles = ['boot.js', 'icon.svg', 'icon-dot.svg', 'manifest.webmanifest'];

/**
 * Tells the service worker which files make the shell, and notes the chunk graph for the budget.
 * The notes are written beside the build's caches, not into what is shipped.
 */
export function shell(notesFile: string): Plugin {
  return {
    name: 'myna-shell',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle);
      const worker = files.find((file) => file.type === 'chunk' && file.fileName === 'sw.js');
      const paths = files.map((file) => file.fileName).filter((path) => path.startsWith('assets/') && !path.endsWith('.map'));
      const list = [...paths, ...publicFiles].sort();
      if (worker?.type === 'chunk') {
        const hash = createHash('sha256').update(list.join('\n'));
        for (const path of publicFiles) hash.update(readFileSync(`public/${path}`)); // these have no hash in their name
        const name = `myna-shell-${hash.digest('hex').slice(0, 12)}`;
        worker.code = worker.code.replaceAll('SHELL_FILES', JSON.stringify(list)).replaceAll('SHELL_NAME', JSON.stringify(name));
      }
      mkdirSync(dirname(notesFile), { recursive: true });
      writeFileSync(notesFile, JSON.stringify(files.flatMap(note), null, 2));
    },
  };
}

function note(file: Rolldown.OutputAsset | Rolldown.OutputChunk): ChunkNote[] {
  if (file.type !== 'chunk') return [];
  const { viteMetadata } = file as { viteMetadata?: { importedCss: Set<string> } };
  return [
    {
      file: file.fileName,
      modules: Object.keys(file.modules).map((id) => id.replace(/^.*\/(?=(src|node_modules)\/)/, '')),
      imports: [...file.imports],
      dynamicImports: [...file.dynamicImports],
      css: [...(viteMetadata?.importedCss ?? [])],
    },
  ];
}
