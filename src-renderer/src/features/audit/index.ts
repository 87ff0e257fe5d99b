/** Audit: every act in order, its chain verified on request. */
export { AuditPage } from './AuditPage'
