import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import { describe, expect, test } from 'vitest'

import type { Emulator } from '../src/index.ts'
import { upload, uploadGzipped } from './upload.ts'
import { eventually, shownRows, useViewer } from './viewer-page.ts'
import { sampleRows } from './viewer-rows.ts'

const open = useViewer()

/** One upload of each kind that the verdicts tell apart. */
async function sendEverything(emulator: Emulator): Promise<void> {
  await uploadGzipped(emulator, JSON.stringify(sampleRows(120)))
  await upload(emulator, [
    {
      Message: 'm'.repeat(70_000),
      cartItems: 3,
      ProcessId: 'many',
      SeverityNumber: '9',
      TimeGenerated: '2020-01-01T00:00:00Z',
    },
    7,
  ])
  await upload(emulator, '{"not":"an array"}')
  await upload(emulator, [{ Message: 'y' }], { headers: { authorization: undefined } })
}

describe('the verdicts', { timeout: 120_000 }, () => {
  test('tell for each request what was sent and what Azure would do', async () => {
    const { page, emulator, complaints } = await open({ hash: '#verdicts' })
    await page.getByText('No requests yet').waitFor()
    await sendEverything(emulator)
    await eventually(() => shownRows(page).count()).toBe(4)
    const [refused, silent, lossy, fine] = await shownRows(page).all()
    expect(await fine?.innerText()).toMatch(
      /204\s+Custom-AppLogs_CL\s+120\s+\d\.\d KB\s+\d+\.\d KB\s+1\d\.\d : 1\s+Everything stored/,
    )
    expect(await lossy?.innerText()).toMatch(
      /204[^]*1 of 2[^]*Dropped: cartItems[^]*Nulled: ProcessId[^]*Truncated: Message[^]*Re-stamped: more than 2 days old[^]*Discarded[^]*Converted: SeverityNumber/,
    )
    expect(await silent?.innerText()).toMatch(/204[^]*Nothing stored/)
    expect(await refused?.innerText()).toMatch(/401[^]*Nothing stored/)
    await page.getByText('Lose something in silence').waitFor()
    expect(await page.locator('.total-bad .total-value').innerText()).toBe('2')
    expect(complaints).toEqual([])
  })

  test('are explained one by one, in the sentences of the emulator', async () => {
    const { page, emulator } = await open({ hash: '#verdicts' })
    await sendEverything(emulator)
    await page.getByRole('button', { name: 'With losses 2' }).click()
    await eventually(() => shownRows(page).count()).toBe(2)
    await page.keyboard.press('j')
    const details = page.getByRole('complementary', { name: 'Verdict details' })
    await details.getByRole('heading', { name: 'Nothing stored' }).waitFor()
    await page.keyboard.press('j')
    for (const name of ['Dropped', 'Nulled', 'Truncated', 'Re-stamped', 'Discarded', 'Converted']) {
      await details.getByRole('heading', { name }).waitFor()
    }
    const last = emulator.verdicts()[1]
    await details.getByText(last?.requestId ?? 'none').waitFor()
    await page.keyboard.press('Escape')
    await details.waitFor({ state: 'detached' })
  })

  test('say what there was in the place of a whole answer', async () => {
    const { page, emulator } = await open({ hash: '#verdicts' })
    emulator.faults.set('half:times=1')
    await expect(upload(emulator, [{ Message: 'm' }])).rejects.toThrow()
    emulator.answerNext({ reset: 'before' }, { reset: 'after' })
    for (let uploads = 0; uploads < 2; uploads += 1) {
      await expect(upload(emulator, [{ Message: 'm' }])).rejects.toThrow()
    }
    emulator.faults.set('hang:times=1')
    const leaving = new AbortController()
    const hanging = expect(upload(emulator, [{ Message: 'm' }], { signal: leaving.signal })).rejects.toThrow()
    await eventually(() => shownRows(page).count()).toBe(4)
    leaving.abort()
    await hanging
    expect(await shownRows(page).locator('.badge').allInnerTexts()).toEqual([
      'hung',
      'reset',
      'reset',
      'half',
    ])
    const details = page.getByRole('complementary', { name: 'Verdict details' })
    for (const text of [
      'There was no answer',
      'The connection was reset after storing',
      'The connection was reset, and nothing was stored',
      'The connection ended in the middle of the answer',
    ]) {
      await page.keyboard.press('j')
      await details.getByText(text, { exact: true }).waitFor()
    }
  })

  test('have a throughput that counts rows', async () => {
    const { page, emulator } = await open()
    // The average is over ten seconds: on the page they do not pass.
    await page.clock.setFixedTime(Date.now())
    await uploadGzipped(emulator, JSON.stringify(sampleRows(120)))
    await page.locator('.throughput', { hasText: '12 rows/s' }).waitFor()
  })

  test('and rows go when the emulator is cleared from the page', async () => {
    const { page, emulator } = await open()
    await sendEverything(emulator)
    await page.locator('.log-count', { hasText: '121 rows' }).waitFor()
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByRole('button', { name: 'Forget everything' }).click()
    await page.getByText('Waiting for the first row').waitFor()
    expect([emulator.rows().length, emulator.verdicts().length]).toEqual([0, 0])
    await page.getByRole('link', { name: 'Verdicts' }).click()
    await page.getByText('No requests yet').waitFor()
  })
})

