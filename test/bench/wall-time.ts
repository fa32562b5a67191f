/**
 * How long an item takes when the services are as slow as they are: Notion 250 ms, Claude by the step. Beside it the
 * critical path, which is what the services alone take.
 */
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "../../src/sandbox/world.ts";
import { cardsIn, cell, DECISIONS, rowTitled, userId, wordsOf } from "../flows/bot.ts";
import { SAMPLES } from "./calls.ts";
import { type Kind, put } from "./items.ts";
import { type Lab, poll, quiet, until } from "./lab.ts";
import { seconds } from "./numbers.ts";
import type { Findings } from "./report.ts";

const NOTION_MS = 250;
/** As measured on the same work in realistic latencies: 0.8 s and 6.5 ms for each token of the answer. */
const CLAUDE_MS = { triage: 1_260, frame: 1_860, advise: 8_200, synthesise: 1_860 } as const;
const LIMIT = 1.15;

/** What must happen one after the other. Nodes are made while the advisers think. */
const PATHS: Record<Kind, { claude: (keyof typeof CLAUDE_MS)[]; notion: number; notionWords: string }> = {
  dialectic: {
    claude: ["triage", "frame", "advise", "synthesise"],
    notion: 5,
    notionWords: "poll, claim, intent, pipe, card link and finish side by side",
  },
  ordinary: {
    claude: ["triage", "frame", "advise", "synthesise"],
    notion: 5,
    notionWords: "poll, claim, intent, pipe, card link and finish side by side",
  },
  task: { claude: ["triage"], notion: 4, notionWords: "poll, claim, task, finish and log side by side" },
  reference: {
    claude: ["triage"],
    notion: 7,
    notionWords: "poll, claim, look, three nodes, finish and log side by side",
  },
};

export async function wallTime(lab: Lab): Promise<Findings> {
  const world = await lab.world();
  const line = await slowLine(world.claude.url);
  const store = await lab.store(lab.preferred);
  const bot = await lab.bot(world, { ...store, ANTHROPIC_BASE_URL: line.url });
  try {
    await quiet(world);
    world.notion.latencyMs = NOTION_MS;
    const rows: Timed[] = [];
    for (const { kind, what, text } of SAMPLES) {
      lab.say(`wall-time: ${what}`);
      const begun = performance.now();
      const item = put(world, kind, text);
      const polled = poll(bot);
      const status = () =>
        cell(
          world.notion.rows("System Inbox").find(({ id }) => id === item.id),
          "Status",
        );
      await until(`${what} is triaged`, () => status().startsWith("Triaged"), { everyMs: 20 });
      const tookMs = performance.now() - begun;
      await polled;
      rows.push({ kind, what, tookMs });
      await quiet(world);
    }
    lab.say("wall-time: approve");
    const approved = await approval(world);
    await bot.end("SIGTERM");
    return report(rows, approved);
  } finally {
    await line.close();
  }
}

interface Timed {
  kind: Kind;
  what: string;
  tookMs: number;
}

/** From the click to the acknowledgement, and to the log entry that is written last. */
async function approval(world: World) {
  const title = SAMPLES[0]?.text.title ?? "";
  const card = cardsIn(world, DECISIONS).find((message) => wordsOf(message).includes(title));
  if (!card) throw new Error("no card to approve");
  const begun = performance.now();
  const click = { user: userId(world, "dana"), channel: card.channel, ts: card.ts };
  const { acknowledgedMs } = await world.slack.click({ ...click, actionId: "decision_approve" });
  const logged = () => rowTitled(world, "Execution Log", `Decision approved: ${title}`) !== undefined;
  await until("the decision is recorded", logged, { everyMs: 20 });
  return { acknowledgedMs, recordedMs: performance.now() - begun };
}

function pathMs({ claude, notion }: (typeof PATHS)[Kind]): number {
  return claude.reduce((sum, step) => sum + CLAUDE_MS[step], 0) + notion * NOTION_MS;
}

/** Verify; pipe and intent; training; project; tasks; log. */
const APPROVAL_PATH = 6;

function report(rows: Timed[], approved: { acknowledgedMs: number; recordedMs: number }): Findings {
  const dialectic = rows.find(({ kind }) => kind === "dialectic");
  const path = pathMs(PATHS.dialectic);
  const tookMs = dialectic?.tookMs ?? Number.NaN;
  const ratio = (took: number, floor: number) => `${(took / floor).toFixed(2)} ×`;
  const line = ({ kind, what, tookMs: took }: Timed) => {
    const { claude, notion, notionWords } = PATHS[kind];
    const floor = pathMs(PATHS[kind]);
    const words = `${claude.join(", ")}; ${notion} × Notion (${notionWords})`;
    return [what, seconds(took), seconds(floor), ratio(took, floor), words];
  };
  const approvalFloor = APPROVAL_PATH * NOTION_MS;
  return {
    budgets: {
      wallTime: {
        value: `${seconds(tookMs)}, ${ratio(tookMs, path)} of ${seconds(path)}`,
        within: tookMs <= path * LIMIT && tookMs < 20_000,
      },
    },
    tables: [
      {
        title: "Wall time, against the critical path",
        notes: [
          `Notion answers after ${NOTION_MS} ms; Claude after ${Object.entries(CLAUDE_MS)
            .map(([step, durationMs]) => `${durationMs / 1_000} s (${step})`)
            .join(
              ", ",
            )}. From the item in the inbox, polled at once, until its inbox row says what became of it.`,
        ],
        columns: ["what", "took", "critical path", "ratio", "of what"],
        rows: [
          ...rows.map(line),
          [
            `approve, with tasks and a project (acknowledged after ${approved.acknowledgedMs} ms)`,
            seconds(approved.recordedMs),
            seconds(approvalFloor),
            ratio(approved.recordedMs, approvalFloor),
            `${APPROVAL_PATH} × Notion (verify, pipe and intent, training, project, tasks, log)`,
          ],
        ],
      },
    ],
  };
}

/** Between the bot and Claude: passes everything on, after as long as the step would take. */
async function slowLine(to: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((incoming, answer) => {
    void passOn(to, incoming, answer).catch(() => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function passOn(to: string, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks);
  await sleep(delayOf(body.toString("utf8")));
  const target = new URL(incoming.url ?? "/", to);
  const headers = { ...incoming.headers, host: target.host };
  const outgoing = httpRequest(target, { method: incoming.method, headers }, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
  });
  outgoing.on("error", () => answer.destroy());
  outgoing.end(body);
}

/** The title of the schema that the answer has to follow names the step. */
function delayOf(body: string): number {
  const step = Object.entries(CLAUDE_MS).find(([name]) => body.includes(`"title":"${name}"`));
  return step?.[1] ?? 0;
}
