/**
 * Starts processes for the engine, with their three streams connected to it. Starting one copies the tables of the
 * memory of whoever starts it, which holds a large program up for tens of milliseconds each time; this one stays small.
 *
 * In:  { id, address, path, args, cwd, env }
 * Out: { id, pid } | { id, exit: { code, signal } } | { id, error }
 * Each stream is a connection to `address` that begins with "ID STREAM" in 24 characters; STREAM is 0, 1 or 2.
 * What it started ends with it, and it ends with the engine.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { constants, setPriority } from 'node:os'

const HEAD_CHARACTERS = 24
const running = new Set()

// Agents inherit it: however much they do, the console stays in front of them.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const endGroup = (pid) => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
}

const openStream = async (id, stream, address) => {
  const socket = connect(address)
  await once(socket, 'connect')
  await new Promise((resolve) => socket.write(`${id} ${stream}`.padEnd(HEAD_CHARACTERS), resolve))
  return socket
}

/** Our copies are closed before the engine hears of the process: until then it writes nothing that we could take. */
const letGo = (sockets) =>
  Promise.all(
    sockets.map(async (socket) => {
      const closed = once(socket, 'close')
      socket.destroy()
      await closed
    }),
  )

const start = async ({ id, address, path, args, cwd, env }) => {
  const sockets = await Promise.all([0, 1, 2].map((stream) => openStream(id, stream, address)))
  const child = spawn(path, args, { cwd, env, stdio: sockets, detached: true })
  child.once('exit', (code, signal) => {
    running.delete(child.pid)
    process.send({ id, exit: { code, signal } })
  })
  const failed = once(child, 'error').then(([error]) => error)
  const error = await Promise.race([once(child, 'spawn').then(() => null), failed])
  if (error === null) running.add(child.pid)
  await letGo(sockets)
  if (error !== null) throw error
  process.send({ id, pid: child.pid })
}

process.on('message', (order) => {
  start(order).catch((error) => process.send({ id: order.id, error: error.message }))
})

process.on('disconnect', () => {
  for (const pid of running) endGroup(pid)
  process.exit(0)
})
