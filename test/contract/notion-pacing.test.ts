/** Who may send a request to Notion, and when: a backlog never takes what is kept for people and for looking. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNotion } from "../../src/compose/notion.ts";
import { parseConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import type { NotionWorkspace } from "../../src/notion/workspace.ts";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { asBacklog } from "../../src/workflows/precedence.ts";
import { preparedDataFolder, removeDataFolder } from "../fixtures/data-folders.ts";

const A_MINUTE = 60;
/** Two are kept for differences between clocks, ten for looking (two are used up below); of the rest a fourteenth for people. */
const FOR_WORK = 48;
const FOR_PEOPLE = 3;
const FOR_LOOKING = 8;
const STARTING = 10;

let world: World;
let dataDir: string;
let store: Store;
let notion: NotionWorkspace;

beforeAll(async () => {
  dataDir = preparedDataFolder();
  world = await createWorld();
  const log = createLog({ level: "CRITICAL", json: true });
  store = await openStore({ databaseUrl: null, dataDir, log });
  await store.migrate();
  const config = parseConfig({
    ...world.env,
    DATA_DIR: dataDir,
    NOTION_REQUESTS_PER_MINUTE: String(A_MINUTE),
  });
  const metrics = { notionCall: () => undefined };
  notion = createNotion(config, { store, log, metrics, lookupDelaysMs: [0], backoffMs: 1 });
  // Reads the schema, which the others need not.
  await look();
});

afterAll(async () => {
  await store.close();
  await world.close();
  removeDataFolder(dataDir);
});

/** One request each. */
const look = () => notion.checkDatabase("TASKS");
const ask = () => notion.tasksDoneSince("2026-11-21T00:00:00Z");

describe("while a backlog uses up its minute", () => {
  it("people are answered at once, and what looks after the databases too", async () => {
    // As after a start, which reads schemas and names.
    for (let nth = 0; nth < STARTING; nth += 1) await ask();
    await asBacklog(async () => {
      for (let nth = STARTING; nth < FOR_WORK - FOR_PEOPLE; nth += 1) await ask();
    });
    const before = world.notion.calls.length;
    const waiting = [asBacklog(ask), asBacklog(ask)];
    const looks = await Promise.all(Array.from({ length: FOR_LOOKING + 2 }, look));
    // More than what is kept for them would be at the cost of people.
    expect(looks.filter(({ status }) => status === "unknown")).toHaveLength(2);
    for (let nth = 0; nth < FOR_PEOPLE; nth += 1) await ask();
    expect(world.notion.calls.length - before).toBe(FOR_PEOPLE + FOR_LOOKING);
    for (const request of waiting) request.catch(() => undefined);
  });
});
