// Writes src/notices.txt: the licence of every package whose code or font reaches the reader.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const shipped = ['svelte', 'd3-hierarchy', 'd3-sankey', 'd3-array', 'd3-shape', 'd3-path', 'internmap', '@lucide/svelte', '@fontsource-variable/inter'];
const root = new URL('../node_modules/', import.meta.url);
const parts = shipped.flatMap((name) => {
  const folder = new URL(`${name}/`, root);
  let files;
  try {
    files = readdirSync(folder);
  } catch {
    return [];
  }
  const { version, license } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
  const file = files.find((each) => /^licen[cs]e/i.test(each));
  return [`${name} ${version} (${license})\n\n${file ? readFileSync(new URL(file, folder), 'utf8').trim() : ''}\n`];
});
writeFileSync(new URL('../src/notices.txt', import.meta.url), `The dashboard contains the work of others:\n\n${parts.join(`\n${'-'.repeat(72)}\n\n`)}`);
