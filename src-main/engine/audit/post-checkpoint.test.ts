import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuditCheckpoint } from '@contract'
import { afterEach, describe, expect, it } from 'vitest'
import { postCheckpoint } from './post-checkpoint'

const CHECKPOINT = { log: 'a', size: 3, root: 'b' } as unknown as AuditCheckpoint

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** A web server on this machine that answers everything alike; tells what it was sent. */
const serve = async (status: number, headers: Record<string, string> = {}): Promise<{ url: string; got: string[] }> => {
  const got: string[] = []
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    request.on('end', () => {
      got.push(`${request.method} ${request.headers['content-type']} ${body}`)
      response.writeHead(status, headers).end('thanks')
    })
  })
  const listening = server
  await new Promise<void>((resolve) => {
    listening.listen(0, '127.0.0.1', resolve)
  })
  return { url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`, got }
}

describe('a checkpoint on its way to a web address', () => {
  it('arrives as JSON', async () => {
    const { url, got } = await serve(204)
    await postCheckpoint(url)(CHECKPOINT)
    expect(got).toEqual([`POST application/json ${JSON.stringify(CHECKPOINT)}`])
  })

  it('is not taken when the other side says so, sends it elsewhere, or is not there', async () => {
    const refusing = await serve(500)
    await expect(postCheckpoint(refusing.url)(CHECKPOINT)).rejects.toThrow('500')
    server?.close()
    const elsewhere = await serve(302, { location: 'http://127.0.0.1:9/' })
    await expect(postCheckpoint(elsewhere.url)(CHECKPOINT)).rejects.toThrow()
    server?.closeAllConnections()
    server?.close()
    await expect(postCheckpoint(elsewhere.url)(CHECKPOINT)).rejects.toThrow()
  })
})
