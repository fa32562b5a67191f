import { defineConfig } from "vitest/config";

const common = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // A flow test boots an embedded Postgres of several hundred MB, and CI has two cores.
  maxWorkers: 2,
  // Optimising Postgres' WebAssembly costs more than such short lives win by it.
  execArgv: ["--liftoff-only"],
  setupFiles: ["test/fixtures/draw.ts"],
  // A second is short for a machine that does something else besides.
  expect: { poll: { timeout: 15_000 } },
};

/** A bot in the test's own process waits for the thread of its database as often as it computes. */
const maxWorkers = 3;

export default defineConfig({
  test: {
    ...common,
    globalSetup: "test/flows/prepare.ts",
    projects: [
      // Files share processes: to load the SDKs and Postgres anew takes longer than most files.
      {
        test: {
          ...common,
          name: "parts",
          maxWorkers,
          include: ["test/*.test.ts", "test/{domain,contract}/**/*.test.ts"],
          isolate: false,
          // A process is handed on within its project only, so projects must not take turns.
          sequence: { groupOrder: 1 },
        },
      },
      // The whole bot.
      {
        test: { ...common, name: "flows", maxWorkers, include: ["test/flows/**/*.test.ts"], isolate: false },
      },
      // Whole processes that are killed and started again: too long for the main suite's three minutes.
      { test: { ...common, name: "kills", include: ["test/kills/**/*.test.ts"] } },
      // Needs TEST_DATABASE_URL: several processes on one real PostgreSQL, which has connections for one fleet.
      {
        test: {
          ...common,
          name: "postgres",
          include: ["test/postgres/**/*.test.ts"],
          testTimeout: 180_000,
          maxWorkers: 1,
        },
      },
      // Needs Debian's chromium.
      {
        test: { ...common, name: "browser", include: ["test/browser/**/*.test.ts"], testTimeout: 180_000 },
      },
      // Long by design: kills, storms, outages.
      {
        test: { ...common, name: "campaign", include: ["test/campaigns/**/*.test.ts"], testTimeout: 900_000 },
      },
    ],
  },
});
