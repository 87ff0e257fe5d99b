import type { Sql, Store } from '../store'

/** Records that one write brings into the index; fewer than that are left until there are as many. */
const SLICE = 512

/** Which agent a record is about: the one that acted, or the one that is named. */
export const AGENT_SQL = `CASE WHEN actor_kind = 'agent' THEN actor_id WHEN json_valid(details) THEN json_extract(details, '$.agentId') END`

/** The block that a record is indexed in: 8192 records each, so that what comes new is written in one place. */
const BLOCK_SQL = 'seq >> 13'

/** The newest record whose agent the index knows. */
export const agentsIndexedTo = (sql: Sql): number =>
  sql.get<{ seq: number }>("SELECT seq FROM audit_indexed WHERE name = 'agents'")?.seq ?? 0

/** The blocks that know a record about this agent, newest first. */
export const blocksOfAgent = (sql: Sql, agentId: string): number[] =>
  sql
    .all<{ block: number }>(
      `WITH RECURSIVE
         ends (first, last) AS (SELECT (SELECT min(block) FROM audit_agents), (SELECT max(block) FROM audit_agents)),
         blocks (block) AS (
           SELECT last FROM ends WHERE last IS NOT NULL
           UNION ALL SELECT block - 1 FROM blocks WHERE block > (SELECT first FROM ends)
         )
       SELECT block FROM blocks
       WHERE EXISTS (SELECT 1 FROM audit_agents WHERE audit_agents.block = blocks.block AND agent_id = ?)
       ORDER BY block DESC`,
      [agentId],
    )
    .map(({ block }) => block)

/**
 * Bring the index up, a whole slice at a time. It is not part of the write of a record: records of many agents would each
 * write to another place of it, and in a slice those of one agent come together. What it does not know yet, less than a slice
 * and what came since, is looked through without it.
 */
export const catchUpAgents = async (store: Store, signal: AbortSignal): Promise<void> => {
  for (;;) {
    if (signal.aborted) return
    const from = agentsIndexedTo(store)
    const head = store.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM audit')?.seq ?? 0
    if (head - from < SLICE) return
    await store.write((tx) => {
      tx.run(
        `INSERT OR IGNORE INTO audit_agents (block, agent_id, seq)
         SELECT ${BLOCK_SQL} AS block, ${AGENT_SQL} AS agent, seq FROM audit
         WHERE seq > ? AND seq <= ? AND typeof(${AGENT_SQL}) = 'text'
         ORDER BY block, agent, seq`,
        [from, from + SLICE],
      )
      tx.run("INSERT OR REPLACE INTO audit_indexed (name, seq) VALUES ('agents', ?)", [from + SLICE])
    })
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

/** Forget records that are about to leave the database; `ids` asks for their numbers. */
export const forgetAgents = (sql: Sql, ids: string, params: Readonly<Record<string, number>>): void => {
  sql.run(
    `DELETE FROM audit_agents
     WHERE (block, agent_id, seq) IN (SELECT ${BLOCK_SQL}, ${AGENT_SQL}, seq FROM audit WHERE seq IN (${ids}))`,
    params,
  )
}
