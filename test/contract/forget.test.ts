/** What is forgotten of finished work: however much there is, and never what keeps a decision from being made twice. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { inShort } from "../../src/workflows/cards.ts";
import { createEngine, type Engine, registerWorkflow, startOnce, step } from "../../src/workflows/engine.ts";
import { forgetSteps, forgetWorkflows } from "../../src/workflows/forget.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";
import { analysis, decision } from "../fixtures/decision.ts";

const MANY = 2_500;
const HOUR_MS = 3_600_000;
const soon = () => new Date(Date.now() + HOUR_MS);
const hourAgo = () => new Date(Date.now() - HOUR_MS);
const noEnd = Number.POSITIVE_INFINITY;

const log = createLog({ level: "CRITICAL", json: true });
const dataDir = preparedDataFolder();
let store: Store;
let engine: Engine;
let runs = 0;
const decided = registerWorkflow("forget-decision", (id: string) =>
  step(`claim:${id}`, async () => {
    runs += 1;
    return `${id} is decided`;
  }),
);
const failed = registerWorkflow("forget-failed", () =>
  step("fail", () => Promise.reject(new Error("cannot work"))),
);

beforeAll(async () => {
  store = await openStore({ databaseUrl: null, dataDir, log });
  engine = createEngine({ store, log });
  await engine.launch();
  await (await startOnce("decision:1", decided, "1")).result();
  await (await startOnce("poll:1", decided, "2")).result();
  await expect((await startOnce("failed:1", failed)).result()).rejects.toThrow("cannot work");
  await copied("decision:1");
  await copied("poll:1");
});

afterAll(async () => {
  await engine.shutdown(0);
  await store.close();
  removeDataFolder(dataDir);
});

async function rowsOf<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
  if (store.connection.kind !== "embedded") throw new Error("not an embedded store");
  return (await store.connection.pool.query<T>(sql, values)).rows;
}

async function copied(id: string): Promise<void> {
  await rowsOf(
    `insert into dbos.workflow_status (workflow_uuid, status, name, created_at, updated_at, completed_at, application_name)
     select workflow_uuid || '~' || n, status, name, created_at + n % 3, updated_at, completed_at, application_name
     from dbos.workflow_status, generate_series(1, $2::int) n where workflow_uuid = $1`,
    [id, MANY],
  );
  await rowsOf(
    `insert into dbos.operation_outputs (workflow_uuid, function_id, function_name, output)
     select workflow_uuid || '~' || n, function_id, function_name, output
     from dbos.operation_outputs, generate_series(1, $2::int) n where workflow_uuid = $1`,
    [id, MANY],
  );
}

async function count(table: string, prefix: string): Promise<number> {
  const sql = `select count(*)::int as n from dbos.${table} where workflow_uuid like $1`;
  return (await rowsOf<{ n: number }>(sql, [`${prefix}%`]))[0]?.n ?? -1;
}

it("leaves what is too young, and what there is no time for", async () => {
  expect(await forgetWorkflows(["poll:"], hourAgo())).toEqual({ count: 0, isAll: true });
  expect(await forgetSteps(["forget-decision"], hourAgo(), noEnd)).toEqual({ count: 0, isAll: true });
  expect(await forgetWorkflows(["poll:"], soon(), 0)).toEqual({ count: 0, isAll: false });
  expect(await forgetSteps(["forget-decision"], soon(), 0)).toEqual({ count: 0, isAll: false });
});

it("forgets all of them, in as many batches as it takes", async () => {
  expect(await forgetWorkflows(["poll:"], soon())).toEqual({ count: MANY + 1, isAll: true });
  expect(await count("workflow_status", "poll:")).toBe(0);
  expect(await count("operation_outputs", "poll:")).toBe(0);
  expect(await count("workflow_status", "decision:")).toBe(MANY + 1);
});

it("forgets what the steps of a decision returned, and not that it was made", async () => {
  expect(await forgetSteps(["forget-decision", "forget-failed"], soon(), noEnd)).toEqual({
    count: MANY + 1,
    isAll: true,
  });
  expect(await count("operation_outputs", "decision:")).toBe(0);
  // It is taken up again at the step that failed.
  expect(await count("operation_outputs", "failed:")).toBe(1);
  const before = runs;
  const again = await startOnce("decision:1", decided, "another one");
  expect(await again.result()).toBe("1 is decided");
  expect(runs).toBe(before);
});

it("keeps of a decision in a note everything but what the advisers said", () => {
  const whole = decision();
  expect(inShort(whole)).not.toHaveProperty("analysis");
  expect({ ...inShort(whole), analysis }).toEqual(whole);
});
