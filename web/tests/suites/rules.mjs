// What-if: rules are moved, the engine agrees, a draft is saved.
import { same, settled, that } from '../browser.mjs';
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
    that(await page.getByText('Move a rule or its borders').isVisible(), 'reset');
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
    await page.waitForTimeout(500);
    same(await page.locator('.editor [role=alert]').count(), 0, 'no fault');
  });

  if (meta.drafts)
    await at('a draft is saved and opened from its link', 'page=rules', async (page) => {
      await page.locator('ol > li .order button').nth(1).click();
      const order = await page.locator('ol > li .name').allInnerTexts();
      await page.getByRole('button', { name: 'Save draft' }).click();
      await page.getByLabel('Name of the draft').fill('Browser test');
      await page.locator('form button.primary').click();
      await page.waitForFunction(() => location.search.includes('draft=browser-test'));
      await page.reload();
      await settled(page);
      await page.waitForFunction((first) => document.querySelector('ol > li .name').innerText.trim() === first, order[0].trim());
      const yaml = await (await fetch(`${base}/api/v1/rules/drafts/browser-test.yaml`)).text();
      that(yaml.includes('segments:') && yaml.includes('when:'), yaml.slice(0, 80));
    });
}
