// A browser, pages and a tally for the page's tests.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--force-color-profile=srgb', '--font-render-hinting=none'];
const executable = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
/** Nothing here is a limit of speed: a machine that is busy with other work must pass too. */
const patience_ms = 90_000;

export async function open_browser() {
  if (!executable) throw new Error('No Chromium: install Debian’s chromium, or name one in CHROMIUM.');
  return chromium.launch({ executablePath: executable, args: flags, timeout: patience_ms });
}

/** Counts what the page still waits for, so that a test need not guess. */
function count_requests() {
  window.in_flight = 0;
  const wait = (work) => (...all) => {
    window.in_flight++;
    return work(...all).finally(() => window.in_flight--);
  };
  window.fetch = wait(window.fetch.bind(window));
  for (const read of ['json', 'text', 'blob', 'arrayBuffer']) {
    const own = Response.prototype[read];
    Response.prototype[read] = function () {
      return wait(own.bind(this))();
    };
  }
}
/** A fresh profile: size, theme and language are given, motion is off. What the console calls an error is kept in `faults`. */
export const open_page = async (browser, { width = 1440, height = 900, theme = 'light', locale = 'en-US', ...rest } = {}) => {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, locale, reducedMotion: 'reduce', acceptDownloads: true, timezoneId: 'UTC', ...rest });
  context.setDefaultTimeout(patience_ms);
  await context.addInitScript(count_requests);
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
  page.on('pageerror', (error) => page.faults.push(String(error)));
  return page;
};

/** Waits until the page has drawn everything it asked for: nothing on the way in three frames one after another. */
export const settled = (page) =>
  page.waitForFunction(() => {
    const done = window.in_flight === 0 && document.fonts.status === 'loaded' && document.querySelector('#main')?.childElementCount && !document.querySelector('#main [aria-busy=true], .skeleton');
    window.calm_frames = done ? (window.calm_frames ?? 0) + 1 : 0;
    return window.calm_frames >= 3 && ((window.calm_frames = 0), true);
  }, undefined, { polling: 'raf' });

/** Runs cases one by one, keeps what there is to say, and counts. */
export class Tally {
  passed = 0;
  failed = [];
  constructor(suite, only) {
    this.suite = suite;
    this.only = only;
  }
  async case(name, work) {
    if (this.only && !name.includes(this.only)) return;
    const begin = Date.now();
    try {
      await work();
      this.passed++;
      console.log(`ok    ${this.suite}: ${name} (${Date.now() - begin} ms)`);
    } catch (error) {
      this.failed.push(name);
      console.log(`FAIL  ${this.suite}: ${name}\n      ${String(error.stack ?? error).split('\n').slice(0, 8).join('\n      ')}`);
    }
  }
}
export function same(actual, expected, what = 'value') {
  const a = JSON.stringify(actual), b = JSON.stringify(expected);
  if (a !== b) throw new Error(`${what}: ${a}, expected ${b}`);
}
export function that(condition, what) {
  if (!condition) throw new Error(what);
}
