import type { AgentId, BackendId, ExecutionId } from '@contract'
import { type Log, messageOf } from '../core'
import type { Store, Tx } from '../store'
import type { Grant } from './ledger'

interface Row {
  readonly execution_id: ExecutionId
  readonly grant_no: number
  readonly agent_id: AgentId
  readonly agent_name: string
  readonly backend: BackendId
  readonly memory_bytes: number
  readonly cpu_millis: number
  readonly disk_io_mbps: number
  readonly network_io_mbps: number
  readonly since: number
}

/** The grants on the disk: so that an engine that was killed knows what it gave to runs that go on without it. */
export interface Allocations {
  keep(tx: Tx, grant: Grant): void
  /** Soon, together with others; it does not matter when, since a start forgets grants of runs that are over. */
  forget(grant: Grant): void
  kept(): Grant[]
  /** Of which the run is over, or waits again. */
  isOver(executionId: ExecutionId): boolean
}

export const createAllocations = ({ store, log }: { store: Store; log: Log }): Allocations => {
  let forgotten: Grant[] = []
  return {
    keep: (tx, grant) => {
      tx.run(
        `INSERT OR REPLACE INTO allocations (execution_id, grant_no, agent_id, agent_name, backend, memory_bytes,
         cpu_millis, disk_io_mbps, network_io_mbps, since)
         VALUES (:executionId, :grantNo, :agentId, :agentName, :backend, :memory, :cpu, :disk, :network, :since)`,
        {
          executionId: grant.executionId,
          grantNo: grant.grantNo,
          agentId: grant.agentId,
          agentName: grant.agentName,
          backend: grant.backend,
          memory: grant.amounts.memoryBytes,
          cpu: grant.amounts.cpuMillis,
          disk: grant.amounts.diskIoMbps,
          network: grant.amounts.networkIoMbps,
          since: grant.sinceMs,
        },
      )
    },
    forget(grant) {
      forgotten.push(grant)
      if (forgotten.length > 1) return
      store
        .write((tx) => {
          const grants = forgotten
          forgotten = []
          for (const { executionId, grantNo } of grants)
            tx.run('DELETE FROM allocations WHERE execution_id = :executionId AND grant_no = :grantNo', {
              executionId,
              grantNo,
            })
        })
        .catch((error: unknown) => {
          forgotten = []
          log.warn({ reason: messageOf(error) }, 'a grant that was given back is still on the disk')
        })
    },
    kept: () =>
      store.all<Row>('SELECT * FROM allocations').map((row) => ({
        executionId: row.execution_id,
        grantNo: row.grant_no,
        agentId: row.agent_id,
        agentName: row.agent_name,
        backend: row.backend,
        amounts: {
          memoryBytes: row.memory_bytes,
          cpuMillis: row.cpu_millis,
          diskIoMbps: row.disk_io_mbps,
          networkIoMbps: row.network_io_mbps,
        },
        sinceMs: row.since,
      })),
    isOver(executionId) {
      const row = store.get<{ state: string; ended_at: number | null }>(
        'SELECT state, ended_at FROM executions WHERE id = :executionId',
        { executionId },
      )
      return row === undefined || row.ended_at !== null || row.state === 'queued'
    },
  }
}
