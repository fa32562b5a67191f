/** Runs once before all tests: an initialised embedded store that every flow test starts from a copy of. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { createLog } from "../../src/log.ts";
import { openStore } from "../../src/store/store.ts";
import { createEngine } from "../../src/workflows/engine.ts";
import { createDataRoot, removeDataFolder } from "../fixtures/data-folders.ts";

export default async function prepare(project: TestProject): Promise<() => void> {
  const root = createDataRoot();
  const dataDir = join(root, "prepared");
  mkdirSync(dataDir);
  const log = createLog({ level: "ERROR", json: true });
  const store = await openStore({ databaseUrl: null, dataDir, log });
  const engine = createEngine({ store, log });
  await engine.launch();
  await engine.shutdown(1_000);
  await store.close();
  project.provide("preparedDataDir", dataDir);
  return () => removeDataFolder(root);
}
