/**
 * docs/backup.md, followed to the letter on a real PostgreSQL: a dump of a bot at work, a loss, a restore. What happened
 * after the dump is unknown to the restored store; Notion and Slack still hold it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../../src/sandbox/world.ts";
import { type BotProcess, childEnv, morePolls, startBot } from "../fixtures/bot-process.ts";
import { unfinishedWork } from "../fixtures/engine-rows.ts";
import {
  approveAll,
  flaws,
  flawsAfter,
  isStrategic,
  openCard,
  type PutItem,
  putItems,
} from "../fixtures/mixed-items.ts";
import { createThrowawayDatabase, type ThrowawayDatabase } from "../fixtures/throwaway-database.ts";
import { emptyInbox, eventually } from "../flows/bot.ts";

const page = readFileSync(new URL("../../docs/backup.md", import.meta.url), "utf8");
/** The file that the page restores from. */
const DUMP = /\bemm-\d{4}-\d\d-\d\d\.dump\b/.exec(page)?.[0] ?? "";

let world: World;
let database: ThrowawayDatabase;
let bot: BotProcess;
let folder: string;

/** The command of the page that begins so, as it stands there. */
function follow(program: string): void {
  const command = [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
    .map((match) => match[1] ?? "")
    .find((text) => text.includes(program));
  if (!command) throw new Error(`docs/backup.md has no ${program}`);
  const startedAt = performance.now();
  execFileSync("sh", ["-ec", command], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", DATABASE_URL: database.directUrl },
    stdio: ["ignore", "inherit", "inherit"],
  });
  console.log(`${command.trim()}\n→ ${Math.round(performance.now() - startedAt)} ms`);
}

async function start(): Promise<void> {
  bot = await startBot({ env: childEnv(world, { DATABASE_URL: database.directUrl }) });
  world.slack.deliverTo(`${bot.url}/slack/events`);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "emm-backup-"));
  database = await createThrowawayDatabase();
  world = await createWorld({ claudeLatencyMs: 100 });
  world.notion.requestsPerMinute = null;
  emptyInbox(world);
});

afterAll(async () => {
  if (bot?.isRunning()) await bot.end("SIGKILL");
  await world.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe("a restored dump", () => {
  let before: PutItem[];
  let during: PutItem[];
  let after: PutItem[];

  it("holds everything up to its moment; what came later is found in Notion and Slack, not made again", async () => {
    await start();
    before = putItems(world, 8);
    const cards = before.filter(isStrategic);
    await eventually(world, () => cards.every((item) => openCard(world, item)), "four open cards", 60_000);
    await approveAll(world, cards.slice(0, 1), { to: () => bot.url, limitMs: 30_000 });
    await flawsAfter(() => flaws(world, cards.slice(0, 1), cards.slice(0, 1)), 20_000);

    // In flight at the moment of the dump.
    world.claude.latencyMs = 1_500;
    const asked = world.claude.calls.length;
    during = putItems(world, 4, 8);
    await eventually(world, () => world.claude.calls.length >= asked + 2, "two analyses at work");
    follow("pg_dump");
    world.claude.latencyMs = 100;

    // After it: those are finished, others come, people decide.
    expect(await flawsAfter(() => flaws(world, during), 40_000)).toEqual([]);
    after = putItems(world, 4, 12);
    expect(await flawsAfter(() => flaws(world, after), 40_000)).toEqual([]);
    await approveAll(world, cards.slice(1, 2), { to: () => bot.url, limitMs: 30_000 });
    expect(
      await flawsAfter(() => flaws(world, [...before, ...during, ...after], cards.slice(0, 2)), 20_000),
    ).toEqual([]);
    await bot.end("SIGTERM");

    renameSync(join(folder, dumpIn(folder)), join(folder, DUMP));
    follow("pg_restore");
    await start();
    await morePolls(bot, 5);
    const all = [...before, ...during, ...after];
    expect(await flawsAfter(() => flaws(world, all, cards.slice(0, 2)), 30_000)).toEqual([]);
    // As the page says: a person puts back what the store has never heard of, and it is taken up without a second record.
    for (const { id } of after.filter(isStrategic)) {
      world.notion.edit({ user: "dana@acme.example", pageId: id, values: { Status: "Unprocessed" } });
    }
    await morePolls(bot, 2);
    expect(await flawsAfter(() => flaws(world, all, cards.slice(0, 2)), 30_000)).toEqual([]);
    const decided = all.filter(isStrategic);
    await approveAll(world, decided, { to: () => bot.url, limitMs: 60_000 });
    expect(await flawsAfter(() => flaws(world, all, decided), 30_000)).toEqual([]);
    expect(await bot.end("SIGTERM")).toMatchObject({ code: 0 });
    expect(await unfinishedWork({ databaseUrl: database.directUrl })).toEqual([]);
  });
});

function dumpIn(path: string): string {
  const listed = execFileSync("ls", [path], { encoding: "utf8" }).split("\n");
  const [dump = ""] = listed.filter((name) => name.endsWith(".dump"));
  return dump;
}
