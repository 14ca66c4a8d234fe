import { describe, expect, test } from 'vitest'

import { upload } from './upload.ts'
import { count, eventually, levelChip, readClipboard, shownRows, useViewer } from './viewer-page.ts'
import { row, sampleRows } from './viewer-rows.ts'

const open = useViewer()

describe('filters', { timeout: 120_000 }, () => {
  test('by level keep the counts of the others', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('a'), row('b', { Level: 'ERROR' }), row('c', { Level: 'WARN' })])
    await levelChip(page, 'ERROR 1').click()
    await count(page, '1 of 3 rows')
    expect(await levelChip(page, 'ERROR 1').getAttribute('aria-pressed')).toBe('true')
    await levelChip(page, 'WARN 1').click()
    await count(page, '2 of 3 rows')
    await levelChip(page, 'ERROR 1').click()
    await levelChip(page, 'WARN 1').click()
    await count(page, '3 rows')
  })

  test('by text look into every column', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('a'), row('b', { Properties: { deep: { er: 'Needle' } } })])
    await page.keyboard.press('/')
    await page.keyboard.type('needle')
    await count(page, '1 of 2 rows')
    await page.getByRole('searchbox').fill('nowhere')
    await page.getByText('No row passes the filters.').waitFor()
    await page.getByRole('grid').getByRole('button', { name: 'Reset all filters' }).click()
    await count(page, '2 rows')
  })

  test('by a facet include and exclude, and a pill turns one into the other', async () => {
    const { page, emulator } = await open()
    await upload(
      emulator,
      ['x', 'x', 'y', 'z'].map((Logger) => row('m', { Logger })),
    )
    const facets = page.getByRole('complementary', { name: 'Facets' })
    await facets.getByRole('button', { name: 'x 2', exact: true }).click()
    await count(page, '2 of 4 rows')
    const pills = page.getByRole('group', { name: 'Filters' })
    await pills.getByRole('button', { name: 'Logger = x', exact: true }).click()
    await pills.getByRole('button', { name: 'Logger ≠ x', exact: true }).waitFor()
    await count(page, '2 of 4 rows')
    await facets.getByRole('button', { name: 'Not Logger y' }).click()
    await count(page, '1 of 4 rows')
    await pills.getByRole('button', { name: 'Remove the filter Logger ≠ x' }).click()
    await count(page, '3 of 4 rows')
    await pills.getByRole('button', { name: 'Reset all filters' }).click()
    await count(page, '4 rows')
  })

  test('by a value in a cell and by one deep in the details', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [
      row('a', { Logger: 'x', Properties: { order: { items: ['book', 'lamp'] } } }),
      row('b', { Logger: 'y', Properties: { order: { items: ['book'] } } }),
    ])
    await shownRows(page).first().getByText('x', { exact: true }).hover()
    await shownRows(page).first().getByRole('button', { name: 'Not Logger x' }).click()
    await count(page, '1 of 2 rows')
    await page.getByRole('button', { name: 'Reset all filters' }).click()
    await count(page, '2 rows')
    await shownRows(page).first().click()
    const details = page.getByRole('complementary', { name: 'Row details' })
    await details.getByText('items').click()
    await details.getByRole('button', { name: 'Only Properties.order.items[1] lamp' }).click()
    await count(page, '1 of 2 rows')
  })

  test('by time: a drag over the histogram, or the keys', async () => {
    const { page, emulator } = await open()
    const endMs = Math.floor(Date.now() / 10_000) * 10_000
    await upload(emulator, sampleRows(100, { endMs, stepMs: 1_000 }))
    await count(page, '100 rows')
    const chart = page.getByRole('slider')
    await chart.waitFor()
    const box = await chart.boundingBox()
    if (box === null) throw new Error('the histogram is not shown')
    await page.mouse.move(box.x + box.width * 0.26, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.74, box.y + 20, { steps: 5 })
    await page.mouse.up()
    await page.locator('.log-count', { hasText: /^(?:4|5)\d of 100 rows$/ }).waitFor()
    await page.getByRole('button', { name: 'All times' }).click()
    await count(page, '100 rows')
    await chart.focus()
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Shift+ArrowLeft')
    await eventually(() => chart.getAttribute('aria-valuetext')).toMatch(/ – .*: \d+ rows?$/)
    const valueText = (await chart.getAttribute('aria-valuetext')) ?? ''
    await page.keyboard.press('Enter')
    await count(page, `${/: (?<rows>\d+) rows?$/.exec(valueText)?.groups?.['rows'] ?? ''} of 100 rows`)
  })

  test('are copied as KQL that gives the same rows in the query box', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('a "quoted" \\ text'), row('b "quoted"', { Level: 'WARN' }), row('c')])
    await levelChip(page, 'INFO 2').click()
    await page.getByRole('searchbox').fill('"QUOTED" \\')
    await count(page, '1 of 3 rows')
    await page.getByRole('button', { name: 'Copy KQL' }).click()
    await page.getByText('KQL copied').waitFor()
    const kql = await readClipboard(page)
    expect(kql).toContain('| where Level in ("INFO")')
    await page.getByRole('link', { name: 'Query' }).click()
    await page.getByRole('textbox', { name: 'KQL' }).fill(kql)
    await page.keyboard.press('Control+Enter')
    await page.getByText(/^1 row in/).waitFor()
    await page.getByRole('grid', { name: 'Query result' }).getByText('a "quoted" \\ text').waitFor()
  })
})
