// Every test of the page that needs the program: node tests/run.mjs [suite] [part of a case's name]
//
// QUINTILE names the program (else build/dev, else build/release), CHROMIUM the browser; WEB_DIR serves the page from a
// folder instead of from inside the program. Suites run two at a time; each is one file that says its cases to a tally.
import { open_browser, Tally } from './browser.mjs';
import { close_all, program } from './marts.mjs';

const suites = ['api', 'parity', 'overview', 'customers', 'rules', 'figures', 'exports', 'keyboard', 'states', 'languages', 'layout', 'movement', 'marts', 'axe_light', 'axe_dark', 'budget'];
const [only_suite, only_case] = process.argv.slice(2);
const chosen = suites.filter((name) => !only_suite || name === only_suite);
if (!chosen.length) throw new Error(`no suite ${only_suite}; there are ${suites.join(', ')}`);

console.log(`program: ${program}`);
const browser = await open_browser();
const tallies = [];
const waiting = [...chosen];
async function lane() {
  for (let name = waiting.shift(); name; name = waiting.shift()) {
    const tally = new Tally(name, only_case), begin = Date.now();
    tallies.push(tally);
    try {
      const { default: run } = await import(`./suites/${name}.mjs`);
      await run({ browser, tally });
    } catch (error) {
      tally.failed.push('the suite itself');
      console.log(`FAIL  ${name}: the suite itself\n      ${error.stack ?? error}`);
    }
    console.log(`      ${name}: ${tally.passed} of ${tally.passed + tally.failed.length}, ${Math.round((Date.now() - begin) / 1000)} s`);
  }
}
await Promise.all([lane(), lane()]);
await browser.close();
close_all();
const count = (of) => tallies.reduce((sum, tally) => sum + of(tally), 0);
for (const { suite, failed } of tallies) for (const name of failed) console.log(`failed: ${suite}: ${name}`);
console.log(`${count(({ passed }) => passed)} passed, ${count(({ failed }) => failed.length)} failed`);
process.exit(count(({ failed, passed }) => failed.length + passed) && !count(({ failed }) => failed.length) ? 0 : 1);
