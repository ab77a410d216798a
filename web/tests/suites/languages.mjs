// English and German.
import { same, settled, that } from '../browser.mjs';
import { visits } from '../visit.mjs';

export default async function (context) {
  const { at } = await visits(context, 'sample');

  await at('German is a choice', '', async (page) => {
    await page.getByRole('button', { name: 'Help and settings' }).click();
    await page.getByLabel('Language').selectOption('de');
    await page.getByText('Überblick').first().waitFor();
    same(await page.evaluate(() => document.documentElement.lang), 'de', 'lang');
    await page.reload();
    await settled(page);
    that(await page.getByText('Segmentübersicht').first().isVisible(), 'it is remembered');
    same(new URL(page.url()).search, '', 'not in the link');
  });

  await at('a German browser speaks German', '', async (page) => that(await page.getByText('Segmentübersicht').first().isVisible(), 'title'), { locale: 'de-DE' });
}
