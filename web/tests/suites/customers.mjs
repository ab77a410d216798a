// The list of customers and the explanation of one.
import { same, settled, that } from '../browser.mjs';
import { mart } from '../marts.mjs';
import { integer, quintile, visits } from '../visit.mjs';

export default async function (context) {
  const { api, at, meta, some } = await visits(context, 'sample');

  await at('customers page through, search and explain', 'page=customers', async (page) => {
    const { customers, total } = await api('/customers?sort=-monetary&limit=50');
    same(await page.locator('tbody tr').count(), Math.min(50, customers.length), 'rows');
    if (total > 50) {
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText(`51–${integer(Math.min(100, total))} of ${integer(total)}`).waitFor();
      await page.goBack();
      await page.getByText(`1–50 of ${integer(total)}`).waitFor();
    }
    const id = customers[0].customer_id;
    await page.keyboard.press('/');
    await page.keyboard.type(customers[0].source_customer_id);
    await page.waitForFunction((id) => location.search.includes(id), customers[0].source_customer_id);
    await page.locator(`[data-customer="${id}"]`).click();
    const detail = await api(`/customers/${id}`);
    const aside = page.locator('aside');
    await aside.getByText('Why this segment').waitFor();
    same(await aside.locator('.rules li').count(), detail.rules.findIndex(({ matched }) => matched === true) + 1, 'rules up to the one that fired');
    same(await aside.locator('.misses li').count(), Math.max(1, detail.near_misses.length), 'near misses');
    await page.keyboard.press('Escape');
    await aside.waitFor({ state: 'detached' });
    that(await page.evaluate((id) => document.activeElement.dataset.customer === String(id), id), 'focus is on the row');
  });

  await at('every column sorts both ways', 'page=customers', async (page) => {
    for (const [head, key] of [['Revenue', 'monetary'], ['Orders', 'frequency'], ['Recency', 'recency_days'], ['Customer', 'customer_id'], ['RFM', 'rfm_total']])
      for (let turn = 0; turn < 2; turn++) {
        await page.getByRole('columnheader', { name: head, exact: true }).getByRole('button').click();
        await settled(page);
        const sort = new URL(page.url()).searchParams.get('sort') ?? '-monetary';
        that(sort.replace('-', '') === key, `${head}: ${sort}`);
        const { customers } = await api(`/customers?sort=${sort}&limit=50`);
        same(await page.locator('tbody [data-customer]').allInnerTexts(), customers.map(({ customer_id }) => String(customer_id)), sort);
      }
  });

  await at('all customers under a filter are paged through, each once', `page=customers&${some}&cells=55,54,45`, async (page) => {
    const { total } = await api(`/customers?${some}&cells=55,54,45&limit=1`), seen = [];
    for (;;) {
      seen.push(...(await page.locator('tbody [data-customer]').allInnerTexts()));
      const next = page.getByRole('button', { name: 'Next' });
      if (await next.isDisabled()) break;
      await next.click();
      await settled(page);
    }
    that(total > 100, `${total} customers`);
    same([seen.length, new Set(seen).size], [total, total], 'customers');
    await page.getByRole('button', { name: 'First' }).click();
    await settled(page);
    same((await page.locator('tbody [data-customer]').first().innerText()), seen[0], 'back at the first');
  });

  await at('one customer is explained as `quintile explain` does', 'page=customers&customer=17', async (page) => {
    const told = JSON.parse(quintile('explain', '17', '--mart', mart('sample'), '--format', 'json')), aside = page.locator('aside');
    const name = meta.segments.find(({ segment_id }) => segment_id === told.segment_id).segment_name;
    same((await aside.locator('.place > b').innerText()), name, 'segment');
    same((await aside.locator('.scores b').allInnerTexts()).join(''), told.rfm_code, 'scores');
    same((await aside.locator('.rules li.fired div > span').first().innerText()), name, 'the rule that fired');
    for (const rule of await aside.locator('.rules li:not(.fired)').all()) that((await rule.locator('.bad').count()) > 0, `what fails is marked in ${await rule.innerText()}`);
    const nearest = told.smallest_change && meta.segments.find(({ segment_id }) => segment_id === told.smallest_change.segment_id).segment_name;
    if (nearest) that((await aside.locator('.misses li').allInnerTexts()).some((text) => text.includes(nearest)), `near ${nearest}`);
    that((await aside.innerText()).includes('Marketing opt in'), 'consent is among what is known');
  });

  await at('a customer that is none says so', 'page=customers&customer=99999999', async (page) => {
    await page.getByText('No such customer').waitFor();
    page.faults.length = 0;
  });
}
