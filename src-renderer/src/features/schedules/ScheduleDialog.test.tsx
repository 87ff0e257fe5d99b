// @vitest-environment happy-dom
import { QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { createQueryClient } from '@/lib/queries'
import { ScheduleDialog } from './ScheduleDialog'

const AGENT = { id: '00000000-0000-7000-8000-0000000000aa', name: 'Reporter', state: 'Ready', mode: 'ephemeral' }

const TIMES = {
  description: 'At 09:00, on Monday to Friday (UTC).',
  times: [{ atMs: 1, local: '2026-11-23 09:00:00', offset: '+00:00', note: 'The clock is put back.' }],
}

type Answer = (input: never) => unknown

const setUp = (answers: Record<string, Answer> = {}) => {
  const asked: { channel: string; input: unknown }[] = []
  const all: Record<string, Answer> = {
    'schedules.zones': () => ['UTC', 'Europe/Berlin', 'Europe/Dublin'],
    'agents.page': () => ({ items: [AGENT], matched: 1, total: 1, countByState: {} }),
    'agents.get': () => AGENT,
    'schedules.preview': () => TIMES,
    'schedules.create': ({ definition }: { definition: unknown }) => ({ id: 's', definition }),
    ...answers,
  }
  vi.stubGlobal('console_', {
    invoke: async (channel: string, input: never) => {
      asked.push({ channel, input })
      const value = all[channel]?.(input)
      return value !== null && typeof value === 'object' && 'code' in value
        ? { ok: false, error: value }
        : { ok: true, value }
    },
  })
  const onSaved = vi.fn()
  render(
    <QueryClientProvider client={createQueryClient()}>
      <ScheduleDialog schedule={null} onClose={() => undefined} onSaved={onSaved} />
    </QueryClientProvider>,
  )
  const sent = (channel: string) => asked.filter((call) => call.channel === channel).map((call) => call.input)
  return { sent, onSaved }
}

const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })

const chooseAgent = async () => {
  const box = screen.getByRole('combobox', { name: 'Agent' })
  act(() => box.focus())
  fireEvent.change(box, { target: { value: 'Rep' } })
  fireEvent.click(await screen.findByRole('option', { name: /Reporter/ }))
}

afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

it('shows the pattern in words and its next times while it is typed', async () => {
  const { sent } = setUp()
  const preview = screen.getByRole('region', { name: 'Preview' })
  expect(await within(preview).findByText(TIMES.description)).toBeTruthy()
  expect(within(preview).getByText('The clock is put back.')).toBeTruthy()
  type('Pattern', '*/5 * * * *')
  await waitFor(() => expect(sent('schedules.preview').at(-1)).toMatchObject({ when: { pattern: '*/5 * * * *' } }))
})

it('says what is wrong with a pattern and does not let it be saved', async () => {
  setUp({
    'schedules.preview': () => ({
      code: 'SCHED_003',
      message: 'Invalid value for minute: 61.',
      nextStep: 'Correct it.',
      retryable: false,
    }),
  })
  expect(await screen.findByText('Invalid value for minute: 61.')).toBeTruthy()
  expect((screen.getByRole('button', { name: 'Create schedule' }) as HTMLButtonElement).disabled).toBe(true)
})

it('asks for a name and an agent before it sends anything', async () => {
  const { sent } = setUp()
  fireEvent.click(screen.getByRole('button', { name: 'Create schedule' }))
  expect(await screen.findByText('Give it a name.')).toBeTruthy()
  expect(screen.getByText('Choose the agent that is run.')).toBeTruthy()
  expect(sent('schedules.create')).toEqual([])
})

it('sends what was typed', async () => {
  const { sent, onSaved } = setUp()
  type('Name', ' nightly ')
  await chooseAgent()
  type('Pattern', '0 2 * * *')
  type('Jitter', '1.5')
  type('Input', '{"a":1}')
  fireEvent.click(screen.getByRole('button', { name: 'Create schedule' }))
  await waitFor(() => expect(onSaved).toHaveBeenCalledOnce())
  expect(sent('schedules.create')).toMatchObject([
    {
      definition: {
        name: 'nightly',
        agentId: AGENT.id,
        when: { kind: 'cron', pattern: '0 2 * * *' },
        jitterMs: 1500,
        input: { a: 1 },
        priority: null,
      },
    },
  ])
})
