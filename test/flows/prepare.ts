/** Runs once before all tests: an initialised embedded store that every flow test starts from a copy of. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { createLog } from "../../src/log.ts";
import { openStore } from "../../src/store/store.ts";
import { createEngine } from "../../src/workflows/engine.ts";

declare module "vitest" {
  interface ProvidedContext {
    preparedDataDir: string;
  }
}

export default async function prepare(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "emm-prepared-"));
  const log = createLog({ level: "ERROR", json: true });
  const store = await openStore({ databaseUrl: null, dataDir, log });
  const engine = createEngine({ store, log });
  await engine.launch();
  await engine.shutdown(1_000);
  await store.close();
  project.provide("preparedDataDir", dataDir);
  return () => rm(dataDir, { recursive: true, force: true });
}
