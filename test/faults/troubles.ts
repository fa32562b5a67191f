/** Brings faults about and takes them back, each at its time. Notes when something was wrong. */
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "../../src/sandbox/stand-ins.ts";
import type { World } from "../../src/sandbox/world.ts";
import type { PostgresServer } from "../fixtures/postgres-server.ts";
import type { SmallDisk } from "../fixtures/small-disk.ts";
import type { Fleet } from "./fleet.ts";
import type { Postman } from "./postman.ts";
import type { PlannedFault } from "./schedule.ts";

export interface Scene {
  world: World;
  fleet: Fleet;
  postman: Postman;
  postgres: PostgresServer | null;
  disk: SmallDisk | null;
  /** Read by the clock that is put into each process. */
  shiftFile: string;
}

export interface Troubles {
  /** Resolves when the fault is over. */
  happen(fault: PlannedFault): Promise<void>;
  /** Everything is as it was before; resolves when the database is, too. */
  heal(): Promise<void>;
  /** When something was wrong. */
  spans: { from: number; to: number }[];
  /** How many requests each fault that waits for some has struck so far. */
  struck: Map<PlannedFault, number>;
  /** When a vendor was told to answer 429, by side. */
  limited: { side: string; from: number; to: number }[];
}

/** How long a kill waits for the request that it is aimed at; a bot that is down takes its time to start. */
const AIM_MS = 12_000;
const LOOK_MS = 10;
/** What was answered at the end of a fault is still on its way. */
const AFTERMATH_MS = 1_500;
const NEVER = /^$/;

type Planned<K extends PlannedFault["kind"]> = Extract<PlannedFault, { kind: K }>;

export function createTroubles(scene: Scene): Troubles {
  const { world, fleet, postman, postgres, disk, shiftFile } = scene;
  const spans: Troubles["spans"] = [];
  const limited: Troubles["limited"] = [];
  const struck: Troubles["struck"] = new Map();
  let isHealed = false;
  const setClock = (shiftMs: number) => {
    writeFileSync(shiftFile, String(shiftMs));
    fleet.tellTheTime();
  };
  const wait = async (ms: number) => {
    for (const end = Date.now() + ms; !isHealed && Date.now() < end; )
      await sleep(Math.max(1, Math.min(100, end - Date.now())));
  };

  const counterOf = (planned: PlannedFault) => {
    struck.set(planned, 0);
    return () => struck.set(planned, (struck.get(planned) ?? 0) + 1);
  };

  const vendor = async (planned: Planned<"vendor">) => {
    const { side, effect, forMs } = planned;
    const fault = { ...faultOf(planned), onStrike: counterOf(planned) };
    const span = { side, from: Date.now(), to: Number.POSITIVE_INFINITY };
    if (effect.kind === "status" && effect.status === 429) limited.push(span);
    world[side].faults.add(fault);
    await wait(forMs);
    fault.route = NEVER;
    span.to = Date.now() + AFTERMATH_MS;
  };
  const kill = async (planned: Planned<"kill">) => {
    const { replica, downMs, on } = planned;
    if (on) await aim(world, on, { isOver: () => isHealed, onStrike: counterOf(planned) });
    if (!isHealed) await fleet.restart(replica, { hard: true, downMs });
  };
  const run = async (fault: PlannedFault): Promise<void> => {
    switch (fault.kind) {
      case "vendor":
        return vendor(fault);
      case "kill":
        return kill(fault);
      case "term":
        await fleet.restart(fault.replica, { hard: false, downMs: fault.downMs });
        return;
      case "clock":
        setClock(fault.shiftMs);
        await wait(fault.forMs);
        return setClock(0);
      case "database":
        return restartDatabase(postgres, fault, wait);
      case "disk":
        await disk?.fill?.(fault.leaveBytes);
        await wait(fault.forMs);
        return disk?.empty();
      case "mail":
        postman.mischief = fault.how;
        await wait(fault.forMs);
        postman.mischief = null;
        return;
    }
  };
  return {
    ...{ spans, limited, struck },
    async happen(fault) {
      await wait(fault.atMs);
      if (isHealed) return;
      const span = { from: Date.now(), to: Number.POSITIVE_INFINITY };
      spans.push(span);
      await run(fault);
      span.to = Date.now() + AFTERMATH_MS;
    },
    heal() {
      isHealed = true;
      return restarting;
    },
  };
}

function faultOf({
  route,
  effect,
  after,
  times,
}: Pick<Planned<"vendor">, "route" | "effect" | "after" | "times">): Fault {
  return {
    route: new RegExp(route),
    after,
    effect: effect as Fault["effect"],
    ...(times === null ? {} : { times }),
  };
}

/** Resolves when a request to this route has been carried out or lost, and its answer will never come. */
async function aim(
  world: World,
  { side, route, after, committed }: NonNullable<Planned<"kill">["on"]>,
  { isOver, onStrike }: { isOver: () => boolean; onStrike: () => void },
): Promise<void> {
  const { calls, faults } = world[side];
  /** How many calls there were when it struck: another fault may wait for the same route. */
  let before: number | null = null;
  const fault: Fault = { route, after, times: 1, effect: { kind: "hang", committed } };
  fault.onStrike = () => {
    before = calls.length;
    onStrike();
  };
  faults.add(fault);
  const isStruck = () =>
    before !== null && calls.slice(before).some((call) => call.status === 0 && call.route.includes(route));
  for (const end = Date.now() + AIM_MS; !isOver() && !isStruck() && Date.now() < end; ) await sleep(LOOK_MS);
  fault.route = NEVER;
}

let restarting = Promise.resolve();

/** One after the other: a server that is down cannot be stopped. */
function restartDatabase(
  postgres: PostgresServer | null,
  { mode, forMs }: Planned<"database">,
  wait: (ms: number) => Promise<void>,
): Promise<void> {
  if (postgres === null) return Promise.resolve();
  restarting = restarting.then(async () => {
    await postgres.stop(mode);
    await wait(forMs);
    await postgres.start();
  });
  return restarting;
}
