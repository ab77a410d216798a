// What-if: rules are moved, the engine agrees, a draft is saved.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { same, settled, that } from '../browser.mjs';
import { mart } from '../marts.mjs';
import { integer, quintile, visits } from '../visit.mjs';

export default async function (context) {
  const { api, at, base, meta } = await visits(context, 'sample');

  await at('the rule editor shows movers at once, and the server agrees', 'page=rules', async (page) => {
    const { rules } = await api('/rules');
    const at = rules.segments.findIndex(({ when }) => /^r_score (<=|>=|=) \d( and [fm]_score (<=|>=) \d)*$/.test(when ?? ''));
    if (at < 0) return;
    const id = rules.segments[at].id;
    await page.locator('ol > li .name').nth(at).click();
    const slider = page.locator('.editor input[type=range]').first();
    await slider.focus();
    await page.keyboard.press(rules.segments[at].when.startsWith('r_score >=') ? 'ArrowLeft' : 'ArrowRight');
    if (rules.segments[at].when.startsWith('r_score <=')) {
      await page.locator('.editor input[type=range]').nth(1).focus();
      await page.keyboard.press('ArrowRight');
    }
    const when = await page.locator('.editor textarea').inputValue();
    that(when !== rules.segments[at].when, 'the condition follows the slider');
    const draft = { ...rules, segments: rules.segments.map((rule) => (rule.id === id ? { ...rule, when } : rule)) };
    const preview = await (await fetch(`${base}/api/v1/rules/preview`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ rules: draft }) })).json();
    const shown = await page.locator('ol > li .customers').allInnerTexts();
    same(shown, draft.segments.map(({ id }) => integer(preview.segments.find(({ segment_id }) => segment_id === id)?.customers ?? 0)), 'sizes');
    that((await page.locator('.head p').innerText()).startsWith(integer(preview.movers.customers)), 'movers');
    await page.locator('ol > li .order button').nth(1).click();
    await page.getByRole('button', { name: 'Reset' }).click();
    that(await page.getByText('Move a rule, drag its borders').isVisible(), 'reset');
  });

  await at('a faulty condition is told, a free one goes to the server', 'page=rules', async (page) => {
    await page.locator('ol > li .name').first().click();
    const text = page.locator('.editor textarea');
    const whole = await text.inputValue();
    await text.fill('r_score >=');
    that(await page.locator('.editor [role=alert]').isVisible(), 'the fault');
    await text.fill('nonsense > 1');
    that((await page.locator('.editor [role=alert]').innerText()).includes('nonsense'), 'the unknown field');
    await text.fill(`${whole} and recency_days >= 0`);
    await page.locator('.editor [role=alert]').waitFor({ state: 'detached' });
    await page.getByText('0 customers would change segment').waitFor();
    await text.fill(`${whole} and recency_days > 3`);
    await page.locator('.head p b').filter({ hasNotText: /^0 / }).waitFor();
    const { rules } = await api('/rules');
    const draft = { ...rules, segments: rules.segments.map((rule, i) => (i ? rule : { ...rule, when: `${rule.when} and recency_days > 3` })) };
    const { movers } = await (await fetch(`${base}/api/v1/rules/preview`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ rules: draft }) })).json();
    await page.getByText(`${integer(movers.customers)} customers would change segment`).waitFor();
  });

  await at('the linter follows every change', 'page=rules', async (page) => {
    const verdict = page.locator('.verdict'), text = page.locator('.editor textarea');
    same((await verdict.innerText()).trim(), 'No faults', 'at first');
    await page.locator('ol > li .name').nth(1).click();
    await text.fill('r_score >= 4 and f_score >= 4 and m_score >= 4');
    same((await verdict.innerText()).trim(), 'Faulty', 'a rule that is shadowed');
    that((await page.locator('.lint').innerText()).includes('is dead'), 'it is named');
    that(await page.locator('ol > li .dead').isVisible(), 'it is marked');
  });

  await at('the draft is shown as what changes in the file', 'page=rules', async (page) => {
    await page.locator('ol > li .name').nth(1).click();
    const text = page.locator('.editor textarea'), before = await text.inputValue();
    await text.fill('f_score >= 5');
    await page.getByRole('button', { name: 'YAML' }).click();
    await page.locator('dialog ins').first().waitFor();
    same([await page.locator('dialog del').allInnerTexts(), await page.locator('dialog ins').allInnerTexts()].flat().map((line) => line.trim()), [`when: ${before}`, 'when: f_score >= 5'], 'one line out, one in');
    await page.getByRole('button', { name: 'Whole file' }).click();
    that((await page.locator('dialog pre').innerText()).includes('otherwise') || (await page.locator('dialog pre').innerText()).split('when:').length > 5, 'the whole file');
  });

  await at('cells where somebody moves are outlined, and every change has its value', 'page=rules', async (page) => {
    same(await page.locator('.cell.picked').count(), 0, 'nobody at first');
    await page.locator('ol > li .order button').nth(1).click();
    that((await page.locator('.cell.picked').count()) > 0, 'outlined');
    const moved = await page.locator('ol > li .difference small').allInnerTexts();
    that(moved.length >= 2 && moved.some((text) => text.startsWith('+')) && moved.some((text) => text.startsWith('\u2212')), `values: ${moved}`);
  });

  if (meta.drafts)
    await at('a draft is saved and opened from its link', 'page=rules', async (page) => {
      await page.locator('ol > li .order button').nth(3).click();
      const order = await page.locator('ol > li .name').allInnerTexts();
      await page.getByRole('button', { name: 'Save draft' }).click();
      await page.getByLabel('Name of the draft').fill('Browser test');
      await page.locator('form button.primary').click();
      await page.waitForFunction(() => location.search.includes('draft=browser-test'));
      await page.reload();
      await settled(page);
      await page.waitForFunction((name) => document.querySelectorAll('ol > li .name')[1]?.innerText.trim() === name, order[1].trim());
      const yaml = await (await fetch(`${base}/api/v1/rules/drafts/browser-test.yaml`)).text();
      that(yaml.includes('segments:') && yaml.includes('when:'), yaml.slice(0, 80));
      const file = join(dirname(mart('sample')), 'drafts', 'browser-test.yaml');
      same(readFileSync(file, 'utf8'), yaml, 'the file in the folder of drafts');
      const report = JSON.parse(quintile('rules', 'check', file, '--mart', mart('sample'), '--format', 'json'));
      same([report.verdict, report.segments[1].segment_id], ['ok', (await api('/rules')).rules.segments[2].id], '`quintile rules check` accepts it');
    });

  await at('a draft that the linter refuses says so before it is saved', 'page=rules', async (page) => {
    await page.locator('ol > li .order button').nth(1).click();
    same((await page.locator('.verdict').innerText()).trim(), 'Faulty', 'Champions are taken by the loyal ones');
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByText('rules check will refuse it').waitFor();
  });
}
