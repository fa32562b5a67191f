/**
 * What happens in one round of the fault campaign: items, what people do, and what goes wrong when. Pure: drawn from a
 * seed, plain JSON, and made smaller part by part while a failure is being narrowed down.
 */
import { z } from "zod";
import type { SeededRandom } from "../fixtures/seeded-random.ts";
import { CREATES, drawFault, drawLostCreate } from "./draw-fault.ts";

const Moment = z.number().int().min(0);

const Item = z.object({
  id: z.number().int(),
  atMs: Moment,
  kind: z.enum(["dialectic", "ordinary", "task", "reference"]),
  /** Two items of one kind and name are the same words put in twice. */
  name: z.number().int().min(0).max(9),
  /** With a content that means harm. */
  hostile: z.boolean(),
  via: z.enum(["notion", "slack"]),
});

const Act = z.object({
  item: z.number().int(),
  /** After the card can be clicked. */
  afterMs: Moment,
  by: z.enum(["dana", "sam", "lee", "gale", "robin"]),
  /** "touch": edits the plan in Notion, which makes the card an old one. */
  what: z.enum(["approve", "edit", "reject", "touch", "approve-in-notion"]),
  /** Clicks at the same moment. */
  times: z.number().int().min(1).max(3),
});

const Effect = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("status"),
    status: z.number().int(),
    code: z.string().optional(),
    retryAfterSeconds: z.number().optional(),
  }),
  z.object({ kind: z.literal("committed-error"), status: z.number().int() }),
  z.object({ kind: z.literal("hang"), committed: z.boolean() }),
  z.object({ kind: z.literal("reset"), committed: z.boolean() }),
  z.object({ kind: z.literal("delay"), ms: z.number().int() }),
  z.object({ kind: z.literal("garbage"), body: z.string() }),
  z.object({ kind: z.literal("stop"), reason: z.enum(["refusal", "max_tokens"]) }),
]);

const Side = z.enum(["notion", "claude", "slack"]);
const common = { atMs: Moment };

const PlannedFault = z.discriminatedUnion("kind", [
  z.object({
    ...common,
    kind: z.literal("vendor"),
    side: Side,
    /** Source of a pattern over routes. */
    route: z.string(),
    effect: Effect,
    after: z.number().int().min(0),
    times: z.number().int().min(1).nullable(),
    forMs: Moment,
  }),
  /** SIGKILL; with `on` at the moment when a request of the bot to this route has no answer. */
  z.object({
    ...common,
    kind: z.literal("kill"),
    replica: z.number().int(),
    downMs: Moment,
    on: z.object({ side: Side, route: z.string(), after: Moment, committed: z.boolean() }).nullable(),
  }),
  z.object({ ...common, kind: z.literal("term"), replica: z.number().int(), downMs: Moment }),
  z.object({ ...common, kind: z.literal("clock"), shiftMs: z.number().int(), forMs: Moment }),
  /** Stops the server, "fast" with a word to its clients, "immediate" without. */
  z.object({
    ...common,
    kind: z.literal("database"),
    mode: z.enum(["fast", "immediate"]),
    forMs: Moment,
  }),
  z.object({ ...common, kind: z.literal("disk"), leaveBytes: z.number().int(), forMs: Moment }),
  /** What happens to requests on their way from Slack to the bot. */
  z.object({
    ...common,
    kind: z.literal("mail"),
    how: z.enum(["twice", "reordered", "answer-lost"]),
    forMs: Moment,
  }),
]);

const Schedule = z.object({
  seed: z.number().int(),
  store: z.enum(["embedded", "postgres"]),
  replicas: z.number().int().min(1).max(3),
  /** The bot's budget, and what the stand-in allows. */
  notionPerMinute: z.number().int().min(1),
  notionMs: Moment,
  claudeMs: Moment,
  undoSeconds: z.number().int().min(0),
  items: z.array(Item),
  acts: z.array(Act),
  faults: z.array(PlannedFault),
});

export type Schedule = z.infer<typeof Schedule>;
export type PlannedItem = z.infer<typeof Item>;
export type PlannedAct = z.infer<typeof Act>;
export type PlannedFault = z.infer<typeof PlannedFault>;

export interface DrawOptions {
  seed: number;
  hasPostgres: boolean;
  hasSmallDisk: boolean;
  /** Only what heals within seconds. */
  isQuick: boolean;
  undoSeconds: number;
}

/** When the last item has come in and the last fault has begun. */
const WINDOW_MS = { quick: 5_000, full: 12_000 };

