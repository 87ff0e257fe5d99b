/** No message of a daemon is longer; one that is fills no memory here. */
const LONGEST_LINE = 1024 * 1024

/**
 * The JSON values of a stream that carries one a line. A line that is not JSON, such as the half of one that a daemon
 * leaves behind when it goes down, is passed over, and so is one of more than a mebibyte.
 */
export async function* jsonLines(stream: AsyncIterable<string | Buffer>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    // What is left of a line that is too long is no JSON either.
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    for (const line of lines) yield* parsed(line)
  }
  yield* parsed(rest)
}

function* parsed(line: string): Generator<unknown> {
  if (line.trim() === '') return
  try {
    yield JSON.parse(line)
  } catch {
    // Half an answer says nothing.
  }
}
