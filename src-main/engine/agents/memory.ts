import type { AgentId, Json } from '@contract'
import { type Clock, RuntimeError } from '../core'
import type { Sql, Tx } from '../store'

const MAX_KEY_CHARS = 200
const MAX_VALUE_BYTES = 262_144
const MAX_KEYS = 1000

/** What an agent remembers between its runs: small JSON values by key. */
export interface AgentMemory {
  /** @throws CTX_001 */
  put(tx: Tx, agentId: AgentId, entry: { key: string; value: Json }): void
  get(sql: Sql, agentId: AgentId, key: string): Json
}

export const createAgentMemory = (clock: Clock): AgentMemory => ({
  put(tx, agentId, { key, value }) {
    if (key.length === 0 || key.length > MAX_KEY_CHARS)
      throw new RuntimeError('CTX_001', `A memory key has 1 to ${MAX_KEY_CHARS} characters.`)
    const text = JSON.stringify(value)
    if (Buffer.byteLength(text) > MAX_VALUE_BYTES)
      throw new RuntimeError('CTX_001', `A memory value may have ${MAX_VALUE_BYTES} bytes; this one has more.`)
    tx.run(
      `INSERT INTO agent_memory (agent_id, key, value, updated_at) VALUES (:agentId, :key, :text, :at)
       ON CONFLICT (agent_id, key) DO UPDATE SET value = :text, updated_at = :at`,
      { agentId, key, text, at: clock.nowMs() },
    )
    const count = tx.get<{ n: number }>('SELECT count(*) AS n FROM agent_memory WHERE agent_id = :agentId', { agentId })
    if ((count?.n ?? 0) > MAX_KEYS)
      throw new RuntimeError('CTX_001', `An agent may keep ${MAX_KEYS} keys; this would be one more.`)
  },
  get(sql, agentId, key) {
    const row = sql.get<{ value: string }>('SELECT value FROM agent_memory WHERE agent_id = :agentId AND key = :key', {
      agentId,
      key,
    })
    return row === undefined ? null : (JSON.parse(row.value) as Json)
  },
})
