import { readFile } from 'node:fs/promises'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import { upload, uploadGzipped } from './upload.ts'
import { buildViewer, eventually, launchChromium, openViewer } from './viewer-page.ts'
import type { OpenPage } from './viewer-page.ts'
import { sampleRows } from './viewer-rows.ts'

let browser: Browser
let viewer: Awaited<ReturnType<typeof buildViewer>>

beforeAll(async () => {
  viewer = await buildViewer()
  browser = await launchChromium()
}, 120_000)

afterAll(async () => {
  await browser?.close()
  await viewer?.[Symbol.asyncDispose]()
})

const open = (options: Parameters<typeof openViewer>[2] = {}): Promise<OpenPage> =>
  openViewer(browser, viewer.directory, options)
const row = (message: string, members: object = {}): object => ({
  Level: 'INFO',
  Message: message,
  ...members,
})
const count = (page: Page, text: string): Promise<void> =>
  page.locator('.log-count', { hasText: new RegExp(`^${text}$`) }).waitFor()
const shownRows = (page: Page): Locator => page.locator('.grid-body .grid-row')
const chip = (page: Page, level: string): Locator =>
  page.getByRole('group', { name: 'Levels' }).getByRole('button', { name: level })
const readClipboard = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()')

describe('the list', { timeout: 120_000 }, () => {
  test('shows rows as they arrive, the newest last, and says what to do before the first', async () => {
    const { page, emulator, complaints } = await open()
    await page.getByText('Waiting for the first row').waitFor()
    await page.getByText(`export AZURE_DCE_ENDPOINT=${emulator.url}`).waitFor()
    await upload(emulator, [row('first'), row('second')])
    await count(page, '2 rows')
    await upload(emulator, [row('third')])
    await count(page, '3 rows')
    expect(await shownRows(page).locator('.cell:last-child').allInnerTexts()).toEqual([
      'first',
      'second',
      'third',
    ])
    expect(complaints).toEqual([])
  })

  test('holds rows back while it is paused, and shows them after', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('before')])
    await count(page, '1 row')
    await page.keyboard.press('Space')
    await page.getByText('Paused').first().waitFor()
    await upload(emulator, [row('meanwhile'), row('meanwhile too')])
    const resume = page.getByRole('button', { name: 'Resume (2 new)' })
    await resume.waitFor()
    await count(page, '1 row')
    await resume.click()
    await count(page, '3 rows')
  })

  test('stays where the user scrolled to, and follows the newest again when told to', async () => {
    const { page, emulator } = await open()
    await upload(emulator, sampleRows(200))
    await count(page, '200 rows')
    const list = page.getByRole('grid', { name: 'Logs' })
    await list.hover()
    await page.mouse.wheel(0, -2_000)
    const follow = page.getByRole('button', { name: 'Follow the newest' })
    await follow.waitFor()
    await eventually(() => isStill(page)).toBe(true)
    const before = await firstInView(page)
    await upload(emulator, [row('new')])
    await count(page, '201 rows')
    expect(await firstInView(page)).toBe(before)
    await follow.click()
    await shownRows(page).getByText('new', { exact: true }).waitFor()
    await upload(emulator, [row('newer')])
    await shownRows(page).getByText('newer', { exact: true }).waitFor()
    expect(await follow.count()).toBe(0)
  })

  test('shows another table, with that table’s columns', async () => {
    const schema = ['One', 'Two'].map((name) => ({
      table: `${name}_CL`,
      stream: `Custom-${name}_CL`,
      columns: [
        { name: 'TimeGenerated', type: 'datetime' },
        { name: `${name}Text`, type: 'string' },
        { name: 'Big', type: 'long' },
      ],
    }))
    const { page, emulator } = await open({ emulator: { schema } })
    const path = (stream: string): string =>
      `/dataCollectionRules/${emulator.ruleId}/streams/${stream}?api-version=2023-01-01`
    await upload(emulator, [{ OneText: 'in one' }])
    await upload(emulator, '[{ "TwoText": "in two", "Big": 9007199254740993 }]', {
      path: path('Custom-Two_CL'),
    })
    await shownRows(page).getByText('in one').waitFor()
    await page.getByRole('combobox', { name: 'Table' }).selectOption('Two_CL')
    await shownRows(page).getByText('in two').click()
    await page.getByRole('complementary', { name: 'Row details' }).getByText('9007199254740993').waitFor()
    expect(await shownRows(page).count()).toBe(1)
  })

  test('finds its way back when the emulator was away', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('before')])
    await count(page, '1 row')
    const { port } = new URL(emulator.url)
    await emulator.close()
    await page.getByText('Reconnecting').waitFor()
    const next = await startEmulator({ https: false, port: Number(port), viewerDirectory: viewer.directory })
    onTestFinished(() => next.close())
    await page.locator('.connection-live').waitFor()
    await upload(next, [row('after')])
    await shownRows(page).getByText('after').waitFor()
    await count(page, '1 row')
  })

  test('has 50,000 rows and only those in view in the document', async () => {
    const { page, emulator, complaints } = await open()
    const all = sampleRows(50_500, { stepMs: 3 })
    for (let from = 0; from < all.length; from += 2_500) {
      await uploadGzipped(emulator, JSON.stringify(all.slice(from, from + 2_500)))
    }
    // The oldest go in sweeps of a twentieth: 50,500 are not yet too many.
    await count(page, '50,500 rows')
    const list = page.getByRole('grid', { name: 'Logs' })
    expect(await list.getAttribute('aria-rowcount')).toBe('50501')
    for (const share of [0, 0.3, 0.7, 1]) {
      await page.evaluate(
        `(() => { const grid = document.querySelector('.grid'); grid.scrollTop = ${share} * grid.scrollHeight })()`,
      )
      await eventually(() => rowsCoverTheView(page)).toBe(true)
      expect(await shownRows(page).count()).toBeLessThan(80)
    }
    await page.getByRole('searchbox').fill('payment failed')
    await count(page, '1,232 of 50,500 rows')
    expect(complaints).toEqual([])
  })

  test('says how many rows the emulator let go to stay within its retention', async () => {
    const { page, emulator } = await open({ emulator: { retention: { maxRows: 2 } } })
    await upload(emulator, [row('a'), row('b')])
    await count(page, '2 rows')
    await upload(emulator, [row('c')])
    await count(page, '3 rows; the retention let 1 older row go')
    expect(emulator.evictedRows()).toBe(1)
    emulator.clear()
    await upload(emulator, [row('d')])
    await count(page, '1 row')
  })

  test('lets the oldest rows go beyond its capacity, and says that there are more', async () => {
    const { page, emulator } = await open()
    const all = sampleRows(53_000, { stepMs: 3 })
    for (let from = 0; from < all.length; from += 2_500) {
      await uploadGzipped(emulator, JSON.stringify(all.slice(from, from + 2_500)))
    }
    await page.locator('.log-count', { hasText: /^5\d,\d{3} rows, the newest of 53,000$/ }).waitFor()
  })
})

