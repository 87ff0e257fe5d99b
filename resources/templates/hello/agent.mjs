import { run } from 'symbi'

await run(async ({ input, log, memory }) => {
  const name = typeof input?.name === 'string' ? input.name : 'world'
  const runs = Number((await memory.get('runs')) ?? 0) + 1
  await memory.put('runs', runs)
  await log.info(`Saying hello to ${name}`, { runs })
  return { greeting: `Hello, ${name}.`, runs }
})
