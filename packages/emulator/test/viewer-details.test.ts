import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'

import { upload } from './upload.ts'
import { count, eventually, levelChip, readClipboard, shownRows, useViewer } from './viewer-page.ts'
import { row, sampleRows } from './viewer-rows.ts'

const open = useViewer()

describe('a row', { timeout: 120_000 }, () => {
  test('opens with j and k as a tree, with the stack of its error', async () => {
    const { page, emulator } = await open()
    await upload(emulator, sampleRows(60))
    await count(page, '60 rows')
    const details = page.getByRole('complementary', { name: 'Row details' })
    await page.getByRole('searchbox').fill('payment failed')
    await page.keyboard.press('Escape')
    await page.keyboard.press('j')
    await details.getByText('payment failed, order kept').waitFor()
    await details.getByText('[cause]: Error: connect ETIMEDOUT').waitFor()
    const frame = details.getByRole('link', { name: 'Gateway.charge' })
    expect(await frame.getAttribute('href')).toBe('vscode://file/srv/shop/src/payment/gateway.ts:88:13')
    expect(await details.getByRole('link', { name: 'node_modules' }).count()).toBe(0)
    await details.getByText('orderId').waitFor()
    const selected = page.locator('.grid-row-selected')
    const last = await selected.getAttribute('aria-rowindex')
    await page.keyboard.press('k')
    await eventually(() => selected.getAttribute('aria-rowindex')).not.toBe(last)
    expect(await page.getByRole('grid').getAttribute('aria-activedescendant')).toBe(
      await selected.getAttribute('id'),
    )
    await page.keyboard.press('Escape')
    await details.waitFor({ state: 'detached' })
  })

  test('is copied as JSON and as KQL', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('m', { RecordId: 'r-1', Properties: { a: [1, { b: null }] } })])
    await shownRows(page).first().click()
    await page.getByRole('button', { name: 'Copy JSON' }).click()
    await page.getByText('JSON copied').waitFor()
    expect(JSON.parse(await readClipboard(page))).toEqual(emulator.rows()[0])
    await page.getByRole('button', { name: 'Copy KQL of this row' }).click()
    await page.getByText('KQL copied').waitFor()
    expect(await readClipboard(page)).toContain('| where RecordId == "r-1"')
  })

  test('with hostile content is shown as text and runs nothing', async () => {
    const { page, emulator, complaints } = await open()
    const html = '<img src=x onerror="window.pwned=1"></script><script>window.pwned=1</script>'
    await upload(emulator, [
      {
        Level: html,
        Message: `${html} \u202e\u0007 javascript:alert(1)`,
        Logger: '{{constructor.constructor("window.pwned=1")()}}',
        HostName: html,
        ErrorType: html,
        ErrorMessage: html,
        ErrorStack: `${html}\n    at ${html} (/x/${html}.ts:1:2)\n    at javascript:alert(1) (javascript:alert(1):1:2)`,
        Properties: {
          [html]: html,
          __proto__x: 1,
          constructor: { prototype: html },
          style: { background: 'red' },
        },
      },
    ])
    await shownRows(page).first().click()
    const details = page.getByRole('complementary', { name: 'Row details' })
    await details.getByText('javascript:alert(1)').first().waitFor()
    expect(await details.locator('.details-message').textContent()).toBe(emulator.rows()[0]?.['Message'])
    await details.getByRole('button', { name: 'Only ErrorType' }).click()
    await count(page, '1 row')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByText('Properties.__proto__x').waitFor()
    expect(await page.locator('#app img:not([src="/viewer/icon.svg"]), #app script').count()).toBe(0)
    for (const link of await page.locator('#app a').all()) {
      expect(await link.getAttribute('href')).toMatch(/^(?:#\w+|vscode:\/\/file\/|\/viewer\/api\/export)/)
    }
    expect(await page.evaluate('window.pwned')).toBeUndefined()
    expect(complaints).toEqual([])
  })

  test('could not run anything even if markup got into the page', async () => {
    const { page, complaints } = await open()
    await page.evaluate(
      `document.body.insertAdjacentHTML('beforeend', '<img src="/none" onerror="window.pwned=1">')`,
    )
    await eventually(() => complaints.some((text) => /Content Security Policy/.test(text))).toBe(true)
    expect(await page.evaluate('window.pwned')).toBeUndefined()
  })
})

describe('columns', { timeout: 120_000 }, () => {
  test('are chosen for the list and the facets, and remembered', async () => {
    const { page, emulator } = await open()
    await upload(emulator, sampleRows(60))
    await count(page, '60 rows')
    await page.getByRole('button', { name: 'Columns' }).click()
    await page.getByLabel('Show Properties.orderId in the list').check()
    await page.getByLabel('Show Properties.retried as a facet').check()
    await page.getByLabel('Show Logger in the list').uncheck()
    await page.keyboard.press('Escape')
    const check = async (): Promise<void> => {
      const facets = page.getByRole('complementary', { name: 'Facets' })
      await facets.getByRole('button', { name: 'false 48', exact: true }).waitFor()
      await page.getByRole('columnheader', { name: 'Properties.orderId' }).waitFor()
      expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
        'Time',
        'Level',
        'Message',
        'Properties.orderId',
      ])
    }
    await check()
    await page.reload()
    await check()
  })

  test('are exported with the rows of the list, or with the whole table', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('a'), row('b', { Level: 'ERROR' })])
    await levelChip(page, 'ERROR 1').click()
    await count(page, '1 of 2 rows')
    const exportLines = async (name: RegExp): Promise<readonly unknown[]> => {
      await page.getByRole('button', { name: 'Export' }).click()
      const started = page.waitForEvent('download')
      await page.getByRole('group', { name: 'Export' }).getByText(name).click()
      const text = await readFile(await (await started).path(), 'utf8')
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)
    }
    expect(await exportLines(/^Rows in the list/)).toEqual(emulator.rows().slice(1))
    expect(await exportLines(/^Whole table/)).toEqual(emulator.rows())
  })
})
