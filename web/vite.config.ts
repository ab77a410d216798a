import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

type Graph = { getModuleInfo(id: string): { isEntry: boolean; importers: readonly string[] } | null };

/** What the entry imports without waiting goes into one file: fewer requests before the first figure. */
const at_once = new Map<string, boolean>();
function needed_at_once(id: string, graph: Graph): boolean {
  const known = at_once.get(id);
  if (known !== undefined) return known;
  at_once.set(id, false); // ends cycles
  const info = graph.getModuleInfo(id);
  const needed = !!info && (info.isEntry || info.importers.some((importer) => needed_at_once(importer, graph)));
  at_once.set(id, needed);
  return needed;
}

/** `name.br` beside every text: the program carries both, and need not compress when it starts. */
const compressed: Plugin = {
  name: 'brotli',
  apply: 'build',
  writeBundle({ dir }) {
    for (const name of readdirSync(dir!, { recursive: true, encoding: 'utf8' }).filter((each) => /\.(html|js|css|txt)$/.test(each))) {
      const text = readFileSync(join(dir!, name));
      const packed = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } });
      if (packed.length < text.length) writeFileSync(join(dir!, `${name}.br`), packed);
    }
  },
};

export default defineConfig({
  plugins: [svelte(), compressed],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { output: { codeSplitting: { groups: [{ debugName: 'needed at once', name: (id: string, graph: Graph) => (needed_at_once(id, graph) ? 'index' : null) }] } } },
  },
  // The server wants its own name in Host.
  server: { proxy: { '/api': { target: process.env.BASE_URL ?? 'http://127.0.0.1:8080', changeOrigin: true } } },
});
