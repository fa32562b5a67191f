import { defineConfig } from "vitest/config";

// A flow test boots an embedded Postgres of several hundred MB, and CI has two cores.
const common = { testTimeout: 60_000, hookTimeout: 60_000, maxWorkers: 2 };

export default defineConfig({
  test: {
    ...common,
    projects: [
      {
        test: {
          ...common,
          name: "main",
          globalSetup: "test/flows/prepare.ts",
          include: ["test/*.test.ts", "test/{domain,contract,flows}/**/*.test.ts"],
        },
      },
      // Whole processes that are killed and started again: too long for the main suite's three minutes.
      {
        test: {
          ...common,
          name: "kills",
          globalSetup: "test/flows/prepare.ts",
          include: ["test/kills/**/*.test.ts"],
        },
      },
      // Needs TEST_DATABASE_URL: several processes on one real PostgreSQL.
      {
        test: { ...common, name: "postgres", include: ["test/postgres/**/*.test.ts"], testTimeout: 180_000 },
      },
      // Needs Debian's chromium.
      {
        test: {
          ...common,
          name: "browser",
          globalSetup: "test/flows/prepare.ts",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 180_000,
        },
      },
      // Long by design: kills, storms, outages.
      {
        test: {
          ...common,
          name: "campaign",
          globalSetup: "test/flows/prepare.ts",
          include: ["test/campaigns/**/*.test.ts"],
          testTimeout: 900_000,
        },
      },
    ],
  },
});
