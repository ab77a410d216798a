// The browser's rules against the engine's: 1,000 random rule sets, by tests/parity/rules.test.ts.
import { spawn } from 'node:child_process';
import { that } from '../browser.mjs';
import { server } from '../marts.mjs';

export default async function ({ tally }) {
  const { base } = await server('sample');
  await tally.case('1,000 random rule sets give equal counts in the browser and in the engine', async () => {
    const [status, said] = await new Promise((resolve) => {
      const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'vitest.parity.config.ts'], { env: { ...process.env, SERVER_URL: base, NO_COLOR: '1' } });
      let said = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
      child.on('close', (status) => resolve([status, said]));
    });
    that(status === 0 && /Tests\s+[1-9]\d* passed/.test(said), said.slice(-1500));
  });
}
