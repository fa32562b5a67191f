/** The little buttons that break the world for a while, so that one can watch the bot cope. */
import type { Fault } from "../stand-ins.ts";
import type { World } from "../world.ts";

type Service = "slack" | "notion" | "claude" | "railway";

interface Switch {
  id: string;
  label: string;
  hint: string;
  service: Service;
  /** Makes requests misbehave … */
  fault?: Fault;
  /** … or changes the world once. */
  act?: (world: World) => void;
  /** Heals by itself; absent = counts down by `times`. */
  lastsMs?: number;
}

export interface SwitchState {
  id: string;
  label: string;
  hint: string;
  /** Epoch milliseconds; null = off, or waiting for its one request. */
  until: number | null;
}

export interface FaultSwitches {
  list(): SwitchState[];
  /** The sentence for the journal; null for an unknown id. */
  turnOn(id: string): string | null;
  healAll(): void;
  close(): void;
}

const ANY = /./;
const SWITCHES: Switch[] = [
  {
    id: "notion-down",
    label: "Notion down, 30 s",
    hint: "Every Notion request gets 503. Clicks are still acknowledged; the record follows.",
    service: "notion",
    fault: { route: ANY, effect: { kind: "status", status: 503, code: "service_unavailable" } },
    lastsMs: 30_000,
  },
  {
    id: "notion-lost-answer",
    label: "Notion loses one answer",
    hint: "The next page is created, but the answer is an error. A careless bot would create it twice.",
    service: "notion",
    fault: { route: "POST /v1/pages", times: 1, effect: { kind: "committed-error", status: 503 } },
  },
  {
    id: "claude-refuses",
    label: "Claude refuses once",
    hint: "The next answer is a refusal. It is never stored as an analysis.",
    service: "claude",
    fault: { route: ANY, times: 1, effect: { kind: "stop", reason: "refusal" } },
  },
  {
    id: "claude-out",
    label: "Claude refuses, 2 min",
    hint: "Ask something now: three tries, then a dead letter with Retry in #emm-alerts.",
    service: "claude",
    fault: { route: ANY, effect: { kind: "stop", reason: "refusal" } },
    lastsMs: 120_000,
  },
  {
    id: "claude-overloaded",
    label: "Claude overloaded, 20 s",
    hint: "529 until it passes.",
    service: "claude",
    fault: {
      route: ANY,
      effect: { kind: "status", status: 529, code: "overloaded_error", retryAfterSeconds: 5 },
    },
    lastsMs: 20_000,
  },
  {
    id: "slack-slow",
    label: "Slack slow, 30 s",
    hint: "Two seconds for every Slack request.",
    service: "slack",
    fault: { route: ANY, effect: { kind: "delay", ms: 2_000 } },
    lastsMs: 30_000,
  },
  {
    id: "slack-down",
    label: "Slack down, 30 s",
    hint: "The bot cannot post. Decisions are recorded, cards follow.",
    service: "slack",
    fault: { route: ANY, effect: { kind: "status", status: 503 } },
    lastsMs: 30_000,
  },
  {
    id: "railway-push",
    label: "Somebody deploys",
    hint: "A new commit goes live at Railway. /emm deploys shows it, /emm rollback goes back.",
    service: "railway",
    act: ({ railway }) => {
      railway.push({ message: `Change number ${railway.deployments().length}`, author: "lee" });
    },
  },
  {
    id: "railway-fails",
    label: "Next deployment fails",
    hint: "Its health check fails; Railway keeps the old one. /emm rollback to … says so.",
    service: "railway",
    act: ({ railway }) => {
      railway.nextTurnsOut = "fails";
    },
  },
  {
    id: "railway-lost-answer",
    label: "Railway loses one answer",
    hint: "The next rollback happens, but the answer is an error. It is never asked twice.",
    service: "railway",
    fault: { route: "deploymentRollback", times: 1, effect: { kind: "committed-error", status: 502 } },
  },
];

export function createFaultSwitches(world: World, onChange: () => void): FaultSwitches {
  const timed = new Map<string, { until: number; timer: NodeJS.Timeout }>();
  const stop = (id: string) => {
    clearTimeout(timed.get(id)?.timer);
    timed.delete(id);
  };
  /** The handle can only clear everything, so what still lasts is put back. */
  const expire = (ended: Switch) => {
    stop(ended.id);
    world[ended.service].faults.clear();
    for (const other of SWITCHES)
      if (other.fault && other.service === ended.service && timed.has(other.id))
        world[other.service].faults.add(other.fault);
    onChange();
  };
  const turnOn = (id: string) => {
    const found = SWITCHES.find((candidate) => candidate.id === id);
    if (!found) return null;
    stop(id);
    if (found.fault) world[found.service].faults.add({ ...found.fault });
    found.act?.(world);
    if (found.lastsMs) {
      const timer = setTimeout(() => expire(found), found.lastsMs);
      timer.unref();
      timed.set(id, { until: Date.now() + found.lastsMs, timer });
    }
    onChange();
    return `You switched on: ${found.label}`;
  };
  const close = () => {
    for (const id of [...timed.keys()]) stop(id);
  };
  return {
    list: () =>
      SWITCHES.map(({ id, label, hint }) => ({ id, label, hint, until: timed.get(id)?.until ?? null })),
    turnOn,
    healAll: () => {
      close();
      for (const service of ["slack", "notion", "claude", "railway"] as const) world[service].faults.clear();
      world.railway.nextTurnsOut = "well";
      onChange();
    },
    close,
  };
}
