/**
 * The database: one PostgreSQL shared by all replicas, or PGlite inside this process. Owns the connection, the
 * schema and mutual exclusion; what is stored where is in the sibling files. `connection` is what the workflow
 * engine needs to live in the same database.
 */
import { existsSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Kysely, PostgresDialect, sql } from "kysely";
import pg from "pg";
import { AppError } from "../errors.ts";
import type { Log } from "../log.ts";
import { lockFolder } from "./folder-lock.ts";
import { migrate } from "./migrate.ts";
import { migrations, SCHEMA } from "./migrations.ts";
import type { EmbeddedPostgres } from "./pglite.ts";
import type { Tables } from "./tables.ts";

export type Database = Kysely<Tables>;

export type Connection =
  /** A direct connection string; the engine opens its own pool. */
  | { kind: "postgres"; url: string }
  /** One connection in this process, shared with the engine. */
  | { kind: "embedded"; pool: pg.Pool };

export interface Store {
  db: Database;
  connection: Connection;
  /** Creates or upgrades the bot's tables. */
  migrate(): Promise<void>;
  /** One holder of `name` at a time, across replicas. */
  exclusive<T>(name: string, run: () => Promise<T>): Promise<T>;
  /** Another one when the data was brought here by a dump or a copy. */
  identity(): Promise<string>;
  /** Rejects when the database does not answer within the time. */
  ping(timeoutMs: number): Promise<void>;
  close(): Promise<void>;
}

const CLOSE_LIMIT_MS = 1_000;

export async function openStore(options: {
  databaseUrl: string | null;
  dataDir: string;
  log: Log;
}): Promise<Store> {
  return options.databaseUrl
    ? openPostgres(options.databaseUrl, options.log)
    : openEmbedded(resolve(options.dataDir), options.log);
}

function openPostgres(url: string, log: Log): Store {
  const pool = new pg.Pool({
    connectionString: url,
    max: 8,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  });
  surviveLosses(pool, log);
  // A pool of their own: holders use the other one while they wait for nothing else. Never nest them.
  const locks = new pg.Pool({
    connectionString: url,
    max: 6,
    keepAlive: true,
    connectionTimeoutMillis: 60_000,
  });
  surviveLosses(locks, log);
  const mutex = createMutex();
  const shared = common(pool);
  return {
    ...shared,
    connection: { kind: "postgres", url },
    // "if not exists" is no protection: of two that look at the same moment, one fails.
    migrate: () => withAdvisoryLock(locks, "migrate", shared.migrate),
    exclusive: (name, run) => mutex(name, () => withAdvisoryLock(locks, name, run)),
    async close() {
      // Whoever still holds a connection is work that outlived its grace: a peer takes it over.
      const limit = sleep(CLOSE_LIMIT_MS, undefined, { ref: false });
      await Promise.race([Promise.all([pool.end(), locks.end()]), limit]);
    },
  };
}

/**
 * A pool listens to its idle connections only. One that is lost while it works rejects its statement and, besides,
 * emits an error; without a listener of its own that would end the process.
 */
function surviveLosses(pool: pg.Pool, log: Log): void {
  const report = (error: unknown) => log.warn({ code: errorCode(error) }, "database connection lost");
  pool.on("connect", (client) => client.on("error", report));
  pool.on("error", report);
}

async function openEmbedded(dataDir: string, log: Log): Promise<Store> {
  await mkdir(dataDir, { recursive: true });
  const unlock = await lockFolder(dataDir);
  const folder = `${dataDir}/pglite`;
  const lite = await openFolder(folder).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const pool = new pg.Pool(lite.config);
  surviveLosses(pool, log);
  const mutex = createMutex();
  const shared = common(pool);
  return {
    ...shared,
    connection: { kind: "embedded", pool },
    exclusive: mutex,
    // Unpacked files are other files.
    identity: async () => `${await shared.identity()} ${(await stat(`${folder}/PG_VERSION`)).ino}`,
    async close() {
      await pool.end();
      await lite.close();
      unlock();
    },
  };
}

async function openFolder(folder: string): Promise<EmbeddedPostgres> {
  const { openPglite } = await import("./pglite.ts");
  // shared_buffers is fixed at creation; 16 MB halves the memory of the process and is plenty for one bot.
  const options = { folder, settings: ["shared_buffers = 16MB"] };
  // Creating a database takes half a gigabyte: in a thread of its own, whose end gives it back.
  if (!existsSync(`${folder}/PG_VERSION`)) await (await openPglite(options)).close();
  return openPglite(options);
}

function common(pool: pg.Pool): Pick<Store, "db" | "migrate" | "identity" | "ping"> {
  const kysely = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const db = kysely.withSchema(SCHEMA);
  return {
    db,
    async migrate() {
      await sql`create schema if not exists ${sql.id(SCHEMA)}`.execute(kysely);
      await migrate(db, migrations);
    },
    async identity() {
      // A dump brings tables back under new numbers.
      const table = `${SCHEMA}.settings`;
      const found = await sql<{ id: string }>`select ${table}::regclass::oid::text as id`.execute(kysely);
      return found.rows[0]?.id ?? "";
    },
    async ping(timeoutMs) {
      const timeout = sleep(timeoutMs, undefined, { ref: false }).then(() => {
        throw new AppError(`the database did not answer within ${timeoutMs} ms`, {
          code: "store_unavailable",
          retryable: true,
        });
      });
      await Promise.race([pool.query("select 1"), timeout]);
    },
  };
}

/** Session lock on a connection of its own; polled, because a blocked waiter would stall concurrent index builds. */
async function withAdvisoryLock<T>(pool: pg.Pool, name: string, run: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  const key = [`emm:${name}`];
  const lock = "select pg_try_advisory_lock(hashtextextended($1, 0)) as held";
  let unlocked = false;
  try {
    while (!(await client.query<{ held: boolean }>(lock, key)).rows[0]?.held) await sleep(50);
    const result = await run();
    await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", key);
    unlocked = true;
    return result;
  } finally {
    // Closing the session drops the lock when the unlock statement was not reached.
    client.release(!unlocked);
  }
}

function createMutex(): <T>(name: string, run: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return (name, run) => {
    const mine = (tails.get(name) ?? Promise.resolve()).then(run, run);
    const tail = mine.catch(() => undefined);
    tails.set(name, tail);
    void tail.then(() => {
      if (tails.get(name) === tail) tails.delete(name);
    });
    return mine;
  };
}

/** SQLSTATE or system error code, or "unknown". */
export function errorCode(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown";
}
