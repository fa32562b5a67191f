/**
 * Nothing may cost more because there is more behind it. The same deeds with 100 and with 10,000 rows in each Notion database
 * and in each table of the store: requests to Notion, and what PostgreSQL reads for the bot's statements.
 */
import type pg from "pg";
import { channels } from "../../src/sandbox/slack/workspace-seed.ts";
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { withClient } from "../fixtures/engine-rows.ts";
import { growStore } from "../fixtures/grown-store.ts";
import { cell, userId } from "../flows/bot.ts";
import { openCards } from "./click-load.ts";
import { countDone, putMany } from "./items.ts";
import { API_KEY, type Lab, poll, quiet, until } from "./lab.ts";
import { count } from "./numbers.ts";
import type { Findings, Table } from "./report.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** When the history was made. */
const LONG_AGO_DAYS = 90;
/** Blocks of 8 kB: below it there is nothing to win, and plans differ by chance. */
const FEW_BLOCKS = 50;
const GROWN = 3;

interface Deed {
  what: string;
  run(bench: Bench): Promise<void>;
}

interface Bench {
  world: World;
  bot: BotProcess;
}

const command =
  (text: string) =>
  async ({ world }: Bench): Promise<void> => {
    const user = userId(world, "dana");
    await world.slack.command({ user, channel: channels.leadership, command: "/emm", text });
  };

const get =
  (path: string) =>
  async ({ bot }: Bench): Promise<void> => {
    const answer = await fetch(`${bot.url}${path}`, { headers: { "X-API-Key": API_KEY } });
    await answer.text();
  };

const item = (from: number, kind: "ordinary" | "task" | "reference") => async (bench: Bench) => {
  const [made] = putMany(bench.world, 1, { from: from + itemsMade, kinds: [kind] });
  itemsMade += 1;
  await poll(bench.bot);
  // This row alone: to look at ten thousand again and again would keep the stand-ins from answering.
  const status = () => cell(bench.world.notion.row(made?.id ?? ""), "Status");
  await until("the item is done", () => status().startsWith("Triaged"));
};
let itemsMade = 0;

const DEEDS: readonly Deed[] = [
  { what: "idle poll", run: ({ bot }) => poll(bot) },
  { what: "item: ordinary decision", run: item(900, "ordinary") },
  { what: "item: task", run: item(1_000, "task") },
  { what: "item: reference", run: item(1_100, "reference") },
  {
    what: "approve",
    async run({ world }) {
      // Of the same kind each time: others come with tasks and a project.
      const card = openCards(world).findLast(({ text }) => text.includes("weekly meeting"));
      if (!card) throw new Error("no open card of an ordinary decision");
      const click = { user: userId(world, "dana"), channel: card.channel, ts: card.ts };
      await world.slack.click({ ...click, actionId: "decision_approve" });
      await until("decided", () => openCards(world).every(({ ts }) => ts !== card.ts));
    },
  },
  { what: "App Home", run: async ({ world }) => void (await world.slack.openHome(userId(world, "dana"))) },
  ...["pending", "stats", "budget", "digest", "health", "alerts", "slo", "deploys", "incident list"].map(
    (text) => ({ what: `/emm ${text}`, run: command(text) }),
  ),
  ...["/health", "/metrics", "/api/status", "/ready"].map((path) => ({
    what: `GET ${path}`,
    run: get(path),
  })),
  { what: "/emm audit", run: command("audit") },
];

interface Cost {
  notion: number;
  blocks: number;
  statements: Statement[];
}

interface Statement {
  query: string;
  calls: number;
  blocks: number;
}

const FEW = 100;

