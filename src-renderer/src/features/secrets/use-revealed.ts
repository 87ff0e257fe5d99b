import { useCallback } from 'react'
import { call } from '@/lib/client'
import { type Revealed, useRevealed as useOpened } from '@/lib/use-revealed'

/** How long a value stays on the screen. */
export const REVEAL_MS = 30_000

/** A secret's value while it is shown: see lib/use-revealed. */
export const useRevealed = (name: string): Revealed<string, []> =>
  useOpened(
    useCallback(async () => (await call('secrets.reveal', { name })).value, [name]),
    REVEAL_MS,
  )
