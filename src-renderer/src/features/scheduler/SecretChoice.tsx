import { Link } from '@tanstack/react-router'
import type { AppError } from '@/lib/app-error'
import { issueFor } from '@/lib/app-error'
import { useRead } from '@/lib/queries'
import { Field, Select } from '@/ui'

export interface SecretChoiceProps {
  readonly label: string
  readonly hint: string
  readonly path: string
  readonly value: string
  readonly error: AppError | null
  readonly onChange: (name: string) => void
}

/** One of the stored secrets, by name; its value never comes here. */
export function SecretChoice({ label, hint, path, value, error, onChange }: SecretChoiceProps) {
  const secrets = useRead('secrets.list', {})
  const names = secrets.data?.map(({ name }) => name) ?? []
  return (
    <Field
      label={label}
      hint={
        secrets.data !== undefined && names.length === 0 ? (
          <>
            No secret is stored yet.{' '}
            <Link to="/secrets" className="text-accent underline underline-offset-2">
              Store it first
            </Link>
          </>
        ) : (
          hint
        )
      }
      error={issueFor(error, path) ?? secrets.error?.message}
    >
      {(control) => (
        <Select
          {...control}
          className="font-mono text-xs"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">Choose a secret</option>
          {names.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  )
}
