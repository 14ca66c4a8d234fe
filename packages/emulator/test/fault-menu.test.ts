import { expect, test } from 'vitest'

import { createFaultMenu } from '../src/fault-menu.ts'
import { createFaults } from '../src/faults.ts'

test('each digit switches its fault on and off again, and 0 all', () => {
  const faults = createFaults()
  const menu = createFaultMenu(faults)
  for (const digit of '123456789') {
    expect(menu.press(digit)).toMatch(new RegExp(`^ {2}${digit} ●`, 'm'))
    expect(faults.active).toHaveLength(1)
    expect(menu.press(digit)).toBe(menu.show())
    expect(menu.show()).not.toContain('●')
  }
  menu.press('1')
  menu.press('2')
  expect(faults.active).toHaveLength(2)
  menu.press('0')
  expect(faults.active).toEqual([])
})

test('a fault that was set elsewhere is shown and stays', () => {
  const faults = createFaults()
  faults.set('418:3%')
  const menu = createFaultMenu(faults)
  expect(menu.show()).toContain('    ● 418:3%\n')
  menu.press('1')
  expect(faults.active.map(({ text }) => text)).toEqual(['418:3%', '429:10%'])
})

test('switching one lets the others go on', () => {
  let now = 0
  const faults = createFaults({ now: () => now })
  const menu = createFaultMenu(faults)
  menu.press('9')
  faults.next()
  now = 20_000
  menu.press('1')
  menu.press('1')
  expect(faults.active).toEqual([
    expect.objectContaining({ text: '403:for=1m', hits: 1, endsAt: new Date(60_000).toISOString() }),
  ])
})

test('other keys are not for the menu', () => {
  const menu = createFaultMenu(createFaults())
  for (const key of ['q', 'f', ' ', '-', '\r']) expect(menu.press(key)).toBeUndefined()
})
