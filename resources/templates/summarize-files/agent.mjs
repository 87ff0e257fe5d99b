import { readdir, readFile } from 'node:fs/promises'
import { run } from 'symbi'

const STOP_WORDS = new Set(
  `a about after all also an and any are as at be because been before but by can could did do does each for from had
  has have he her his how if in into is it its just like may more most much no not of on one only or other our out over
  so some such than that the their them then there these they this to up was we were what when which while who will with
  would you your`.split(/\s+/),
)

const wordsOf = (text) => text.toLowerCase().match(/\p{L}[\p{L}\p{N}'’-]*/gu) ?? []

const sentencesOf = (text) =>
  text
    .split(/\n\s*\n/)
    .flatMap((paragraph) =>
      paragraph
        .replace(/\s+/g, ' ')
        .trim()
        .split(/(?<=[.!?])\s+/),
    )
    .filter((sentence) => wordsOf(sentence).length >= 4)

const frequenciesOf = (text) => {
  const counts = new Map()
  for (const word of wordsOf(text)) {
    if (word.length > 2 && !STOP_WORDS.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

/** The two sentences whose words are the most frequent of the text, in the order of the text. */
const summaryOf = (text, counts) =>
  sentencesOf(text)
    .map((sentence, position) => {
      const words = wordsOf(sentence)
      const weight = words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0)
      return { sentence, position, score: weight / Math.sqrt(words.length) }
    })
    .sort((a, b) => b.score - a.score || a.position - b.position)
    .slice(0, 2)
    .sort((a, b) => a.position - b.position)
    .map(({ sentence }) => sentence)
    .join(' ')

await run(async ({ input, log, memory, signal }) => {
  const howMany = Number.isInteger(input?.terms) ? Math.min(Math.max(input.terms, 1), 20) : 5
  const folder = new URL('./files/', import.meta.url)
  const names = (await readdir(folder)).sort()
  await log.info(`Reading ${names.length} files`)

  const files = []
  for (const name of names) {
    signal.throwIfAborted()
    const text = await readFile(new URL(name, folder), 'utf8')
    const counts = frequenciesOf(text)
    const terms = [...counts]
      .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
      .slice(0, howMany)
      .map(([term, count]) => ({ term, count }))
    const lines = text === '' ? 0 : text.replace(/\n$/, '').split('\n').length
    files.push({ name, words: wordsOf(text).length, lines, terms, summary: summaryOf(text, counts) })
    await log.info(`Read ${name}`, { words: files.at(-1).words, lines })
  }

  const totals = {
    files: files.length,
    words: files.reduce((sum, file) => sum + file.words, 0),
    lines: files.reduce((sum, file) => sum + file.lines, 0),
  }
  await memory.put('last-totals', totals)
  return { totals, files }
})
