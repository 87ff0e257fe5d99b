/** The `symbi` command line: the same engine as the console, without Electron. Only the answer goes to stdout. */
import { Command, InvalidArgumentError, Option } from 'commander'
import { RuntimeError, toWireError } from '../engine/core'
import { auditExport } from './audit-export'
import { auditProve } from './audit-prove'
import { auditVerify } from './audit-verify'
import { doctor } from './doctor'
import { runAgent } from './run-agent'
import { VERSION } from './version'

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new InvalidArgumentError('This is not JSON.')
  }
}

const count = (text: string): number => {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('This is not a whole number above 0.')
  return Number(text)
}

const program = new Command('symbi')
  .description('Run and inspect governed agents without the console window.')
  .version(VERSION)
  .option('--data-dir <folder>', 'where the product keeps its data')
  .option('--config <file>', 'runtime_config.toml to use instead of the one in the data folder')

/** What was asked for cannot be done or makes no sense; 1 is kept for an answer that is not good. */
const EXIT_REFUSED = 2

// Before the commands are declared: each takes this over.
program
  .showHelpAfterError('Add --help to see what is possible.')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT_REFUSED))

const common = (): { dataDir?: string; config?: string } => program.opts()

program
  .command('run')
  .description('Run one agent to its end: log to stderr, result to stdout, exit code of the run.')
  .argument('<template|file>', 'id of a shipped template, or a JavaScript file')
  .option('--input <json>', 'input of the run', json)
  .addOption(new Option('--tier <n>', 'sandbox tier').choices(['0', '1', '2', '3']))
  .action(async (target: string, options: { input?: unknown; tier?: string }) => {
    process.exitCode = await runAgent({ ...common(), target, input: options.input, tier: options.tier })
  })

program
  .command('doctor')
  .description('Check every requirement: what is wrong and how to mend it.')
  .option('--json', 'machine-readable')
  .action(async (options: { json?: boolean }) => {
    process.exitCode = await doctor({ ...common(), json: options.json === true })
  })

const audit = program.command('audit').description('The audit trail.')

audit
  .command('verify')
  .description('Walk the whole chain; exit code 1 when it does not verify.')
  .option('--json', 'machine-readable')
  .action(async (options: { json?: boolean }) => {
    process.exitCode = await auditVerify({ ...common(), json: options.json === true })
  })

audit
  .command('export')
  .description('Write records, checkpoints, keys and the offline verifier into a new folder.')
  .argument('<folder>', 'must not hold an export yet')
  .option('--json', 'machine-readable')
  .action(async (folder: string, options: { json?: boolean }) => {
    process.exitCode = await auditExport({ ...common(), folder, json: options.json === true })
  })

audit
  .command('prove')
  .description('Print the proof that a record is in the trail, or that the trail only grew since a checkpoint.')
  .argument('[seq]', 'number of the record', count)
  .option('--from <size>', 'size of the earlier checkpoint', count)
  .option('--to <size>', 'size of the later checkpoint; the newest by default', count)
  .action(async (seq: number | undefined, options: { from?: number; to?: number }, command: Command) => {
    if ((seq === undefined) === (options.from === undefined)) command.error('Name a record, or --from a checkpoint.')
    const target = seq === undefined ? { from: options.from ?? 0, to: options.to } : { seq }
    process.exitCode = await auditProve({ ...common(), target })
  })

try {
  await program.parseAsync()
} catch (error) {
  const wire = toWireError(error)
  const text = error instanceof RuntimeError ? wire.message : String(error)
  process.stderr.write(`${wire.code}: ${text}\n${wire.nextStep}\n`)
  process.exitCode = EXIT_REFUSED
}
