import { defineConfig } from 'vitest/config';

// tests/suites/parity.mjs runs it with the server's address in SERVER_URL.
export default defineConfig({ test: { include: ['tests/parity/**/*.test.ts'], testTimeout: 600_000 } });
