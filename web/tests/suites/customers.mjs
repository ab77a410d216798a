// The list of customers and the explanation of one.
import { same, settled, that } from '../browser.mjs';
import { integer, visits } from '../visit.mjs';

export default async function (context) {
  const { api, at } = await visits(context, 'sample');

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
}
