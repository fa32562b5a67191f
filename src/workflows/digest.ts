/**
 * The digest: one post per tick, on whichever replica is first, also when the tick came while nobody was there. Everything
 * in it is from the bot's own tables, but for the tasks that people finished, which the weekly one asks Notion for.
 */
import type { BudgetState } from "../domain/budget.ts";
import { calendarOf } from "../domain/calendar.ts";
import { slotsBetween } from "../domain/cron-slots.ts";
import {
  type Digest,
  type DigestFacts,
  type DigestKind,
  type DueDigest,
  digestOf,
  dueDigests,
  isWorthPosting,
  type PastDigest,
  periodStart,
} from "../domain/digest.ts";
import type { DecisionBrief } from "../domain/figures.ts";
import type { HealthReport } from "../domain/health.ts";
import type { MessageRef } from "../domain/item.ts";
import { isAppError } from "../errors.ts";
import type { SettingsBook } from "./books.ts";
import { registerWorkflow, StepFailed, startOnce, step, stepOnce } from "./engine.ts";

interface Period {
  since: string;
  until: string;
}

export interface DigestBook {
  note(found: DueDigest[], outcome: "due" | "covered" | "missed"): Promise<void>;
  due(): Promise<{ kind: DigestKind; slot: string }[]>;
  lastDue(kind: DigestKind): Promise<string | null>;
  past(): Promise<PastDigest[]>;
  missedSince(since: string): Promise<string[]>;
  lastQuietAt(): Promise<string | null>;
  told(
    digest: { kind: DigestKind; slot: string },
    how: { outcome: "posted" | "posted_quiet" | "quiet" | "missed"; until: string | null },
  ): Promise<void>;
}

export interface FigureBook {
  decidedIn(period: Period): Promise<DecisionBrief[]>;
  pending(): Promise<DecisionBrief[]>;
  itemsSeenIn(period: Period): Promise<number>;
  itemsEndedIn(period: Period): Promise<{ operational: number; reference: number }>;
  givenUpNow(): Promise<number>;
  spentIn(period: Period): Promise<{ usd: number; calls: number }>;
}

export interface DigestBoard {
  /** Once per key. */
  postDigest(key: string, digest: Digest): Promise<MessageRef>;
}

export interface DigestDeps {
  digests: DigestBook;
  figures: FigureBook;
  settings: SettingsBook;
  board: DigestBoard;
  /** Of people, since then (ISO 8601); asks Notion once. */
  tasksDoneSince(since: string): Promise<{ count: number; isAtLeast: boolean }>;
  health(): HealthReport;
  budget(): Promise<BudgetState>;
  /** Five cron fields; null = off. */
  schedule: Record<DigestKind, string | null> & { timezone: string };
  now: () => Date;
}

export interface Digests {
  /** Posts what is due; call it every minute, and at the start. */
  tick(): Promise<void>;
  /** What a digest would say now. Changes nothing. */
  preview(kind: DigestKind): Promise<Digest>;
}

const WATCH = "digest-watch";
const KINDS: readonly DigestKind[] = ["daily", "weekly"];

/** Since when these expressions hold: no tick before that was ever promised. */
interface Watch {
  schedule: string;
  since: string;
}

/** Call before the engine is launched. */
export function registerDigests(deps: DigestDeps): Digests {
  const digest = registerWorkflow("digest", async (kind: DigestKind, slot: string): Promise<void> => {
    const key = `${kind}:${slot}`;
    const period = await step(`period:${key}`, () => periodOf(deps, kind));
    const tasksDone =
      kind === "weekly"
        ? await stepOnce(`tasks-done:${key}`, () => tasksDoneOrNull(deps, period.since))
        : null;
    const { content, isWorth } = await step(`gather:${key}`, async () => {
      const gathered = await gather(deps, { kind, period, tasksDone });
      return { content: gathered, isWorth: isWorthPosting(gathered, await silence(deps, period.until)) };
    });
    const told = isWorth ? await post(deps, key, content) : "quiet";
    await step(`told:${key}`, () =>
      deps.digests.told({ kind, slot }, { outcome: told, until: told === "missed" ? null : period.until }),
    );
  });

  return {
    async tick() {
      await noteDue(deps);
      // Also what an earlier look noted: its process may have died before it began.
      for (const { kind, slot } of await deps.digests.due()) {
        await startOnce(`digest:${kind}:${slot}`, digest, kind, slot);
      }
    },
    async preview(kind) {
      const period = await periodOf(deps, kind);
      const tasksDone = kind === "weekly" ? await tasksDoneOrNull(deps, period.since) : null;
      return gather(deps, { kind, period, tasksDone });
    },
  };
}