describe('filters', { timeout: 120_000 }, () => {
  test('by level keep the counts of the others', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('a'), row('b', { Level: 'ERROR' }), row('c', { Level: 'WARN' })])
    await chip(page, 'ERROR 1').click()
    await count(page, '1 of 3 rows')
    expect(await chip(page, 'ERROR 1').getAttribute('aria-pressed')).toBe('true')
    await chip(page, 'WARN 1').click()
    await count(page, '2 of 3 rows')
    await chip(page, 'ERROR 1').click()
    await chip(page, 'WARN 1').click()
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
    await chip(page, 'INFO 2').click()
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
    await chip(page, 'ERROR 1').click()
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

/** The time of the first row below the grid's head. */
function firstInView(page: Page): Promise<string | undefined> {
  return page.evaluate(`(() => {
    const { top } = document.querySelector('.grid').getBoundingClientRect()
    const rows = [...document.querySelectorAll('.grid-body .grid-row')]
    return rows.find((row) => row.getBoundingClientRect().bottom > top + 31)?.querySelector('time')?.textContent
  })()`)
}

function rowsCoverTheView(page: Page): Promise<boolean> {
  return page.evaluate(`(() => {
    const { top, bottom } = document.querySelector('.grid').getBoundingClientRect()
    const boxes = [...document.querySelectorAll('.grid-body .grid-row')].map((row) => row.getBoundingClientRect())
    return boxes.some((box) => box.top <= top + 31) && boxes.some((box) => box.bottom >= bottom - 1)
  })()`)
}

/** Whether the list has come to rest: the wheel scrolls on for some frames. */
function isStill(page: Page): Promise<boolean> {
  return page.evaluate(`new Promise((resolve) => {
    const grid = document.querySelector('.grid')
    const before = grid.scrollTop
    setTimeout(() => resolve(grid.scrollTop === before), 200)
  })`)
}
