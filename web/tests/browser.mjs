// A browser, a server and a tally for the page's tests. BASE_URL names a running server; without it the stand-in is started.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { chromium } from 'playwright-core';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none'];
const executable = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
export const stand_in = !process.env.BASE_URL;

export async function open_browser() {
  if (!executable) throw new Error('No Chromium: install Debian’s chromium, or name one in CHROMIUM.');
  return chromium.launch({ executablePath: executable, args: flags });
}

const free_port = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** The server under test, or a stand-in of its own with these options. */
export async function open_server(options = [], always_own = false) {
  if (!stand_in && !always_own) return { base: process.env.BASE_URL.replace(/\/$/, ''), close() {} };
  const port = await free_port();
  const child = spawn(process.execPath, ['node_modules/.stand-in/server.js', '--port', String(port), ...options], { stdio: 'ignore' });
  const base = `http://127.0.0.1:${port}`;
  for (let i = 0; ; i++) {
    try {
      await fetch(`${base}/api/v1/healthz`);
      break;
    } catch {
      if (i === 150) throw new Error('the stand-in did not start');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { base, close: () => child.kill() };
}

/** A fresh profile: size, theme and language are given, motion is off. */
export const open_page = async (browser, { width = 1440, height = 900, theme = 'light', locale = 'en-US', ...rest } = {}) => {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale, reducedMotion: 'reduce', acceptDownloads: true, timezoneId: 'UTC', ...rest });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
  page.on('pageerror', (error) => page.faults.push(String(error)));
  return page;
};

export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('#main')?.childElementCount && !document.querySelector('#main [aria-busy=true]'));
  await page.waitForLoadState('networkidle');
  await page.waitForFunction(() => !document.querySelector('.skeleton'));
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(60);
}

/** Runs cases one by one and says the outcome the way a build server reads it. */
export class Tally {
  passed = 0;
  failed = [];
  only = process.argv[2];
  async case(name, work) {
    if (this.only && !name.includes(this.only)) return;
    const begin = Date.now();
    try {
      await work();
      this.passed++;
      console.log(`ok    ${name} (${Date.now() - begin} ms)`);
    } catch (error) {
      this.failed.push(name);
      console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).split('\n').slice(0, 6).join('\n      ')}`);
    }
  }
  end() {
    console.log(`${this.passed} passed, ${this.failed.length} failed`);
    process.exitCode = this.failed.length ? 1 : 0;
  }
}
export function same(actual, expected, what = 'value') {
  const a = JSON.stringify(actual), b = JSON.stringify(expected);
  if (a !== b) throw new Error(`${what}: ${a}, expected ${b}`);
}
export function that(condition, what) {
  if (!condition) throw new Error(what);
}
