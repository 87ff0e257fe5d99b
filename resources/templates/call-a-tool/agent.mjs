import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from 'symbi'

const whole = (value, fallback, max) => (Number.isInteger(value) ? Math.min(Math.max(value, 0), max) : fallback)

/** A little real work in each round, so that the usage of the sandbox can be seen to move. */
const work = (round) => {
  const until = performance.now() + 150
  let digest = `round ${round}`
  while (performance.now() < until) digest = createHash('sha256').update(digest).digest('hex')
  return digest
}

await run(async ({ input, log, secrets, tools, signal }) => {
  const tool = input?.tool ?? 'everything.echo'
  const message = input?.message ?? 'Hello from the sandbox'
  const rounds = whole(input?.rounds, 1, 10_000)
  const pauseMs = whole(input?.pauseMs, 1000, 60_000)

  if (input?.secret) {
    const secret = await secrets.get(input.secret)
    // Its length and nothing else: a secret has no place in a log.
    await log.info(`Read secret ${input.secret}`, { length: secret.length })
  }

  const results = []
  for (let round = 1; round <= rounds; round++) {
    work(round)
    const result = await tools.call(tool, { message: rounds === 1 ? message : `${message} (${round})` })
    results.push(result)
    await log.info(`Round ${round} of ${rounds}: ${tool} answered`, { result })
    if (round < rounds) await pause(pauseMs, undefined, { signal })
  }
  return { tool, rounds, results: results.slice(-100) }
})
