/** What one item costs: requests to Notion by endpoint, Claude calls, tokens and money. Counted where they are answered. */
import type { World } from "../../src/sandbox/world.ts";
import type { BotProcess } from "../fixtures/bot-process.ts";
import { samplesIn, sumOf } from "../fixtures/exposition.ts";
import { cardsIn, DECISIONS, userId, wordsOf } from "../flows/bot.ts";
import type { BudgetId } from "./budgets.ts";
import { countDone, type Item, type Kind, put } from "./items.ts";
import { type Lab, poll, quiet, until } from "./lab.ts";
import { count, serialDepth } from "./numbers.ts";
import type { Findings, Measured } from "./report.ts";

interface Sample {
  kind: Kind;
  what: string;
  budget: BudgetId;
  limit: number;
  text: { title: string; content: string };
}

export const SAMPLES: readonly Sample[] = [
  {
    kind: "dialectic",
    what: "strategic, three advisers, 3 new concepts",
    budget: "callsDialectic",
    limit: 10,
    text: {
      title: "Should we expand to the Nordic market in 2027?",
      content:
        "Expanding to Sweden and Norway would cost about 2 million euros and changes the whole company.",
    },
  },
  {
    kind: "ordinary",
    what: "strategic, one adviser",
    budget: "callsOneAdviser",
    limit: 10,
    text: {
      title: "Should we change the weekly meeting to Tuesdays?",
      content: "Whether to move the weekly team meeting.",
    },
  },
  {
    kind: "task",
    what: "operational",
    budget: "callsOperational",
    limit: 4,
    text: {
      title: "Book the venue for the summer party",
      content: "Book a place for 40 people before 1 June.",
    },
  },
  {
    kind: "reference",
    what: "reference, 3 new concepts",
    budget: "callsReference",
    limit: 7,
    text: {
      title: "Notes from the meeting with Anna Lind",
      content: "FYI: met Anna Lind of Nordlys GmbH about the payroll service.",
    },
  },
];

/** The poll's own two queries and the minute's look at the databases are not the item's. */
const POLL_QUERIES = 2;
const LOOKS = /^GET \/v1\/(data_sources|databases|users)/;

/** Long enough that calls side by side overlap whatever the machine does. */
const LATENCY_MS = 150;

export async function calls(lab: Lab): Promise<Findings> {
  const world = await lab.world();
  const bot = await lab.bot(world, await lab.store(lab.preferred));
  await quiet(world);
  world.notion.latencyMs = LATENCY_MS;
  world.claude.latencyMs = LATENCY_MS;
  const found: Found[] = [];
  for (const sample of SAMPLES) {
    lab.say(`calls: ${sample.what}`);
    found.push(await oneItem({ world, bot }, sample));
  }
  lab.say("calls: approve, idle poll");
  const approved = await approve(world);
  const idle = await counting(world, () => poll(bot));
  await bot.end("SIGTERM");
  return report(found, approved, idle);
}

interface Bench {
  world: World;
  bot: BotProcess;
}

interface Found {
  sample: Sample;
  notion: Map<string, number>;
  notionDepth: number;
  claude: { calls: number; depth: number; input: number; output: number; usd: number };
}

async function oneItem({ world, bot }: Bench, sample: Sample): Promise<Found> {
  const before = await spent(bot);
  const asked = world.claude.calls.length;
  const since = world.notion.calls.length;
  const item = put(world, sample.kind, sample.text);
  const notion = await counting(world, async () => {
    await poll(bot);
    await finished(world, item);
  });
  const after = await spent(bot);
  const claude = world.claude.calls.slice(asked).filter(({ route }) => route.startsWith("POST"));
  return {
    sample,
    notion: withoutPoll(notion),
    notionDepth: serialDepth(world.notion.calls.slice(since).filter(({ route }) => !LOOKS.test(route))),
    claude: {
      calls: claude.length,
      depth: serialDepth(claude),
      input: after.input - before.input,
      output: after.output - before.output,
      usd: after.usd - before.usd,
    },
  };
}

const finished = (world: World, item: Item) =>
  until(`${item.title} is done`, () => countDone(world, [item]) === 1, { limitMs: 60_000 });

