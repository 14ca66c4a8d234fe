import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'

import { startEmulator } from '../src/index.ts'
import type { Emulator, EmulatorOptions } from '../src/index.ts'

const CHROMIUM = '/usr/bin/chromium'
/** Generous: the machines that run this are busy. */
const PATIENCE_MS = 60_000

/** The page as its sources are now, in a directory of its own. */
export async function buildViewer(): Promise<{ readonly directory: string } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'azlogs-viewer-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    await build({
      configFile: fileURLToPath(new URL('../viewer/vite.config.ts', import.meta.url)),
      logLevel: 'error',
      build: { outDir: directory },
    })
  } catch (error) {
    await remove()
    throw error
  }
  return { directory, [Symbol.asyncDispose]: remove }
}

/** @throws {Error} when there is no Chromium: these tests are never skipped. */
async function launchChromium(): Promise<Browser> {
  if (!existsSync(CHROMIUM)) {
    throw new Error(
      `The viewer is tested in a real browser: install Chromium as ${CHROMIUM} (apt-get install chromium)`,
    )
  }
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Waits until what is read fulfils the expectation. */
export function eventually<T>(read: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout: PATIENCE_MS })
}

export interface OpenPage {
  readonly page: Page
  readonly emulator: Emulator
  /** What the browser complained about: refused by the policy, thrown, not found. */
  readonly complaints: readonly string[]
  /** Where the built page is, for another emulator. */
  readonly viewerDirectory: string
}

interface OpenOptions {
  readonly emulator?: EmulatorOptions
  readonly context?: BrowserContextOptions
  readonly hash?: string
}

/** Builds the page and starts a browser for the tests of a file. What it returns opens the page in a test. */
export function useViewer(): (options?: OpenOptions) => Promise<OpenPage> {
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
  return (options = {}) => openViewer(browser, viewer.directory, options)
}

/** The rows of the list, or of any other grid, that are in the document. */
export function shownRows(page: Page): Locator {
  return page.locator('.grid-body .grid-row')
}

/** Waits until the line below the list says exactly this. */
export function count(page: Page, text: string): Promise<void> {
  return page.locator('.log-count', { hasText: new RegExp(`^${text}$`) }).waitFor()
}

export function levelChip(page: Page, level: string): Locator {
  return page.getByRole('group', { name: 'Levels' }).getByRole('button', { name: level })
}

export function readClipboard(page: Page): Promise<string> {
  return page.evaluate('navigator.clipboard.readText()')
}

/** An emulator and its page in a fresh context, both closed when the test ends. */
async function openViewer(
  browser: Browser,
  viewerDirectory: string,
  options: OpenOptions,
): Promise<OpenPage> {
  const emulator = await startEmulator({ https: false, viewerDirectory, ...options.emulator })
  onTestFinished(() => emulator.close())
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
    ...options.context,
  })
  onTestFinished(() => context.close())
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  await page.goto(emulator.viewerUrl + (options.hash ?? ''))
  await page.locator('.connection-live').waitFor()
  return { page, emulator, complaints, viewerDirectory }
}
