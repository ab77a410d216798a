import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

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

export default defineConfig({
  plugins: [svelte()],
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
