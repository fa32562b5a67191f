/**
 * The durable engine: DBOS on the bot's own database. Owns launch, shutdown, leases and the two ways of running
 * something (`step`, `startOnce`); knows nothing about items or decisions.
 *
 * Rules for whoever writes a workflow: no clock, random or I/O in a body; a branch of Promise.all holds one step;
 * step names carry the item's key; a change of step order goes behind DBOS.patch(); a step may run twice, so a
 * create looks before it writes; never ask for a workflow's status in a body.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { DBOS, type DBOSConfig } from "@dbos-inc/dbos-sdk";
import { AppError, type Failure, isAppError, type ReportFault, toFailure } from "../errors.ts";
import { type Log, withinStep } from "../log.ts";
import { countedStep, countedWorkflow, onlyWaiting } from "./at-work.ts";
import { type Dispatching, keepDispatching } from "./dispatch.ts";
import { type Lease, openLease } from "./lease.ts";
import type { EngineStore } from "./ports.ts";
import { giveTurns, turnsOf } from "./turns.ts";

/** How long a step keeps trying while the outside world is down. */
export interface Patience {
  firstIntervalSeconds: number;
  /** Small, so that the interval stays near the length of the outage. */
  backoffRate: number;
  maxAttempts: number;
}

/** 2 s at first, 10 minutes at the end, about six hours in all. */
export const HOURS: Patience = { firstIntervalSeconds: 2, backoffRate: 1.05, maxAttempts: 120 };

export interface Engine {
  /** After every workflow is registered: recovery starts here. */
  launch(): Promise<void>;
  /** Resolves when no workflow is waiting or at work, on any replica. */
  idle(): Promise<void>;
  /** Takes no new work, lets steps finish within the grace, leaves the rest to the next process. */
  shutdown(graceMs: number): Promise<void>;
}

/** At most this many items at once in one process; the rest wait in the queue. */
const ITEMS_AT_ONCE = 8;
export const ITEM_QUEUE = "items";

const IDLE_LOOK_MS = 50;
/** The clocks of the bot and of its database may differ by that much. */
const FUTURE_MS = 60_000;
let patience: Patience = HOURS;
let stepLog: Log | null = null;
let reportFault: ReportFault | null = null;
export interface EngineOptions {
  store: EngineStore;
  log: Log;
  patience?: Patience;
  /** Hears of a workflow that ended in an error; its id is the reference. */
  reportFault?: ReportFault;
}

export function createEngine(options: EngineOptions): Engine {
  const { store, log } = options;
  patience = options.patience ?? HOURS;
  stepLog = log;
  reportFault = options.reportFault ?? null;
  let lease: Lease | null = null;
  let dispatching: Dispatching | null = null;
  const endTurns = giveTurns();
  return {
    async launch() {
      lease = store.connection.kind === "postgres" ? await openLease(store.connection.url, log) : null;
      await store.migrate();
      DBOS.setConfig({ ...ENGINE_CONFIG, logger: engineLogger(log), ...connectionConfig(store, lease) });
      dispatching = keepDispatching(log);
      // It makes its tables, too, and does not expect others to do so at the same moment.
      await store.exclusive("launch", () => DBOS.launch());
      await DBOS.registerQueue(ITEM_QUEUE, {
        workerConcurrency: ITEMS_AT_ONCE,
        minPollingIntervalMs: 100,
        onConflict: "always_update",
      });
      await lease?.startRecovery();
    },
    async idle() {
      const busy = () => DBOS.listWorkflows({ status: ["PENDING", "ENQUEUED"], limit: 1 });
      while ((await busy()).length > 0) await sleep(IDLE_LOOK_MS);
    },
    async shutdown(graceMs) {
      // What is cut off from here on goes on in the next process.
      reportFault = null;
      endTurns();
      const timeoutMs = (await onlyWaiting()) ? 0 : graceMs;
      dispatching?.stop();
      await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: timeoutMs });
      await lease?.close();
    },
  };
}

