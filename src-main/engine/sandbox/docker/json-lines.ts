/**
 * The JSON values of a stream that carries one a line. A line that is not JSON, such as the half of one that a daemon
 * leaves behind when it goes down, is passed over.
 */
export async function* jsonLines(stream: AsyncIterable<string | Buffer>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
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
