import type { Bridge, CallInput, CallOutput, Channel } from '@contract'
import { AppError } from './app-error'

declare global {
  interface Window {
    /** Set by the preload script: the only way from this page to the engine. */
    readonly console_?: Bridge
  }
}

/** The bridge, or a clear failure when the page was opened outside the console's window. */
export const bridge = (): Bridge => {
  const found = window.console_
  if (found === undefined) {
    throw new AppError({
      code: 'IPC_002',
      message: 'This page was opened outside the console, so there is no engine to ask.',
      nextStep: 'Start the console and use its window.',
      retryable: false,
    })
  }
  return found
}

/**
 * Ask the engine and get the value.
 *
 * @throws AppError with the engine's code, message and next step.
 */
export const call = async <C extends Channel>(channel: C, input: CallInput<C>): Promise<CallOutput<C>> => {
  const reply = await bridge().invoke(channel, input)
  if (!reply.ok) throw new AppError(reply.error)
  return reply.value
}
