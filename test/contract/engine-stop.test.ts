/** How long the engine waits for its workflows when it stops: for steps at work, not for those that only wait. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { AppError } from "../../src/errors.ts";
import { createLog } from "../../src/log.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { createEngine, type Engine, registerWorkflow, startOnce, step } from "../../src/workflows/engine.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

const GRACE_MS = 8_000;
const log = createLog({ level: "CRITICAL", json: true });
let dataDir: string;
let store: Store;
let engine: Engine;

beforeAll(async () => {
  dataDir = preparedDataFolder();
  store = await openStore({ databaseUrl: null, dataDir, log });
});

beforeEach(() => {
  const patience = { firstIntervalSeconds: 2, backoffRate: 1, maxAttempts: 100 };
  engine = createEngine({ store, log, patience });
});

afterAll(async () => {
  await store.close();
  removeDataFolder(dataDir);
});

/** Starts a workflow of one step, stops the engine while that is under way, and says how long that took. */
async function stopDuring(id: string, run: () => Promise<string>): Promise<number> {
  let begun = () => {};
  const isUnderWay = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const body = () =>
    step("work", () => {
      begun();
      return run();
    });
  const workflow = registerWorkflow("stopping", body);
  await engine.launch();
  await startOnce(id, workflow);
  await isUnderWay;
  const startedAt = performance.now();
  await engine.shutdown(GRACE_MS);
  return performance.now() - startedAt;
}

it("waits for a step at work, and notes its result", async () => {
  const tookMs = await stopDuring("at-work", async () => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return "done";
  });
  expect(tookMs).toBeGreaterThan(900);
  expect(tookMs).toBeLessThan(GRACE_MS);

  const again = registerWorkflow("stopping", () => step("work", async () => "done again"));
  await engine.launch();
  expect(await (await startOnce("at-work", again)).result()).toBe("done");
  await engine.shutdown(0);
});

it("does not wait for a step whose next attempt is seconds away", async () => {
  const down = new AppError("Notion is down", { code: "notion_unavailable", retryable: true });
  const tookMs = await stopDuring("waiting", () => Promise.reject(down));
  expect(tookMs).toBeLessThan(GRACE_MS / 2);
});
