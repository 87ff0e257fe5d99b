import { run } from 'symbi'

/**
 * Two of these play ping-pong. Run one with {"answers": 3}: it answers three requests and ends. Run the other, under
 * another name, with {"ask": "NAME OF THE FIRST", "times": 3}: it asks three times and returns the answers.
 */
run(async ({ input, log, bus }) => {
  if (typeof input?.ask === 'string') {
    const answers = []
    for (let turn = 1; turn <= (input.times ?? 1); turn += 1) {
      const answer = await bus.request(input.ask, { ping: turn })
      await log.info(`${answer.from.name} answered`)
      answers.push(answer.payload)
    }
    return { answers }
  }

  let left = input?.answers ?? 1
  for await (const message of bus.messages()) {
    if (message.type !== 'request') continue
    await message.reply({ pong: message.payload.ping ?? null })
    await log.info(`answered ${message.from.name}`)
    left -= 1
    if (left > 0) continue
    await message.ack()
    break
  }
  return { answered: input?.answers ?? 1 }
})
