import type Docker from 'dockerode'
import type { Clock } from '../../core'

/** What only reads is answered within this time, or it counts as not answered. */
const READ_MS = 5_000
/** What changes something may take long on a busy host, as long as the daemon says that it lives. */
const ACT_MS = 60_000
/** A call that takes so long raises the question whether the daemon lives. */
const DOUBT_MS = 2_000
/** How long the answer to that may take: with the doubt, a daemon that hangs is known within 5 seconds. */
const PULSE_MS = 2_500
/** More than any answer that is not a stream; it is parsed on the main thread. */
const LONGEST_ANSWER = 8 * 1024 * 1024

type Dial = Docker['modem']['dial']
type Call = Parameters<Dial>[0]
type Dialled = NonNullable<Parameters<Dial>[1]>
type Result = Parameters<Dialled>[1]

/** Images are pulled and imported as long as they need; everything else has its time. */
const limitOf = ({ path, method }: Call): number | null => {
  if (path.startsWith('/images/') && method === 'POST') return null
  return method === undefined || method === 'GET' ? READ_MS : ACT_MS
}

/**
 * Put a bound on how long every call to a daemon waits for its answer (of a stream: for its head) and on how much an answer
 * holds. Without it a daemon that hangs, or that breaks off in the middle of an answer, is waited for without end: the
 * client library tells nobody of the latter.
 */
export const boundAnswers = (docker: Docker, clock: Clock): Docker => {
  const { modem } = docker
  const dial = modem.dial.bind(modem)
  let asking: Promise<void> | undefined

  const timed = (call: Call, limitMs: number): Promise<Result> => {
    const abort = new AbortController()
    return new Promise<Result>((resolve, reject) => {
      const cancel = clock.after(limitMs, () => {
        reject(new Error(`the daemon did not answer within ${limitMs / 1000} seconds`))
        abort.abort()
      })
      dial({ ...call, abortSignal: abort.signal }, (error, result) => {
        cancel()
        if (error === null) resolve(result)
        else reject(error)
      })
    })
  }

  /** Whether the daemon lives: one question for all who ask at the same time. */
  const pulse = (): Promise<void> => {
    asking ??= timed({ path: '/_ping', method: 'GET', ...PLAIN }, PULSE_MS)
      .then(() => undefined)
      .finally(() => {
        asking = undefined
      })
    return asking
  }

  modem.dial = (call, callback) => {
    const limitMs = limitOf(call)
    const abort = new AbortController()
    const signal = call.abortSignal === undefined ? abort.signal : AbortSignal.any([call.abortSignal, abort.signal])
    const startedMs = clock.monotonicMs()
    let isOver = false
    let cancel: () => void = () => undefined

    const finish: Dialled = (error, result) => {
      if (isOver) return discard(result)
      isOver = true
      cancel()
      callback?.(error, result)
    }
    const fail = (error: unknown): void => {
      finish(error instanceof Error ? error : new Error(String(error)), null)
      abort.abort()
    }
    const watch = (): void => {
      const leftMs = limitMs === null ? DOUBT_MS : limitMs - (clock.monotonicMs() - startedMs)
      if (leftMs > 0) cancel = clock.after(Math.min(DOUBT_MS, leftMs), doubt)
      else fail(new Error(`the daemon did not answer within ${(limitMs ?? 0) / 1000} seconds`))
    }
    const doubt = (): void => {
      pulse().then(() => {
        if (!isOver) watch()
      }, fail)
    }
    watch()
    if (call.isStream === true || call.hijack === true || call.openStdin === true) {
      dial({ ...call, abortSignal: signal }, finish)
      return
    }
    dial({ ...call, isStream: true, abortSignal: signal }, (error, answer) => {
      if (error === null && isAnswer(answer)) whole(answer).then((value) => finish(null, value), fail)
      else finish(error ?? new Error('the daemon gave no answer'), null)
    })
  }
  return docker
}

/** What the client library has to be told of a call that it did not make up itself. */
const PLAIN = { isStream: false, options: {}, statusCodes: { 200: true } } as const

interface Answer extends AsyncIterable<Buffer> {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

const isAnswer = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'headers' in value

/** The body of an answer: JSON where it says so, else its bytes. A body that breaks off rejects. */
const whole = async (answer: Answer): Promise<object> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer) {
    size += chunk.length
    if (size > LONGEST_ANSWER) throw new Error('the daemon answered with more than 8 MiB')
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const isJson = String(answer.headers['content-type'] ?? '').includes('json')
  try {
    return body.length === 0 ? body : JSON.parse(body.toString('utf8'))
  } catch {
    if (isJson) throw new Error('the daemon answered with half of its JSON')
    return body
  }
}

/** An answer that came when nobody waited for it any more. */
const discard = (result: Result): void => {
  if (result !== null && 'destroy' in result) result.destroy()
}
