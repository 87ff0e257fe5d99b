import type { Locator, Page } from 'playwright'
import { expect } from 'playwright/test'

/** The list of agents, at any length: filter, order, choice of many, acts on them. */
export interface AgentList {
  readonly grid: Locator
  /** The line that counts the chosen agents and acts on them. */
  readonly bar: Locator
  row(name: string): Locator
  chip(state: string): Locator
  /** How many agents the list says it has. */
  count(): Promise<number>
  expectCount(count: number): Promise<void>
  filter(text: string): Promise<void>
  /** Put the focus on the list without choosing anything. */
  focus(): Promise<void>
  expectChosen(count: number): Promise<void>
  /** Do something with the chosen agents, up to the end of its question. */
  act(verb: 'Run' | 'Suspend' | 'Resume' | 'Stop'): Promise<void>
}

export const agentListOf = (page: Page): AgentList => {
  const grid = page.getByRole('grid', { name: 'Agents' })
  const bar = page.getByRole('region', { name: 'Chosen agents' })
  const count = async (): Promise<number> => Number(await grid.getAttribute('aria-rowcount')) - 1
  return {
    grid,
    bar,
    row: (name) => grid.getByRole('row').filter({ hasText: name }),
    chip: (state) => page.getByRole('group', { name: 'States' }).getByRole('button', { name: state }),
    count,
    expectCount: (wanted) => expect.poll(count).toBe(wanted),
    async filter(text) {
      await page.getByLabel('Filter agents', { exact: true }).fill(text)
    },
    focus: () => grid.focus(),
    async expectChosen(wanted) {
      if (wanted === 0) await expect(bar).toHaveCount(0)
      else await expect(bar.getByRole('status')).toHaveText(new RegExp(`^${wanted.toLocaleString('en-US')} `))
    },
    async act(verb) {
      await bar.getByRole('button', { name: new RegExp(`^${verb} `) }).click()
      const question = page.getByRole('dialog').or(page.getByRole('alertdialog'))
      await question.getByRole('button', { name: new RegExp(`^${verb} `) }).click()
    },
  }
}