export async function history(lab: Lab): Promise<Findings> {
  const many = lab.isQuick ? 1_000 : 10_000;
  let behindMs = 0;
  const world = await lab.world({ notionNow: () => Date.now() - behindMs });
  world.slack.hasRateLimits = false;
  /** A row of each kind a minute, as if they had come one after the other: Notion shows 10,000 of a minute at most. */
  const fillUpTo = (rows: number) => {
    for (; filled < rows; filled += 1) {
      behindMs = LONG_AGO_DAYS * DAY_MS - filled * MINUTE_MS;
      fillOne(world, filled);
    }
    behindMs = 0;
  };
  let filled = 0;
  fillUpTo(FEW);
  const env = await lab.store(lab.preferred);
  const url = env["DATABASE_URL"] ?? null;
  const hasStatements = url !== null && (await withClient(url, canCountBlocks));
  const watched = { world, url: hasStatements ? url : null };
  const first = await lab.bot(world, env, { isUnpaced: true });
  await quiet(world);
  await seedOwnRows({ world, bot: first });
  lab.say(`history: ${FEW} rows`);
  if (url !== null) await withClient(url, (client) => growStore(client, FEW));
  const before = await costs({ ...watched, bot: first });
  const start = (bot: BotProcess) => starting(lab, { world, env, bot });
  const startedWith = await start(first);
  lab.say(`history: ${many} rows in each database`);
  fillUpTo(many);
  if (url !== null) await withClient(url, (client) => growStore(client, many));
  // Dated back, they are no changes: this start reads them all, as the first one on a store does.
  if (url !== null) await withClient(url, (client) => client.query("truncate emm.nodes, emm.node_readings"));
  const reading = await start(startedWith.bot);
  const grownStart = await start(reading.bot);
  const after = await costs({ ...watched, bot: grownStart.bot });
  await grownStart.bot.end("SIGTERM");
  const starts = { before: startedWith.notion, first: reading.notion, after: grownStart.notion };
  return {
    tables: [
      notionTable({ before, after, starts, many }),
      ...storeTables(lab, { before, after, many, hasStatements }),
    ],
  };
}

// --- Notion -----------------------------------------------------------------------------------------------

const ROWS: Record<string, (nth: number) => Record<string, string | number | boolean>> = {
  "System Inbox": (nth) => ({ Input_Title: `Old item ${nth}`, Content: "Done.", Status: "Triaged_to_Task" }),
  "Executive Intents": (nth) => ({ Name: `Old intent ${nth}`, Status: "Approved" }),
  "Action Pipes": (nth) => ({
    Action_Title: `Old pipe ${nth}`,
    Approval_Status: "Approved",
    Slack_Message: "https://acme.slack.example/archives/C0/p1",
  }),
  "Agent Registry": (nth) => ({ Agent_Name: `Old adviser ${nth}`, Active: false }),
  "Execution Log": (nth) => ({ Log_Entry_Title: `Old entry ${nth}`, Log_ID: nth }),
  "Training Data": (nth) => ({ Title: `Old decision ${nth}`, Acceptance_Rate: 100 }),
  Tasks: (nth) => ({ Name: `Old task ${nth}`, Status: "Done" }),
  Projects: (nth) => ({ Name: `Old project ${nth}` }),
  Nodes: (nth) => ({ Name: `Old node ${nth}` }),
};

/** Areas are a handful everywhere: a list that people choose from. */
function fillOne(world: World, nth: number): void {
  const user = world.notion.users[0]?.id ?? "";
  for (const [database, valuesOf] of Object.entries(ROWS))
    world.notion.create({ user, database, values: valuesOf(nth) });
}

async function starting(
  lab: Lab,
  { world, env, bot }: Bench & { env: Record<string, string> },
): Promise<{ bot: BotProcess; notion: number }> {
  await bot.end("SIGTERM");
  const since = world.notion.calls.length;
  const next = await lab.bot(world, env, { isUnpaced: true });
  await quiet(world);
  return { bot: next, notion: world.notion.calls.length - since };
}

interface Grown {
  before: Map<string, Cost>;
  after: Map<string, Cost>;
  many: number;
}

function notionTable({
  before,
  after,
  starts,
  many,
}: Grown & { starts: { before: number; first: number; after: number } }): Table {
  const lines = DEEDS.map(({ what }) => ({
    what,
    few: before.get(what)?.notion ?? Number.NaN,
    lots: after.get(what)?.notion ?? Number.NaN,
  }));
  const shown = lines.filter(({ few, lots }) => few > 0 || lots > 0);
  return {
    title: `Requests to Notion with ${FEW} and with ${count(many)} rows in each database`,
    notes: [
      `The first start on a store reads the names of all nodes, a hundred in a request, because near names have to be recognised; with ${count(many)} it took ${starts.first} requests. Later ones read what changed. \`/emm export\` is left out: it is asked for the whole history.`,
    ],
    columns: ["what", `${FEW} rows`, `${count(many)} rows`],
    rows: [
      [
        "a later start, with schemas, nodes and the first look at health",
        String(starts.before),
        String(starts.after),
      ],
      ...shown.map(({ what, few, lots }) => [what, String(few), String(lots)]),
    ],
  };
}

// --- The store --------------------------------------------------------------------------------------------