/** enablePatching pins the application version; by default it is a hash of the code, and a deploy strands what is in flight. */
const ENGINE_CONFIG: DBOSConfig = { name: "executive-mind-matrix", enablePatching: true };

/** The engine's words end where they begin to quote errors: those may hold texts of people. */
function engineLogger(log: Log) {
  const opening = (entry: unknown) =>
    entry instanceof Error ? entry.name : (/^[^.:\n]*/.exec(String(entry))?.[0] ?? "");
  const code = (entry: unknown) => (isAppError(entry) ? entry.code : undefined);
  const debug = (entry: unknown) => log.debug({ engine: opening(entry) }, "engine");
  return {
    info: debug,
    debug,
    warn: debug,
    error: (entry: unknown) =>
      log.warn({ engine: opening(entry), code: code(entry) }, "engine reports an error"),
  };
}

function connectionConfig(store: EngineStore, lease: Lease | null): Partial<DBOSConfig> {
  if (store.connection.kind === "postgres") {
    return { systemDatabaseUrl: store.connection.url, executorID: lease?.executorId };
  }
  // One connection: LISTEN would hold it for ever.
  return {
    systemDatabasePool: store.connection.pool,
    systemDatabaseUrl: "postgresql://postgres@embedded/postgres",
    useListenNotify: false,
    executorID: "local",
  };
}

/** A step that cannot succeed. Thrown inside the same run that received it as data, so its identity holds. */
export class StepFailed extends AppError {
  readonly step: string;

  constructor(step: string, failure: Failure) {
    super(failure.message, { code: failure.code, retryable: failure.retryable });
    this.step = step;
  }
}

type Settled<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/**
 * A checkpointed call. Retryable failures are repeated with patience; others, and the last one, leave the step
 * as data and are thrown as StepFailed here, because a replayed error loses its class.
 */
export async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  return unwrap(
    name,
    await countedStep((attempt) =>
      DBOS.runStep(() => attempt(() => settle(name, run)), {
        name,
        retriesAllowed: true,
        maxAttempts: patience.maxAttempts,
        intervalSeconds: patience.firstIntervalSeconds,
        backoffRate: patience.backoffRate,
      }),
    ),
  );
}

/** A step that gives up at the first failure, because somebody will come by again soon. */
export async function stepOnce<T>(name: string, run: () => Promise<T>): Promise<T> {
  const only = { name, retriesAllowed: false };
  return unwrap(
    name,
    await countedStep((attempt) => DBOS.runStep(() => attempt(() => settle(name, run)), only)),
  );
}

/** Waits in a workflow body; a restart in between does not begin the wait anew. */
export function pause(durationMs: number): Promise<void> {
  return DBOS.sleepms(durationMs);
}

/** Waits for all of them, then throws the first failure: nothing is left running behind a failed workflow. */
export async function inParallel<T extends readonly unknown[]>(
  steps: { [K in keyof T]: Promise<T[K]> },
): Promise<T> {
  await Promise.allSettled(steps);
  return Promise.all(steps) as Promise<unknown> as Promise<T>;
}

function unwrap<T>(name: string, settled: Settled<T>): T {
  if (!settled.ok) throw new StepFailed(name, settled.failure);
  return settled.value;
}

function settle<T>(name: string, run: () => Promise<T>): Promise<Settled<T>> {
  return withinStep({ workflow: DBOS.workflowID ?? "", step: name }, () => settleHere(run));
}

async function settleHere<T>(run: () => Promise<T>): Promise<Settled<T>> {
  const status = DBOS.stepStatus;
  const trace = { attempt: status?.currentAttempt ?? 1 };
  stepLog?.debug(trace, "step begins");
  try {
    const value = await run();
    stepLog?.debug(trace, "step done");
    return { ok: true, value };
  } catch (error) {
    const isLast = status?.currentAttempt !== undefined && status.currentAttempt >= (status.maxAttempts ?? 1);
    if (isRetryable(error) && !isLast) throw error;
    return { ok: false, failure: toFailure(error) };
  }
}

function isRetryable(error: unknown): boolean {
  return isAppError(error) ? error.retryable : storeOutage(error);
}

