/** From the start of the process until it says that it is ready, and what it takes while nothing happens. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, residentBytes, type StoreKind } from "./lab.ts";
import { median, megabytes, seconds } from "./numbers.ts";
import type { Findings } from "./report.ts";

const STARTS = 5;
const REST_MS = 8_000;

const LIMITS = {
  postgres: { name: "PostgreSQL", startMs: 2_000, bytes: 160e6 },
  embedded: { name: "embedded", startMs: 6_000, bytes: 450e6 },
} as const;

const UNKNOWN = { restBytes: null, peakBytes: null };

interface Line {
  kind: StoreKind;
  firstMs: number;
  againMs: number[];
  restBytes: number | null;
  /** On the empty store, which has to be made. */
  first: Memory;
}

interface Memory {
  restBytes: number | null;
  peakBytes: number | null;
}

export async function startAndMemory(lab: Lab): Promise<Findings> {
  const kinds: StoreKind[] = typeof lab.postgres === "string" ? ["embedded"] : ["postgres", "embedded"];
  const lines: Line[] = [];
  for (const kind of kinds) lines.push(await measured(lab, kind));
  return report(lab, lines);
}

async function measured(lab: Lab, kind: StoreKind): Promise<Line> {
  lab.say(`start-memory: ${LIMITS[kind].name}`);
  const world = await lab.world();
  const store = await lab.store(kind);
  const times: number[] = [];
  const memories: Memory[] = [];
  const starts = lab.isQuick ? 2 : STARTS;
  for (let nth = 0; nth <= starts; nth += 1) {
    const begun = performance.now();
    const bot = await lab.bot(world, store);
    times.push(performance.now() - begun);
    if (nth === 0 || nth === starts) {
      await sleep(lab.isQuick ? 2_000 : REST_MS);
      memories.push({ restBytes: residentBytes(bot.pid), peakBytes: residentBytes(bot.pid, "peak") });
    }
    await bot.end("SIGTERM");
  }
  const [firstMs = Number.NaN, ...againMs] = times;
  const [first = UNKNOWN, last = UNKNOWN] = memories;
  return { kind, firstMs, againMs, restBytes: last.restBytes, first };
}

function report(lab: Lab, lines: Line[]): Findings {
  const words = (say: (line: Line) => string) =>
    lines.map((line) => `${say(line)} (${LIMITS[line.kind].name})`).join(", ");
  const isInTime = ({ kind, firstMs, againMs }: Line) =>
    Math.max(firstMs, median(againMs)) <= LIMITS[kind].startMs;
  const most = ({ restBytes, first }: Line) =>
    restBytes === null || first.restBytes === null ? null : Math.max(restBytes, first.restBytes);
  const isSmall = (line: Line) => (most(line) ?? Number.POSITIVE_INFINITY) <= LIMITS[line.kind].bytes;
  const isKnown = lines.every((line) => most(line) !== null);
  return {
    budgets: {
      start: {
        value: words(
          ({ firstMs, againMs }) => `first ${seconds(firstMs)}, later ${seconds(median(againMs))}`,
        ),
        within: lines.every(isInTime),
      },
      memory: {
        value: words((line) => megabytes(most(line))),
        within: isKnown ? lines.every(isSmall) : null,
      },
    },
    tables: [
      {
        title: "Start and memory",
        notes: [
          `The built bot alone. Ready: \`GET /ready\` says 200. First: on an empty store, all tables are made. Memory: resident, ${lab.isQuick ? 2 : REST_MS / 1_000} s after the start.`,
          ...(typeof lab.postgres === "string" ? [`PostgreSQL not measured: ${lab.postgres}.`] : []),
        ],
        columns: [
          "store",
          "first start",
          "later starts, median",
          "slowest",
          "memory at rest",
          "after the first start",
          "its peak",
        ],
        rows: lines.map(({ kind, firstMs, againMs, restBytes, first }) => [
          LIMITS[kind].name,
          seconds(firstMs),
          seconds(median(againMs)),
          seconds(Math.max(...againMs)),
          megabytes(restBytes),
          megabytes(first.restBytes),
          megabytes(first.peakBytes),
        ]),
      },
    ],
  };
}
