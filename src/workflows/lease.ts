/**
 * Which replica owns which running workflow. Each process has a fresh executor id and holds an advisory lock on
 * it for as long as its connection lives; whoever finds such a lock free takes over what its owner left. Without
 * this, DBOS replicas either strand a dead peer's work or repeat a living one's.
 *
 * Uses two internals of @dbos-inc/dbos-sdk 5.3.0 (recoverPendingWorkflows, the workflow_status columns): the
 * version is pinned exactly, and the replica kill test holds this file to its promise.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { DBOSExecutor } from "@dbos-inc/dbos-sdk/internal/dbos-executor";
import pg from "pg";
import { toFailure } from "../errors.ts";
import type { Log } from "../log.ts";

const RECOVERY_INTERVAL_MS = 10_000;
/** After an outage: long enough for every replica to take its lease back before anyone judges. */
const QUIET_AFTER_OUTAGE_MS = 15_000;
const REOPEN_INTERVAL_MS = 500;
const CONNECT_LIMIT_MS = 10_000;

export interface Lease {
  executorId: string;
  /** Ends the exclusive start-up phase and begins to look for dead peers. */
  startRecovery(): Promise<void>;
  close(): Promise<void>;
}

interface PendingRow {
  workflow: string;
  owner: string;
  queue: string | null;
}

/**
 * Resolves once this process may migrate: concurrent engine migrations collide, so start-ups take turns (polled,
 * because a blocked waiter would stall CREATE INDEX CONCURRENTLY).
 */
export async function openLease(databaseUrl: string, log: Log): Promise<Lease> {
  const executorId = randomUUID();
  const session = createSession(databaseUrl, executorId, log);
  await session.open();
  while (!(await session.take("migrate"))) await sleep(200);
  let timer: NodeJS.Timeout | undefined;
  let suspects = new Set<string>();
  const recover = async () => {
    suspects = session.isQuiet() ? suspects : await recoverOnce(session, executorId, suspects, log);
  };
  return {
    executorId,
    async startRecovery() {
      await session.drop("migrate");
      await recover();
      timer = setInterval(() => {
        recover().catch((error: Error) => log.warn({ reason: error.message }, "recovery pass failed"));
      }, RECOVERY_INTERVAL_MS);
    },
    async close() {
      clearInterval(timer);
      await session.close();
    },
  };
}

/** Returns this process's own rows that it is not running: seen twice, they are put back. */
async function recoverOnce(
  session: Session,
  me: string,
  suspects: Set<string>,
  log: Log,
): Promise<Set<string>> {
  const engine = DBOSExecutor.globalInstance;
  if (!engine) return suspects;
  const rows = await session.pending();
  for (const owner of new Set(rows.map((row) => row.owner))) {
    if (owner === me || !(await session.take(owner))) continue;
    const handles = await engine.recoverPendingWorkflows([owner]);
    await session.drop(owner);
    log.info({ owner, workflows: handles.length }, "took over the work of a process that is gone");
  }
  // Ours yet not running, twice in a row: the database went away between a claim's COMMIT and its answer.
  const idle = rows.filter(
    (row) => row.owner === me && !engine.systemDatabase.checkForRunningWorkflow(row.workflow),
  );
  for (const row of idle) {
    if (suspects.has(row.workflow))
      await DBOS.resumeWorkflow(row.workflow, { queueName: row.queue ?? undefined });
  }
  return new Set(idle.map((row) => row.workflow));
}

type Session = ReturnType<typeof createSession>;

function createSession(databaseUrl: string, executorId: string, log: Log) {
  let client: pg.Client;
  let quietUntil = 0;
  let closing = false;

  const open = async (): Promise<void> => {
    const next = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
    });
    let isHeld = false;
    // A dying connection reports twice, the server's farewell and the end of the socket; a report that nobody
    // listens to would end the process. What goes wrong before the lease is held rejects below.
    next.on("error", () => {
      if (isHeld && !closing) void reopen();
      isHeld = false;
    });
    try {
      await next.connect();
      // A vanished host is noticed after 10 + 3 × 5 s.
      await next.query(
        "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3",
      );
      await next.query("select pg_advisory_lock(hashtextextended($1, 0))", [executorId]);
    } catch (error) {
      void next.end();
      throw error;
    }
    isHeld = true;
    client = next;
  };
  /** The first attempt at once: until the lease is back, a peer may take this process for dead. */
  const reopen = async (): Promise<void> => {
    quietUntil = Number.POSITIVE_INFINITY;
    log.warn("lost the lease connection; reconnecting");
    while (!closing) {
      try {
        await open();
        quietUntil = performance.now() + QUIET_AFTER_OUTAGE_MS;
        log.info("the lease is held again");
        return;
      } catch (error) {
        log.debug({ reason: toFailure(error).message }, "no lease yet");
        await sleep(REOPEN_INTERVAL_MS, undefined, { ref: false });
      }
    }
  };
  return {
    open,
    isQuiet: () => performance.now() < quietUntil,
    async take(name: string): Promise<boolean> {
      const sql = "select pg_try_advisory_lock(hashtextextended($1, 0)) as held";
      return (await client.query<{ held: boolean }>(sql, [name])).rows[0]?.held ?? false;
    },
    async drop(name: string): Promise<void> {
      await client.query("select pg_advisory_unlock(hashtextextended($1, 0))", [name]);
    },
    async pending(): Promise<PendingRow[]> {
      const sql = `select workflow_uuid as workflow, executor_id as owner, queue_name as queue
        from dbos.workflow_status where status = 'PENDING'`;
      return (await client.query<PendingRow>(sql)).rows;
    },
    async close(): Promise<void> {
      closing = true;
      await client.end();
    },
  };
}