/** Failures of the database driver that pass by themselves: connection, resources, shutdown, conflicts. */
function storeOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return PASSING_CODE.test(code) || (code === "" && PASSING_WORDS.test(error.message));
}

const PASSING_CODE = /^((08|53|57|40)\w{3}$|E(CONN|PIPE|TIMEDOUT|HOST|NET))/;
/** Where `pg` gives no code: a connection that was cut, is broken, or could not be had in time. */
const PASSING_WORDS =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

type Workflow<A extends unknown[], R> = (...args: A) => Promise<R>;

export function registerWorkflow<A extends unknown[], R>(name: string, body: Workflow<A, R>): Workflow<A, R> {
  const inTurn = turnsOf(name);
  const watched = async (...args: A): Promise<R> => {
    try {
      return await countedWorkflow(() => inTurn(() => body(...args)));
    } catch (error) {
      // Thrown on every replica that only looks on; StepFailed is what our own work fails with.
      if (error instanceof StepFailed) workflowFailed(error);
      throw error;
    }
  };
  return DBOS.registerWorkflow(watched, { name });
}

function workflowFailed(error: StepFailed): void {
  const reference = DBOS.workflowID ?? "";
  stepLog?.error({ reference, step: error.step, code: error.code }, "workflow failed");
  reportFault?.({ surface: "workflow", reference, error });
}

/** Starts the workflow with this id unless it was ever started; does not wait. */
export async function startOnce<A extends unknown[], R>(
  id: string,
  workflow: Workflow<A, R>,
  ...args: A
): Promise<{ result(): Promise<R> }> {
  const handle = await DBOS.startWorkflow(workflow, { workflowID: id })(...args);
  return { result: () => handle.getResult({ pollingIntervalMs: 100 }) };
}

/** The same, behind the item queue. */
export async function enqueueOnce<A extends unknown[], R>(
  id: string,
  workflow: Workflow<A, R>,
  ...args: A
): Promise<void> {
  await DBOS.startWorkflow(workflow, { workflowID: id, queueName: ITEM_QUEUE })(...args);
}

/** Whether one whose id begins so is at work, or waits for somebody to take it over. Not in the body of a workflow. */
export async function isUnderWay(idPrefix: string): Promise<boolean> {
  const status = ["PENDING", "ENQUEUED"] as const;
  const found = await DBOS.listWorkflows({
    ...{ workflow_id_prefix: idPrefix, status: [...status], limit: 1 },
    ...{ loadInput: false, loadOutput: false },
  });
  return found.length > 0;
}

const FINISHED_BADLY = ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"] as const;

/** Workflows of these names that ended in an error and were last touched before `before`, oldest first. */
export async function failedWorkflows(
  names: string[],
  before: Date,
): Promise<{ id: string; name: string; input: unknown[] }[]> {
  const failed = await DBOS.listWorkflows({ workflowName: names, status: [...FINISHED_BADLY], limit: 100 });
  return failed
    .filter(({ updatedAt, createdAt }) => isBefore(updatedAt ?? createdAt, before))
    .map(({ workflowID, workflowName, input }) => ({
      id: workflowID,
      name: workflowName,
      input: input ?? [],
    }));
}

/** What lies in the future was written by a clock that has been set back since. */
function isBefore(atMs: number, moment: Date): boolean {
  return atMs < moment.getTime() || atMs > Date.now() + FUTURE_MS;
}

/** Runs a failed workflow again from the first step that failed; what succeeded before stays done. */
export async function rewindToFailure(id: string): Promise<void> {
  const steps = (await DBOS.listWorkflowSteps(id)) ?? [];
  const failed = steps.filter(({ output, error }) => error !== null || isFailedOutput(output));
  const startStep = Math.min(...failed.map((entry) => entry.functionID), steps.length);
  await DBOS.rewindWorkflow(id, { startStep });
}

function isFailedOutput(output: unknown): boolean {
  return typeof output === "object" && output !== null && "ok" in output && output.ok === false;
}