describe('the query box', { timeout: 120_000 }, () => {
  test('runs KQL and shows its result, or where it is wrong', async () => {
    const { page, emulator } = await open({ hash: '#query' })
    await upload(emulator, sampleRows(60))
    await page.getByRole('button', { name: 'Rows by level' }).click()
    await page.getByRole('button', { name: 'Run' }).click()
    await page.getByText(/^4 rows in/).waitFor()
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual(['Level', 'count_'])
    expect(await shownRows(page).first().innerText()).toMatch(/INFO\s+\d+/)
    const box = page.getByRole('textbox', { name: 'KQL' })
    for (const name of ['Newest', 'Rows by minute', 'Distinct messages']) {
      await page.getByRole('button', { name }).click()
      await box.press('Control+Enter')
      await page.getByText(/^\d+ rows? in/).waitFor()
    }
    await box.fill('AppLogs_CL\n| where Levle == "INFO"')
    await box.press('Control+Enter')
    expect(await page.getByRole('alert').innerText()).toMatch(/^2:9: .*Levle/)
  })
})

describe('the faults', { timeout: 120_000 }, () => {
  test('are switched on and off, act, and show whom they hit', async () => {
    const { page, emulator } = await open({ hash: '#faults' })
    await page.getByText('No faults').waitFor()
    const toggle = page.getByRole('switch', { name: 'Role not propagated' })
    await toggle.click()
    await eventually(() => toggle.getAttribute('aria-checked')).toBe('true')
    expect((await upload(emulator, [{}])).status).toBe(403)
    await page.getByText(/^1 request hit, until/).waitFor()
    await toggle.press('Space')
    await page.getByText('No faults').waitFor()
    expect((await upload(emulator, [{}])).status).toBe(204)
  })

  test('every switch sets what it says', async () => {
    const { page, emulator } = await open({ hash: '#faults' })
    const switches = await page.getByRole('switch').all()
    for (const toggle of switches) {
      const before = emulator.faults.active.length
      await toggle.click()
      await eventually(() => emulator.faults.active.length).toBe(before + 1)
    }
    expect(switches.length).toBeGreaterThanOrEqual(11)
    await page.getByRole('button', { name: 'Switch all off' }).click()
    await eventually(() => emulator.faults.active.length).toBe(0)
  })

  test('are written by hand, and refused with the reason', async () => {
    const { page, emulator } = await open({ hash: '#faults' })
    const box = page.getByRole('textbox', { name: 'A fault of your own' })
    await box.fill('503:50%:times=3')
    await box.press('Enter')
    await page.getByRole('listitem').getByText('503:50%:times=3').waitFor()
    await box.fill('rain:10%')
    await box.press('Enter')
    expect(await page.getByRole('alert').innerText()).toMatch(/rain/)
    expect(emulator.faults.active).toHaveLength(1)
    await page.getByRole('button', { name: 'Remove 503:50%:times=3' }).click()
    await page.getByText('No faults').waitFor()
  })

  test('that the program sets show on the page', async () => {
    const { page, emulator } = await open({ hash: '#faults' })
    emulator.faults.set('429:20%')
    await page.getByText('0 requests hit').waitFor()
    expect(await page.getByRole('switch', { name: 'Throttled' }).getAttribute('aria-checked')).toBe('true')
  })
})

