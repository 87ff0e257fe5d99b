/** The audit trail: append-only, hash-chained, written in the transaction of the change it tells of. */
export { type Audit, type AuditEntry, createAudit } from './audit'
export { verifyChain } from './verify-chain'
