import type { CallOutput } from '@contract'
import { useCallback } from 'react'
import { call } from '@/lib/client'
import { type Revealed, useRevealed } from '@/lib/use-revealed'

/** How long a payload stays on the screen. */
export const PAYLOAD_MS = 60_000

export type Payload = CallOutput<'messages.reveal'>

/** The inside of one message while it is shown, and no longer: see lib/use-revealed. */
export const usePayload = (id: string): Revealed<Payload, [reason: string]> =>
  useRevealed(
    useCallback((reason: string) => call('messages.reveal', { id, reason }), [id]),
    PAYLOAD_MS,
  )
