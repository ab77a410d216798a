// What leaves the page: CSV, figures, paper.
import { readFileSync } from 'node:fs';
import { same, that } from '../browser.mjs';
import { mart } from '../marts.mjs';
import { integer, quintile, visits } from '../visit.mjs';

export default async function (context) {
  const { api, at, largest, meta, some, views } = await visits(context, 'sample');

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

  await at('the audience is the one of `quintile export`, for a segment', `segment=${largest.segment_id}`, async (page) => {
    await page.getByRole('button', { name: 'Export audience' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download CSV' }).click()]);
    const ids = (text) => {
      const [head, ...lines] = text.replace(/^\ufeff/, '').trimEnd().split(/\r?\n/), at = head.split(',').indexOf('customer_id');
      return lines.map((line) => line.split(',')[at]).sort();
    };
    const mine = readFileSync(await file.path(), 'utf8');
    same(ids(mine), ids(quintile('export', '--mart', mart('sample'), '--segment', largest.segment_id)), 'customers');
    that(!/email|name/.test(mine.split('\r\n')[0].replace(/segment_name/g, '')), 'no names');
  });

  for (const [name, query] of Object.entries(views))
    await at(`every figure of ${name} is saved as SVG and PNG`, query, async (page) => {
      const count = await page.locator('[data-figure]').count();
      for (let i = 0; i < count; i++) {
        const title = await page.locator('[data-figure]').nth(i).getAttribute('data-figure');
        for (const kind of ['SVG', 'PNG']) {
          await page.getByRole('button', { name: 'Export', exact: true }).click();
          const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.menu .figure').nth(i).getByRole('button', { name: new RegExp(`as ${kind}$`) }).click()]);
          const bytes = readFileSync(await file.path());
          if (kind === 'PNG') {
            that(bytes.length > 4000 && bytes.subarray(1, 4).toString() === 'PNG', `${title}: a picture`);
            continue;
          }
          const text = bytes.toString('utf8');
          that(text.startsWith('<svg') && text.includes(meta.snapshot.rules_digest.slice(0, 12)), `${title}: the digest is in the picture`);
          that(await page.evaluate(([text, title]) => {
            const svg = new DOMParser().parseFromString(text, 'image/svg+xml');
            return !svg.querySelector('parsererror') && svg.documentElement.textContent.includes(title.slice(0, 20)) && svg.querySelectorAll('path, rect, text').length > 5;
          }, [text.replace(/<style>.*?<\/style>/, ''), title]), `${title}: well-formed, with its title`);
        }
      }
    });

  await at('the report prints on paper', 'page=report', async (page) => {
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true });
    const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length;
    that(pages >= 3 && pages <= 60, `${pages} pages`);
    that(pdf.toString('latin1').includes('/StructTreeRoot'), 'tagged');
  });

  await at('a segment prints on a page of its own, with what it is and what to do', `page=segment&segment=${largest.segment_id}`, async (page) => {
    await page.emulateMedia({ media: 'print' });
    for (const hidden of ['.rail', '.tools', '.filters']) same(await page.locator(hidden).first().isVisible(), false, hidden);
    for (const shown of [largest.segment_name, 'Compared with all customers', 'Recommended actions', meta.snapshot.rules_digest.slice(0, 12)]) that(await page.getByText(shown).first().isVisible(), shown);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true });
    same((pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length, 1, 'pages');
  });

  await at('printing from the menu waits for the report', 'page=quality', async (page) => {
    await page.evaluate(() => (window.print = () => (window.printed = document.querySelectorAll('.report article').length)));
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.locator('.menu').getByRole('button', { name: 'Report' }).click();
    await page.waitForFunction(() => window.printed !== undefined);
    same(await page.evaluate(() => window.printed), (await api('/segments')).segments.filter(({ customers }) => customers).length, 'segments on paper');
  });
}
