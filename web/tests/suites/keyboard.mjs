// No mouse: the way to the audience file, single keys, focus.
import { same, settled, that } from '../browser.mjs';
import { query_of, visits } from '../visit.mjs';

/** A page of fifty customers has a stop for each; this many prove the way. */
const stops_max = 45;

export default async function (context) {
  const { at, meta, views } = await visits(context, 'sample');

  await at('the keyboard alone reaches the audience file', '', async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.closest('.treemap') !== null);
    for (let i = 0; i < 45 && !(await focused()); i++) await page.keyboard.press('Tab');
    that(await focused(), 'the treemap is reached by Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside');
    const on = () => page.evaluate(() => document.activeElement.textContent.trim());
    for (let i = 0; i < 80 && (await on()) !== 'Export audience'; i++) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const rect = document.activeElement.getBoundingClientRect(), x = rect.left + rect.width / 2, y = rect.top + Math.min(rect.height / 2, 10);
        const top = document.elementFromPoint(x, y);
        return !top || x < 0 || y < 0 || y > innerHeight || document.activeElement.contains(top) || top.contains(document.activeElement) || document.activeElement.matches('[data-rove]') ? '' : `${document.activeElement.outerHTML.slice(0, 80)} under ${top.outerHTML.slice(0, 60)}`;
      });
      same(seen, '', 'focus is not hidden');
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    same(await on(), 'Export audience', 'focus returns');
  });

  await at('single keys lead everywhere and can be switched off', '', async (page) => {
    for (const [key, name] of [['c', 'customers'], ['i', 'insights'], ['r', 'rules'], ['q', 'quality'], ['p', 'report']]) {
      // The second key has to follow soon: a machine that stalls between the two gets another try.
      for (let tries = 0; tries < 5 && !page.url().includes(`page=${name}`); tries++) {
        await page.keyboard.press('g');
        await page.keyboard.press(key);
        await settled(page);
      }
      that(page.url().includes(`page=${name}`), `g ${key}: ${page.url()}`);
      await page.evaluate(() => document.activeElement.blur());
    }
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.getByLabel('Single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    await settled(page);
    same(await page.locator('dialog').count(), 0, 'off');
  });

  await at('a segment opens, steps with brackets and closes with focus back', '', async (page) => {
    await page.locator('.tile').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside');
    const first = query_of(page);
    await page.keyboard.press(']');
    that(query_of(page) !== first, 'the next segment');
    await page.keyboard.press('[');
    same(query_of(page), first, 'back again');
    await page.keyboard.press('Escape');
    await page.waitForSelector('aside', { state: 'detached' });
    that(await page.evaluate(() => document.activeElement.classList.contains('tile')), 'focus is on a tile');
  });

  await at('the palette goes to a segment, filters by a value and opens a customer by number', '', async (page) => {
    const ask = async (text) => {
      await page.keyboard.press('Control+k');
      await page.locator('dialog [role=combobox]').waitFor();
      await page.keyboard.type(text);
    };
    const segment = meta.segments[2], dimension = meta.dimensions.find(({ kind, values }) => kind === 'text' && values.length > 1), { value } = dimension.values[1];
    await ask(segment.segment_name);
    await page.keyboard.press('Enter');
    await page.waitForFunction((id) => location.search.includes(`segment=${id}`), segment.segment_id);
    await ask(String(value));
    await page.locator('[role=option]', { hasText: `: ${value}` }).first().waitFor();
    while (!(await page.locator('[role=option][aria-selected=true]').innerText()).includes(`: ${value}`)) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForFunction((name) => new URLSearchParams(location.search).has(name), dimension.param);
    await ask('7');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.search.includes('customer=7'));
    await ask('zzz');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
  });

  for (const [name, query] of Object.entries(views))
    await at(`every control of ${name} is reached by Tab, and none holds the focus`, query, async (page) => {
      const reached = await page.evaluate(() => {
        // What Tab should reach: one stop for a group whose arrows do the rest.
        const wanted = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter((node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled && node.tabIndex >= 0);
        wanted.forEach((node, i) => (node.dataset.stop = i));
        document.activeElement.blur();
        return wanted.length;
      });
      const seen = new Set();
      for (let i = 0; i < reached + 5 && seen.size < Math.min(reached, stops_max); i++) {
        await page.keyboard.press('Tab');
        const stop = await page.evaluate(() => document.activeElement.dataset.stop ?? null);
        if (stop !== null) seen.add(stop);
      }
      same(seen.size, Math.min(reached, stops_max), 'stops');
      const outline = await page.evaluate(() => [getComputedStyle(document.activeElement).outlineStyle, document.activeElement.outerHTML.slice(0, 60)]);
      that(outline[0] !== 'none', `focus is not seen on ${outline[1]}`);
    });

  await at('the grid and the treemap are one stop each, arrows move inside', '', async (page) => {
    await page.locator('.cells [data-rove]').first().focus();
    const at = () => page.evaluate(() => document.activeElement.title);
    const first = await at();
    await page.keyboard.press('ArrowRight');
    that((await at()) !== first && /frequency 2/.test(await at()), await at());
    await page.keyboard.press('ArrowDown');
    that(/Recency 4, frequency 2/.test(await at()), await at());
    await page.keyboard.press('End');
    that(/Recency 1, frequency 5/.test(await at()), await at());
    same(await page.locator('.cells [tabindex="0"]').count(), 1, 'one stop');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.search.includes('cells=15'));
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+Enter');
    await page.waitForFunction(() => /cells=15,51/.test(decodeURIComponent(location.search)));
  });

  await at('the whole of a rule is done by keyboard: borders, order, draft', 'page=rules', async (page) => {
    await page.locator('ol > li .name').first().focus();
    await page.keyboard.press('Enter');
    await page.locator('.editor input[type=range]').first().focus();
    await page.keyboard.press('ArrowLeft');
    await page.locator('.head p b').waitFor();
    await page.getByRole('button', { name: 'Save draft' }).focus();
    await page.keyboard.press('Enter');
    await page.getByLabel('Name of the draft').waitFor();
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => location.search.includes('draft=by-keyboard'));
  });
}
