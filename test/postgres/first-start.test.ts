/** Replicas that come upon an empty database at the same moment: each finds all tables, whoever made them. */
import { expect, it } from "vitest";
import { createLog } from "../../src/log.ts";
import { openStore } from "../../src/store/store.ts";
import { createThrowawayDatabase } from "../fixtures/throwaway-database.ts";

const log = createLog({ level: "CRITICAL", json: true });

it.each([1, 2, 3])("make the tables once (%i)", async () => {
  const database = await createThrowawayDatabase();
  const opening = Array.from({ length: 5 }, () => openStore({ databaseUrl: database.url, dataDir: "", log }));
  const stores = await Promise.all(opening);
  // Connected, they ask at the same moment.
  await Promise.all(stores.map((store) => store.ping(10_000)));
  await Promise.all(stores.map((store) => store.migrate()));
  for (const store of stores) expect(await store.identity()).not.toBe("");
  await Promise.all(stores.map((store) => store.close()));
  await database.drop();
});
