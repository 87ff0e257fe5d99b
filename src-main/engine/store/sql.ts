import type BetterSqlite from 'better-sqlite3'

export type SqlValue = string | number | bigint | Buffer | null
/** By name, or by place for `?`, which costs less where it is done most. */
export type SqlParams = Readonly<Record<string, SqlValue>> | readonly SqlValue[]

/** The few verbs the engine needs, over cached prepared statements. Rows come as plain objects. */
export interface Sql {
  get<Row>(statement: string, params?: SqlParams): Row | undefined
  all<Row>(statement: string, params?: SqlParams): Row[]
  /** Returns how many rows changed. */
  run(statement: string, params?: SqlParams): number
}

export const createSql = (db: BetterSqlite.Database): Sql => {
  const cache = new Map<string, BetterSqlite.Statement<[SqlParams]>>()
  const prepared = (statement: string): BetterSqlite.Statement<[SqlParams]> => {
    const known = cache.get(statement)
    if (known !== undefined) return known
    const made = db.prepare<[SqlParams]>(statement)
    cache.set(statement, made)
    return made
  }
  return {
    get: <Row>(statement: string, params: SqlParams = {}) => prepared(statement).get(params) as Row | undefined,
    all: <Row>(statement: string, params: SqlParams = {}) => prepared(statement).all(params) as Row[],
    run: (statement, params = {}) => prepared(statement).run(params).changes,
  }
}
