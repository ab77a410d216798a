// What leaves the page: CSV, figures, paper.
import { readFileSync } from 'node:fs';
import { same, settled, that } from '../browser.mjs';
import { integer, visits } from '../visit.mjs';

export default async function (context) {
  const { api, at, largest, meta, some } = await visits(context, 'sample');

  await at('exports carry the filter and are complete', `${some}&segment=${encodeURIComponent(largest.segment_id)}`, async (page) => {
    const query = `${some}&segment=${encodeURIComponent(largest.segment_id)}`;
    const audience = await api(`/audience?${query}`);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.menu a').nth(1).click()]);
    const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n');
    same(lines.length - 1, audience.customers, 'one row a customer');
    that(lines[0].startsWith('\ufeff'), 'a byte order mark');
    that(lines[0].includes('analysis_date') && lines[1].includes(meta.snapshot.analysis_date), 'the analysis date');
    that(lines[1].includes(largest.segment_id), 'the filter');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('button', { name: 'Audience…' }).click();
    await page.getByText(`${integer(audience.contactable)} customer`).waitFor();
    const [list] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download CSV' }).click()]);
    same(readFileSync(await list.path(), 'utf8').trimEnd().split('\r\n').length - 1, audience.contactable, 'only those with consent');
  });

  await at('figures are saved as SVG and PNG', '', async (page) => {
    for (const kind of ['SVG', 'PNG']) {
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: new RegExp(`as ${kind}$`) }).first().click()]);
      const bytes = readFileSync(await file.path());
      if (kind === 'SVG') {
        const text = bytes.toString('utf8');
        that(text.startsWith('<svg') && text.includes(meta.segments[0].segment_name.slice(0, 5)) && text.includes(meta.snapshot.rules_digest.slice(0, 12)), 'title, names and digest are in the picture');
        same(await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror').length, text.replace(/<style>.*?<\/style>/, '')), 0, 'well-formed');
      } else that(bytes.length > 10_000 && bytes.subarray(1, 4).toString() === 'PNG', 'a picture');
    }
  });

  await at('the report prints on paper', 'page=report', async (page) => {
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true });
    const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length;
    that(pages >= 3 && pages <= 60, `${pages} pages`);
    that(pdf.toString('latin1').includes('/StructTreeRoot'), 'tagged');
  });
}
