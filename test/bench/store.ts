/** What a thousand decisions leave in the store, and what of it is forgotten with time. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type pg from "pg";
import { withClient } from "../fixtures/engine-rows.ts";
import { decideAll, openCards } from "./click-load.ts";
import { countDone, putMany } from "./items.ts";
import { type Lab, poll, quiet, until } from "./lab.ts";
import { count, kilobytes } from "./numbers.ts";
import type { Findings } from "./report.ts";

const TITLE = "Store, per 1,000 decisions";
const DAY_MS = 86_400_000;
/** A day more than anything that is ever forgotten is kept. */
const LATER_DAYS = 31;

interface Size {
  table: string;
  rows: number;
  bytes: number;
}

export async function store(lab: Lab): Promise<Findings> {
  if (typeof lab.postgres === "string") {
    return { tables: [{ title: TITLE, notes: [], columns: ["not measured"], rows: [[lab.postgres]] }] };
  }
  const world = await lab.world();
  world.slack.hasRateLimits = false;
  const env = await lab.store("postgres");
  const url = env["DATABASE_URL"] ?? "";
  const bot = await lab.bot(world, env, { isUnpaced: true });
  await quiet(world);
  const before = await sizes(url);
  const decisions = lab.isQuick ? 20 : 150;
  lab.say(`store: ${decisions} decisions`);
  const items = putMany(world, decisions, { kinds: ["ordinary", "dialectic"] });
  await poll(bot);
  const isDone = () => countDone(world, items) === items.length;
  await until("all cards are there", isDone, { limitMs: 180_000, everyMs: 500 });
  await quiet(world);
  await decideAll({ world, bots: [bot], perSecond: 50 }, openCards(world).slice(0, decisions));
  await quiet(world);
  const after = await sizes(url);
  await bot.end("SIGTERM");
  lab.say(`store: ${LATER_DAYS} days later`);
  const days = await pruned(lab, () => sizes(url), { world, env });
  return { tables: [table(decisions, { before, after, later: days })] };
}

const SCHEMAS = ["emm", "dbos"];

async function sizes(url: string): Promise<Map<string, Size>> {
  return withClient(url, async (client) => {
    const tables = await client.query<{ schemaname: string; tablename: string }>(
      "select schemaname, tablename from pg_tables where schemaname = any($1)",
      [SCHEMAS],
    );
    const found: Size[] = [];
    for (const { schemaname, tablename } of tables.rows)
      found.push(await sizeOf(client, schemaname, tablename));
    return new Map(found.map((size) => [size.table, size]));
  });
}

async function sizeOf(client: pg.Client, schema: string, name: string): Promise<Size> {
  const table = `${client.escapeIdentifier(schema)}.${client.escapeIdentifier(name)}`;
  // What is dead but not yet vacuumed is not what a decision costs.
  await client.query(`vacuum full ${table}`);
  const sql = `select (select count(*) from ${table})::int as rows, pg_total_relation_size($1)::int as bytes`;
  const answer = await client.query<{ rows: number; bytes: number }>(sql, [table]);
  return { table: `${schema}.${name}`, rows: answer.rows[0]?.rows ?? 0, bytes: answer.rows[0]?.bytes ?? 0 };
}

/** The same store, a month on: the bot's clock is ahead, and its first poll clears up. */
async function pruned<T>(
  lab: Lab,
  look: () => Promise<T>,
  { world, env }: { world: Awaited<ReturnType<Lab["world"]>>; env: Record<string, string> },
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "emm-bench-clock-"));
  try {
    const clock = join(folder, "shift");
    writeFileSync(clock, String(LATER_DAYS * DAY_MS));
    const shifted = pathToFileURL(new URL("../fixtures/shifted-clock.mjs", import.meta.url).pathname).href;
    const bot = await lab.bot(
      world,
      { ...env, SHIFTED_CLOCK: clock },
      { isUnpaced: true, nodeArgs: ["--import", shifted] },
    );
    await poll(bot);
    await bot.logged(({ message }) => message === "old bookkeeping forgotten", "the clearing up");
    await bot.end("SIGTERM");
    return await look();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sizes {
  before: Map<string, Size>;
  after: Map<string, Size>;
  later: Map<string, Size>;
}

function table(decisions: number, { before, after, later }: Sizes) {
  const factor = 1_000 / decisions;
  const grown = [...after.values()].map((size) => {
    const was = before.get(size.table) ?? { rows: 0, bytes: 0 };
    const will = later.get(size.table) ?? { rows: 0, bytes: 0 };
    return {
      table: size.table,
      rows: (size.rows - was.rows) * factor,
      bytes: (size.bytes - was.bytes) * factor,
      laterRows: Math.max(0, (will.rows - was.rows) * factor),
      laterBytes: Math.max(0, (will.bytes - was.bytes) * factor),
    };
  });
  // A ring, as long as the requests that are allowed in a minute.
  const lines = grown
    .filter((line) => line.rows >= 1 && line.table !== "emm.pacing_slots")
    .sort((a, b) => b.bytes - a.bytes);
  const sum = (read: (line: (typeof lines)[number]) => number) =>
    lines.reduce((all, line) => all + read(line), 0);
  return {
    title: TITLE,
    notes: [
      `Measured with ${decisions} decisions, each from the inbox to the tasks, and multiplied. ${LATER_DAYS} days later: what the daily clearing up left. Kept for ever on purpose: decisions and the keys of what was written and posted, which is what makes it happen once.`,
    ],
    columns: ["table", "rows", "size", `rows ${LATER_DAYS} days later`, `size ${LATER_DAYS} days later`],
    rows: [
      ...lines.map((line) => [
        line.table,
        count(line.rows),
        kilobytes(line.bytes),
        count(line.laterRows),
        kilobytes(line.laterBytes),
      ]),
      [
        "**all**",
        count(sum(({ rows }) => rows)),
        kilobytes(sum(({ bytes }) => bytes)),
        count(sum(({ laterRows }) => laterRows)),
        kilobytes(sum(({ laterBytes }) => laterBytes)),
      ],
    ],
  };
}
