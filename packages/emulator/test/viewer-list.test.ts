import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'

import { startEmulator } from '../src/index.ts'
import { upload, uploadGzipped } from './upload.ts'
import { count, eventually, shownRows, useViewer } from './viewer-page.ts'
import { row, sampleRows } from './viewer-rows.ts'

const open = useViewer()

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

  test('draws a new row with the number of an old one anew, also when both come within a frame', async () => {
    const { page, emulator } = await open()
    await upload(emulator, [row('before')])
    await shownRows(page).getByText('before').waitFor()
    await page.evaluate(`(() => {
      const frames = []
      const request = window.requestAnimationFrame
      window.requestAnimationFrame = (callback) => frames.push(callback)
      window.endFrame = () => {
        window.requestAnimationFrame = request
        for (const callback of frames) request(callback)
      }
    })()`)
    emulator.clear()
    await upload(emulator, [row('after')])
    // Faults are told last: when they are there, so is the row.
    emulator.faults.set('503')
    await page.getByRole('link', { name: 'Faults 1 set' }).waitFor()
    await page.evaluate('window.endFrame()')
    await shownRows(page).getByText('after').waitFor()
    await count(page, '1 row')
  })

  test('finds its way back when the emulator was away', async () => {
    const { page, emulator, viewerDirectory } = await open()
    await upload(emulator, [row('before')])
    await count(page, '1 row')
    const { port } = new URL(emulator.url)
    await emulator.close()
    await page.getByText('Reconnecting').waitFor()
    const next = await startEmulator({ https: false, port: Number(port), viewerDirectory })
    onTestFinished(() => next.close())
    await page.locator('.connection-live').waitFor()
    await upload(next, [row('after')])
    await shownRows(page).getByText('after').waitFor()
    await count(page, '1 row')
  })

  test('has 50,000 rows, only those in view in the document, and lets the oldest go beyond its capacity', async () => {
    const { page, emulator, complaints } = await open()
    const all = sampleRows(53_000, { stepMs: 3 })
    const send = (from: number, to: number): Promise<Response> =>
      uploadGzipped(emulator, JSON.stringify(all.slice(from, to)))
    for (let from = 0; from < 50_500; from += 2_525) await send(from, from + 2_525)
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
    await page.getByRole('searchbox').fill('')
    await count(page, '50,500 rows')
    await send(50_500, 53_000)
    await count(page, '5\\d,\\d{3} rows, the newest of 53,000')
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
