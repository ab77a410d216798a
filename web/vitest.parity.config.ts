import { defineConfig } from 'vitest/config';

// Vitest has a BASE_URL of its own, so the server's comes under another name.
export default defineConfig({ test: { include: ['tests/parity/**/*.test.ts'], testTimeout: 600_000, env: { SERVER_URL: process.env.BASE_URL ?? '' } } });
