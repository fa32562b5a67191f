/**
 * Looks at the facts again and again and reports what the rules make of them. A condition is reported for as long as it
 * holds; when this process dies, its reports fade by themselves. Never waits for a vendor and never rejects.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Alarm } from "../domain/alert.ts";
import { MINUTE_MS } from "../domain/calendar.ts";
import type { HealthReport } from "../domain/health.ts";
import { type ReportFault, toFailure } from "../errors.ts";
import type { Log } from "../log.ts";
import type { StoreFacts } from "./ports.ts";
import { type Facts, judge, SHARED_KEYS, type Verdict } from "./rules.ts";
import type { Signs } from "./signs.ts";

export interface EvaluatorDeps {
  alarm: Alarm;
  health: () => HealthReport;
  signs: Signs;
  facts: StoreFacts;
  memory: () => Facts["memory"];
  /** Hears how the store is, without needing it. */
  outcry: (health: HealthReport) => Promise<void>;
  /** Names this process. */
  source: string;
  now: () => Date;
  log: Log;
  reportFault: ReportFault;
  everyMs: number;
}

export interface Evaluator {
  start(): void;
  /** Looks now. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * A report that is not repeated for so long has lost its reporter. Longer than the rules need to see the same again after
 * a restart (5 minutes): a restart must not tell people that a problem is gone.
 */
const FRESH_MS = 6 * MINUTE_MS;
const SHARED_SOURCE = "store";
const STOP_MS = 1_000;

export function createEvaluator(deps: EvaluatorDeps): Evaluator {
  const { alarm, now, log, reportFault } = deps;
  const raised = new Set<string>();
  const began = new Map<string, Date>();
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let isStopped = false;

  const since = (key: string, seen: Date | null, at: Date): number | null => {
    if (seen === null) {
      began.delete(key);
      return null;
    }
    const known = began.get(key);
    // From the future: the clock went back.
    const first = known === undefined || known > at ? seen : known;
    began.set(key, first);
    return Math.max(0, at.getTime() - first.getTime());
  };
  const report = async (verdict: Verdict): Promise<void> => {
    const { key } = verdict;
    const isShared = SHARED_KEYS.has(key);
    const source = isShared ? SHARED_SOURCE : deps.source;
    if (verdict.kind === "firing") {
      const { severity, title, detail } = verdict;
      raised.add(key);
      await alarm.raise({ key, source, severity, title, detail, url: null, freshForMs: FRESH_MS });
    } else if (verdict.kind === "clear" && (isShared || raised.has(key))) {
      await alarm.resolve({ key, source, detail: null });
      raised.delete(key);
    }
  };
  const evaluate = async (): Promise<void> => {
    await deps.outcry(deps.health());
    try {
      const verdicts = judge(await gather(deps), since);
      for (const verdict of verdicts) await report(verdict);
    } catch (error) {
      // Most likely the store does not answer: then health is red, and whoever waits for the heartbeat hears of it.
      log.warn({ code: toFailure(error).code }, "rules could not be looked at; the next look tries again");
      reportFault({ surface: "alerts", reference: `rules:${now().toISOString()}`, error });
    }
  };
  const look = (): Promise<void> => {
    // The last poll of a process that is stopping has nobody left to tell.
    if (isStopped) return Promise.resolve();
    running ??= evaluate().finally(() => {
      running = null;
    });
    return running;
  };
  return {
    start() {
      timer = setInterval(() => void look(), deps.everyMs);
    },
    look,
    async stop() {
      isStopped = true;
      if (timer !== null) clearInterval(timer);
      await Promise.race([running, sleep(STOP_MS, undefined, { ref: false })]);
    },
  };
}

async function gather({ health, signs, facts, memory, now }: EvaluatorDeps): Promise<Facts> {
  const at = now();
  return {
    now: at,
    health: health(),
    requests: signs.requests(at),
    notion: signs.notion(),
    claude: signs.claude(),
    memory: memory(),
    deadLetters: await facts.deadLetters(),
    unrecorded: await facts.unrecorded(),
    budget: await facts.budget(),
  };
}