export function drawSchedule(random: SeededRandom, options: DrawOptions): Schedule {
  const { isQuick } = options;
  const store = options.hasPostgres && random.between(1, 2) === 1 ? "postgres" : "embedded";
  const replicas = store === "postgres" ? random.between(1, isQuick ? 2 : 3) : 1;
  const windowMs = isQuick ? WINDOW_MS.quick : WINDOW_MS.full;
  const [least, most] = isQuick ? QUICK : FULL;
  const items = drawItems(random, { count: random.between(least, most), windowMs });
  const draw = { ...options, store, replicas, windowMs } as const;
  const faults = Array.from({ length: random.between(2, isQuick ? 3 : 6) }, (_, nth) =>
    // In three rounds of four, which makes it half of what goes wrong at Notion.
    nth === 0 && random.between(1, 4) > 1 ? drawLostCreate(random, draw) : drawFault(random, draw),
  );
  return {
    seed: options.seed,
    ...{ store, replicas },
    notionPerMinute: random.pick([600, 1_200]),
    notionMs: random.between(5, 40),
    claudeMs: random.between(20, isQuick ? 150 : 500),
    undoSeconds: options.undoSeconds,
    ...{ items, acts: drawActs(random, items) },
    faults: faults.toSorted((a, b) => a.atMs - b.atMs),
  };
}

const QUICK = [3, 5] as const;
const FULL = [4, 10] as const;
const KINDS = ["dialectic", "dialectic", "ordinary", "ordinary", "task", "reference"] as const;

function drawItems(
  random: SeededRandom,
  { count, windowMs }: { count: number; windowMs: number },
): PlannedItem[] {
  const items: PlannedItem[] = [];
  for (let id = 0; id < count; id += 1) {
    const twin = items.at(-1);
    const kind = random.pick(KINDS);
    const item = {
      ...{ id, kind, name: items.filter((one) => one.kind === kind).length % 10 },
      atMs: random.pick([0, random.between(0, windowMs)]),
      hostile: random.between(1, 5) === 1,
      via: kind === "ordinary" && random.between(1, 3) === 1 ? ("slack" as const) : ("notion" as const),
    };
    const isTwin = twin !== undefined && random.between(1, 6) === 1;
    items.push(isTwin ? { ...twin, id, atMs: item.atMs } : item);
  }
  return items;
}

export const isStrategic = ({ kind }: Pick<PlannedItem, "kind">) =>
  kind === "dialectic" || kind === "ordinary";

function drawActs(random: SeededRandom, items: PlannedItem[]): PlannedAct[] {
  return items.filter(isStrategic).flatMap((item) => {
    const count = random.pick([0, 1, 1, 2, 2, 3]);
    const together = random.between(0, 3_000);
    return Array.from({ length: count }, () => ({
      item: item.id,
      afterMs: random.pick([together, random.between(0, 3_000)]),
      by: random.pick(["dana", "dana", "sam", "sam", "lee", "gale"] as const),
      what: random.pick([...CLICKS, ...CLICKS, "touch", "approve-in-notion"] as const),
      times: random.pick([1, 1, 1, 2, 3]),
    }));
  });
}

const CLICKS = ["approve", "approve", "edit", "reject"] as const;

/** Throws with every problem when it is not one. */
export function parseSchedule(text: string): Schedule {
  return Schedule.parse(JSON.parse(text));
}

/** Approvers, and so those whose word counts. */
export const MAY_DECIDE: readonly string[] = ["dana", "sam"];

export function decides({ what, by }: PlannedAct): boolean {
  return what !== "touch" && MAY_DECIDE.includes(by);
}

/** In a few words, for progress and tables. */
export function faultWords(fault: PlannedFault): string {
  switch (fault.kind) {
    case "vendor":
      return `${placeWords(fault)} ${effectWords(fault.effect)}`;
    case "kill":
      return fault.on === null ? "kill" : `kill in ${placeWords(fault.on)}`;
    case "clock":
      return `clock ${fault.shiftMs > 0 ? "+" : ""}${fault.shiftMs / 1_000} s`;
    case "database":
      return `database ${fault.mode}`;
    case "mail":
      return `mail ${fault.how}`;
    case "term":
    case "disk":
      return fault.kind;
  }
}

const placeWords = ({ side, route }: { side: string; route: string }) =>
  route === CREATES ? `${side} create` : side;

function effectWords(effect: z.infer<typeof Effect>): string {
  switch (effect.kind) {
    case "status":
      return effect.code ?? String(effect.status);
    case "committed-error":
      return `${effect.status} after commit`;
    case "hang":
    case "reset":
      return effect.committed ? `${effect.kind} after commit` : effect.kind;
    case "delay":
      return `${effect.ms} ms late`;
    case "garbage":
      return "garbage";
    case "stop":
      return effect.reason;
  }
}