/** Rows of every kind, for the copies. */
async function seedOwnRows(bench: Bench): Promise<void> {
  const items = putMany(bench.world, 24, { from: 800 });
  await poll(bench.bot);
  await until("the items are done", () => countDone(bench.world, items) === items.length, { everyMs: 250 });
  await quiet(bench.world);
  for (const card of openCards(bench.world).slice(0, 6)) {
    const click = { user: userId(bench.world, "dana"), channel: card.channel, ts: card.ts };
    await bench.world.slack.click({ ...click, actionId: "decision_approve" });
  }
  await quiet(bench.world);
}

async function canCountBlocks(client: pg.Client): Promise<boolean> {
  try {
    await client.query("create extension if not exists pg_stat_statements");
    await client.query("select 1 from pg_stat_statements limit 1");
    return true;
  } catch {
    // Another server than our own may not have it; then this table says so.
    return false;
  }
}

async function costs({ world, bot, url }: Bench & { url: string | null }): Promise<Map<string, Cost>> {
  const found = new Map<string, Cost>();
  for (const deed of DEEDS) {
    const since = world.notion.calls.length;
    if (url !== null) await withClient(url, (client) => client.query("select pg_stat_statements_reset()"));
    await deed.run({ world, bot });
    await quiet(world, 400);
    const statements = url === null ? [] : await withClient(url, readStatements);
    const looks = /^GET \/v1\/(data_sources|databases|users)/;
    found.set(deed.what, {
      notion: world.notion.calls.slice(since).filter(({ route }) => !looks.test(route)).length,
      blocks: statements.reduce((sum, { blocks }) => sum + blocks, 0),
      statements,
    });
  }
  return found;
}

async function readStatements(client: pg.Client): Promise<Statement[]> {
  const { rows } = await client.query<Statement>(
    `select query, sum(calls)::int as calls, sum(shared_blks_hit + shared_blks_read)::int as blocks
     from pg_stat_statements where dbid = (select oid from pg_database where datname = current_database())
     group by query order by blocks desc limit 200`,
  );
  const merged = new Map<string, Statement>();
  for (const { query, calls, blocks } of rows) {
    // The same question about more or fewer ids.
    const same = query.replaceAll(/\$\d+(, \$\d+)*/g, "$…");
    const known = merged.get(same) ?? { query: same, calls: 0, blocks: 0 };
    merged.set(same, { query: same, calls: known.calls + calls, blocks: known.blocks + blocks });
  }
  return [...merged.values()];
}

function storeTables(lab: Lab, grown: Grown & { hasStatements: boolean }): Table[] {
  const title = `What PostgreSQL reads, with ${FEW} and with ${count(grown.many)} rows in each table`;
  if (!grown.hasStatements) {
    const why =
      typeof lab.postgres === "string" ? lab.postgres : "the server does not have pg_stat_statements loaded";
    return [{ title, notes: [], columns: ["not measured"], rows: [[why]] }];
  }
  return [
    {
      title,
      notes: [
        "Blocks of 8 kB, from the cache or the disk, for all statements during the deed, those of the clocks behind it included. An index that is a level deeper costs a block more a look.",
      ],
      columns: ["what", `${FEW} rows`, `${count(grown.many)} rows`, "statements that read more"],
      rows: DEEDS.map(({ what }) => {
        const [few, lots] = [grown.before.get(what), grown.after.get(what)];
        const worse = lots ? grownStatements(grown.before, lots) : [];
        const words = worse.join("; ") || "none";
        return [what, count(few?.blocks ?? 0), count(lots?.blocks ?? 0), words];
      }),
    },
  ];
}

/** By what one call reads. A clock's statement falls into another deed each time: it is compared with any. */
function grownStatements(few: Map<string, Cost>, lots: Cost): string[] {
  const each = ({ blocks, calls }: Statement) => blocks / Math.max(1, calls);
  const was = new Map<string, number>();
  for (const statement of [...few.values()].flatMap(({ statements }) => statements))
    was.set(statement.query, Math.max(was.get(statement.query) ?? 0, each(statement)));
  return lots.statements.flatMap((statement) => {
    const now = each(statement);
    const before = was.get(statement.query) ?? 0;
    if (now < FEW_BLOCKS || now < before * GROWN) return [];
    const words = statement.query.replaceAll(/\s+/g, " ").replaceAll('"', "").slice(0, 90);
    return [`\`${words}\`: ${count(before)} → ${count(now)}`];
  });
}