/** After hours without Slack, or with no channel left to post in, it is the next one's to say so. */
async function post(
  deps: DigestDeps,
  key: string,
  content: Digest,
): Promise<"posted" | "posted_quiet" | "missed"> {
  try {
    await step(`post:${key}`, () => deps.board.postDigest(`digest:${key}`, content));
    return content.isQuiet ? "posted_quiet" : "posted";
  } catch (error) {
    if (error instanceof StepFailed) return "missed";
    throw error;
  }
}

/** Twice at the same moment notes the same: rows are keyed by the tick's local time. */
async function noteDue({ digests, settings, schedule, now }: DigestDeps): Promise<void> {
  const until = now();
  const words = JSON.stringify(schedule);
  const watch = await settings.get<Watch>(WATCH);
  if (watch?.schedule !== words) {
    await settings.set(WATCH, { schedule: words, since: until.toISOString() } satisfies Watch);
    return;
  }
  const slots = { daily: [], weekly: [] } as Parameters<typeof dueDigests>[0];
  for (const kind of KINDS) {
    const cron = schedule[kind];
    if (cron === null) continue;
    const last = (await digests.lastDue(kind)) ?? watch.since;
    const after = new Date(Math.max(Date.parse(last), Date.parse(watch.since)));
    if (after < until) slots[kind] = slotsBetween({ cron, timezone: schedule.timezone }, { after, until });
  }
  const plan = dueDigests(slots, until);
  // What nobody saw first, so that the one that is posted can say so.
  await digests.note(plan.missed, "missed");
  await digests.note(plan.covered, "covered");
  await digests.note(plan.post, "due");
}

async function periodOf({ digests, now }: DigestDeps, kind: DigestKind): Promise<Period> {
  const until = now();
  return { since: periodStart(kind, await digests.past(), until), until: until.toISOString() };
}

/** A weekly digest without this number is better than none; null is shown as "no data". */
function tasksDoneOrNull(deps: DigestDeps, since: string): Promise<DigestFacts["tasksDone"]> {
  return deps.tasksDoneSince(since).catch((error: unknown) => {
    if (!isAppError(error)) throw error;
    return null;
  });
}

const LATELY_MS = 30 * 86_400_000;

interface Gathering {
  kind: DigestKind;
  period: Period;
  tasksDone: DigestFacts["tasksDone"];
}

async function gather(deps: DigestDeps, { kind, period, tasksDone }: Gathering): Promise<Digest> {
  const { figures, digests } = deps;
  const told = (await digests.past()).map((past) => past.until).sort();
  const lately = new Date(Date.parse(period.until) - LATELY_MS).toISOString();
  const ended = await figures.itemsEndedIn(period);
  const budget = await deps.budget();
  return digestOf({
    kind,
    ...period,
    decided: await figures.decidedIn(period),
    decidedLately: await figures.decidedIn({ since: lately, until: period.until }),
    pending: await figures.pending(),
    items: {
      new: await figures.itemsSeenIn(period),
      tasks: ended.operational,
      notes: ended.reference,
      givenUp: await figures.givenUpNow(),
      unpaid: budget.isReached ? budget.waiting : 0,
    },
    tasksDone,
    spend: await figures.spentIn(period),
    // Those that an earlier digest has told of are not told of again.
    missed: await digests.missedSince(told.at(-1) ?? period.since),
    health: deps.health(),
  });
}

async function silence({ digests, schedule }: DigestDeps, until: string) {
  const calendar = calendarOf(schedule.timezone);
  const last = await digests.lastQuietAt();
  return {
    lastQuietOn: last === null ? null : calendar.localOf(new Date(last)).date,
    today: calendar.localOf(new Date(until)).date,
  };
}