/** Requests by route, until nothing more comes. */
async function counting(world: World, run: () => Promise<void>): Promise<Map<string, number>> {
  const since = world.notion.calls.length;
  await run();
  await quiet(world);
  const counts = new Map<string, number>();
  for (const { route } of world.notion.calls.slice(since)) {
    if (!LOOKS.test(route)) counts.set(route, (counts.get(route) ?? 0) + 1);
  }
  return counts;
}

const QUERY = "POST /v1/data_sources/:id/query";

function withoutPoll(counts: Map<string, number>): Map<string, number> {
  const rest = (counts.get(QUERY) ?? 0) - POLL_QUERIES;
  const others = [...counts].filter(([route]) => route !== QUERY);
  return new Map(rest > 0 ? [...others, [QUERY, rest]] : others);
}

async function spent(bot: BotProcess) {
  const samples = samplesIn(await (await fetch(`${bot.url}/metrics`)).text());
  const tokens = (type: string) => sumOf(samples, "anthropic_tokens_used_total", { type }) ?? 0;
  return {
    input: tokens("input"),
    output: tokens("output"),
    usd: sumOf(samples, "anthropic_cost_usd_total") ?? 0,
  };
}

async function approve(world: World) {
  const title = SAMPLES[0]?.text.title ?? "";
  const card = cardsIn(world, DECISIONS).find((message) => wordsOf(message).includes(title));
  if (!card) throw new Error("no card to approve");
  const trained = world.notion.rows("Training Data").length;
  const user = userId(world, "dana");
  const notion = await counting(world, async () => {
    await world.slack.click({ user, channel: card.channel, ts: card.ts, actionId: "decision_approve" });
    await until("a training row", () => world.notion.rows("Training Data").length > trained);
  });
  return notion;
}

const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, n) => sum + n, 0);

const routes = (counts: Map<string, number>) =>
  [...counts]
    .map(([route, n]) => `${n} × ${route.replace("/v1/", "").replace("data_sources/:id/", "")}`)
    .join(", ");

function report(found: Found[], approved: Map<string, number>, idle: Map<string, number>): Findings {
  const within = (value: number, limit: number): Measured => ({
    value: String(value),
    within: value <= limit,
  });
  const budgets: Findings["budgets"] = {
    callsApprove: approvalMeasure(approved),
    callsIdle: within(total(idle), 2),
    claudeDepth: within(Math.max(...found.map(({ claude }) => claude.depth)), 4),
  };
  for (const { sample, notion } of found) budgets[sample.budget] = within(total(notion), sample.limit);
  return { budgets, tables: [notionTable(found, approved, idle), claudeTable(found)] };
}

/** Beside the tasks: verify, pipe, intent, training, project, log. */
const BESIDE_TASKS = 6;
const tasksOf = (approved: Map<string, number>) => (approved.get("POST /v1/pages") ?? 0) - 3;

function approvalMeasure(approved: Map<string, number>): Measured {
  const tasks = tasksOf(approved);
  const within = total(approved) <= BESIDE_TASKS + tasks;
  const same = total(approved) - tasks + 3;
  return {
    value: tasks === 3 ? String(same) : `${same} (measured: ${total(approved)} with ${tasks} tasks)`,
    within,
  };
}

function notionTable(found: Found[], approved: Map<string, number>, idle: Map<string, number>) {
  return {
    title: "Requests to Notion, by endpoint",
    notes: [
      "Without the poll's own two queries and the look at the ten databases once a minute. In a row: the longest chain in which each waits for the one before, the poll's query included.",
    ],
    columns: ["what", "requests", "in a row", "of them"],
    rows: [
      ...found.map(({ sample, notion, notionDepth }) => [
        sample.what,
        String(total(notion)),
        String(notionDepth),
        routes(notion),
      ]),
      [
        `approve with ${tasksOf(approved)} tasks and a project`,
        String(total(approved)),
        "–",
        routes(approved),
      ],
      ["idle poll", String(total(idle)), "–", routes(idle)],
    ],
  };
}

function claudeTable(found: Found[]) {
  return {
    title: "Claude, per item",
    notes: [
      "Tokens as the stand-in counts them, about four bytes each; its answers are shorter than a model's. Money by the price table of `src/agents/prices.ts`.",
    ],
    columns: ["what", "calls", "in a row", "input tokens", "output tokens", "USD"],
    rows: found.map(({ sample, claude }) => [
      sample.what,
      String(claude.calls),
      String(claude.depth),
      count(claude.input),
      count(claude.output),
      claude.usd.toFixed(4),
    ]),
  };
}
