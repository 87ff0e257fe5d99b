import { defineConfig } from 'playwright/test'

const jsonFile = process.env['SYMBI_E2E_JSON']

/** One real Electron at a time: windows share the display's focus, and figures are taken on the way. */
export default defineConfig({
  testDir: '.',
  outputDir: '../test-results',
  tsconfig: '../tsconfig.e2e.json',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ...(jsonFile ? [['json', { outputFile: jsonFile }] as const] : [])],
})
