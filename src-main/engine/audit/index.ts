/**
 * The audit trail: append-only, hash-chained, written in the transaction of the change it tells of; signed, anchored and
 * provable.
 */
export { type AuditAnchor, createFileAnchor, createKeyringAnchor, createWebhookAnchor } from './anchors'
export { type Audit, type AuditEntry, createAudit } from './audit'
export { exportTrail } from './export-trail'
export { type AuditKeyring, createKeyVault, type KeyVault } from './key-vault'
export { postCheckpoint } from './post-checkpoint'
export { proveConsistency, proveInclusion } from './proofs'
export { type AuditTrail, type AuditTrailPorts, auditFolders, openAuditTrail } from './trail'
export { type VerifyOptions, verifyTrail } from './verify-trail'