describe('the page', { timeout: 180_000 }, () => {
  test('goes from view to view by key, by link and with the back button', async () => {
    const { page } = await open()
    for (const [key, title] of [
      ['2', 'Verdicts'],
      ['3', 'Query'],
      ['4', 'Faults'],
      ['1', 'Logs'],
    ] as const) {
      await page.keyboard.press(key)
      await page
        .getByRole('link', { name: title, exact: true })
        .and(page.locator('[aria-current=page]'))
        .waitFor()
      // The query box takes the keys that are typed into it.
      if (title === 'Query') await page.getByRole('textbox').blur()
    }
    await page.goBack()
    await page
      .getByRole('link', { name: 'Faults', exact: true })
      .and(page.locator('[aria-current=page]'))
      .waitFor()
  })

  test('shows its keys on ?, and goes back to where the focus was', async () => {
    const { page } = await open()
    const pause = page.getByRole('button', { name: 'Pause' })
    await pause.focus()
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keyboard' })
    await dialog.getByText('Next, previous row').waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await eventually(() => page.evaluate('document.activeElement.textContent')).toBe('Pause')
  })

  test('is reached everywhere by Tab alone', async () => {
    const { page, emulator } = await open()
    await upload(emulator, sampleRows(20))
    await page.locator('.log-count', { hasText: '20 rows' }).waitFor()
    const names = new Set<string>()
    for (let presses = 0; presses < 70; presses += 1) {
      await page.keyboard.press('Tab')
      names.add(
        await page.evaluate(
          `document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent.trim()`,
        ),
      )
    }
    for (const name of [
      'Logs',
      'Pause',
      'Columns',
      'Copy KQL',
      'Export',
      'Clear',
      'Search in all columns',
      'Time: arrow keys move, Shift selects, Enter narrows, Escape lets go',
      'Facets',
    ]) {
      expect(names).toContain(name)
    }
  })

  test('is light or dark as the system is, until the user says otherwise', async () => {
    const { page } = await open({ context: { colorScheme: 'dark' } })
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const dark = await ground()
    await page.emulateMedia({ colorScheme: 'light' })
    const light = await ground()
    expect(light).not.toBe(dark)
    await page.getByRole('button', { name: 'Theme: as the system' }).click()
    await page.getByRole('button', { name: 'Theme: light' }).click()
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
    expect(await ground()).toBe(dark)
    await page.reload()
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
    expect(await ground()).toBe(dark)
  })

  test.each(['light', 'dark'] as const)(
    'has no violation that axe finds, in any view, %s',
    async (colorScheme) => {
      const { page, emulator, complaints } = await open({ context: { colorScheme } })
      await page.evaluate(axe.source)
      // Between the themes only colours differ.
      const rules = colorScheme === 'light' ? '' : `runOnly: ['color-contrast'],`
      // What passes is thousands of elements: axe need not describe them, nor the browser send them.
      const run = `axe.run({ ${rules} resultTypes: ['violations'] }).then(({ violations }) => violations)`
      const check = async (where: string): Promise<void> => {
        // Colours in transition are not what is read.
        await page.evaluate('Promise.all(document.getAnimations().map((animation) => animation.finished))')
        const violations = await page.evaluate<AxeResults['violations']>(run)
        const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`))
        expect(found, where).toEqual([])
      }
      await page.getByText('Waiting for the first row').waitFor()
      await check('empty')
      await sendEverything(emulator)
      await page.locator('.log-count', { hasText: '121 rows' }).waitFor()
      await check('logs')
      await page.getByRole('button', { name: /^ERROR/ }).click()
      await page.keyboard.press('j')
      await page.getByRole('complementary', { name: 'Row details' }).getByText('Gateway.charge').waitFor()
      await page
        .getByRole('complementary', { name: 'Row details' })
        .getByRole('button', { name: 'Not HostName' })
        .click()
      await check('details and filters')
      for (const name of ['Columns', 'Export', 'Clear']) {
        await page.getByRole('button', { name, exact: true }).click()
        await check(name)
        await page.keyboard.press('Escape')
      }
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByRole('button', { name: 'Resume' }).waitFor()
      await check('paused')
      await page.getByRole('searchbox').fill('nowhere')
      await page.getByText('No row passes the filters.').waitFor()
      await check('nothing found')
      await page.getByRole('link', { name: 'Verdicts' }).click()
      await shownRows(page).nth(2).click()
      await page.getByRole('complementary', { name: 'Verdict details' }).waitFor()
      await check('verdicts')
      await page.getByRole('link', { name: 'Query' }).click()
      await page.getByRole('button', { name: 'Newest' }).click()
      await page.getByRole('button', { name: 'Run' }).click()
      await page.getByText(/^\d+ rows in/).waitFor()
      await check('query')
      await page.getByRole('textbox', { name: 'KQL' }).fill('nonsense')
      await page.getByRole('button', { name: 'Run' }).click()
      await page.getByRole('alert').waitFor()
      await check('a wrong query')
      await page.getByRole('link', { name: 'Faults' }).click()
      await page.getByRole('switch', { name: 'Throttled' }).click()
      await page.getByText('0 requests hit').waitFor()
      await check('faults')
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      await check('help')
      expect(complaints.filter((text) => !/status of 400/.test(text))).toEqual([])
    },
  )
})
