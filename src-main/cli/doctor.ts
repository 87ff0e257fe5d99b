import type { DoctorCheck } from '@contract'
import { type CommonOptions, openHost } from './open-host'

const MARK: Readonly<Record<DoctorCheck['status'], string>> = { pass: 'ok  ', warn: 'warn', fail: 'FAIL' }

const print = (check: DoctorCheck): string => {
  const lines = [`${MARK[check.status]}  ${check.title}: ${check.cause}`]
  if (check.fix !== '') lines.push(`      ${check.fix}`)
  if (check.command !== null) lines.push(`      $ ${check.command}`)
  return lines.join('\n')
}

/** Check every requirement. @returns 1 when one fails, else 0 */
export const doctor = async (options: CommonOptions & { json: boolean }): Promise<number> => {
  const host = openHost(options)
  await host.start()
  try {
    const report = await host.doctor()
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${report.checks.map(print).join('\n')}\n`)
    return report.checks.some((check) => check.status === 'fail') ? 1 : 0
  } finally {
    await host.close()
  }
}
