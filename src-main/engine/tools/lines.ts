import { StringDecoder } from 'node:string_decoder'

const MAX_LINE_LENGTH = 4096

/** Cut a stream of bytes into lines; a line without end is passed on in pieces, so that it cannot grow for ever. */
export const createLineSplitter = (onLine: (line: string) => void): ((chunk: Buffer) => void) => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  return (chunk) => {
    rest += decoder.write(chunk)
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) onLine(line.replace(/\r$/, '').slice(0, MAX_LINE_LENGTH))
    if (rest.length > MAX_LINE_LENGTH) {
      onLine(rest.slice(0, MAX_LINE_LENGTH))
      rest = ''
    }
  }
}
