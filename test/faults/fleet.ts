/** The replicas of one round and the platform around them: starts them, starts again what died, and notes how it ended. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BotProcess } from "../fixtures/bot-process.ts";

export interface Fleet {
  /** Resolves when all of them are up. */
  start(): Promise<void>;
  /** Ends one and starts it again after `downMs`; the one that ended. `hard`: SIGKILL. */
  restart(replica: number, how: { hard: boolean; downMs: number }): Promise<BotProcess | null>;
  /** Of those that are up. */
  addresses(): string[];
  /** SIGUSR2: the clock was set. */
  tellTheTime(): void;
  /** Ends all of them in order. */
  stop(): Promise<void>;
  /** At once and without a trace: the round is over. */
  kill(): Promise<void>;
  /** Every process that ever ran. */
  processes: BotProcess[];
  /** Processes that ended by themselves, or not as they were asked to. */
  deaths: string[];
  /** Starts that came to nothing. */
  failedStarts: string[];
}

const LOOK_MS = 150;
const RESTART_MS = 700;

interface Berth {
  bot: BotProcess | null;
  /** Somebody else than the platform is ending or starting it. */
  isHeld: boolean;
}

function tellTheTimeTo(bot: BotProcess): void {
  if (bot.isRunning()) process.kill(bot.pid, "SIGUSR2");
}

export function createFleet(count: number, startOne: (signal: AbortSignal) => Promise<BotProcess>): Fleet {
  const berths: Berth[] = Array.from({ length: count }, () => ({ bot: null, isHeld: false }));
  const processes: BotProcess[] = [];
  const deaths: string[] = [];
  const failedStarts: string[] = [];
  const launches = new Set<Promise<void>>();
  const givingUp = new AbortController();
  let isOver = false;

  const launch = (berth: Berth): Promise<void> => {
    const launching = tryUntilUp(berth).finally(() => launches.delete(launching));
    launches.add(launching);
    return launching;
  };
  const tryUntilUp = async (berth: Berth): Promise<void> => {
    while (!isOver) {
      try {
        berth.bot = await startOne(givingUp.signal);
        processes.push(berth.bot);
        // The clock may have been set since it looked first.
        tellTheTimeTo(berth.bot);
        if (isOver) await berth.bot.end("SIGKILL");
        return;
      } catch (error) {
        failedStarts.push(String(error).slice(0, 500));
        if (!isOver) await sleep(RESTART_MS);
      }
    }
  };
  const end = async ({ bot }: Berth, hard: boolean): Promise<void> => {
    if (!bot?.isRunning()) return;
    const { code, afterMs } = await bot.end(hard ? "SIGKILL" : "SIGTERM");
    // The bot gives up by itself after 9.5 s, with another code.
    if (!hard && code !== 0) deaths.push(`SIGTERM ended it with code ${code} after ${afterMs} ms`);
  };
  const watch = async (berth: Berth): Promise<void> => {
    while (!isOver) {
      await sleep(LOOK_MS);
      const { bot } = berth;
      if (berth.isHeld || bot === null || bot.isRunning()) continue;
      const last = [...bot.noise.slice(-3), ...bot.lines.slice(-2).map((line) => line.message)];
      deaths.push(`by itself: ${last.join(" / ").slice(0, 600)}`);
      await sleep(RESTART_MS);
      await launch(berth);
    }
  };
  return {
    ...{ processes, deaths, failedStarts },
    async start() {
      await Promise.all(berths.map(launch));
      for (const berth of berths) void watch(berth);
    },
    async restart(replica, { hard, downMs }) {
      const berth = berths[replica];
      if (berth === undefined || berth.isHeld || isOver) return null;
      berth.isHeld = true;
      const ended = berth.bot;
      await end(berth, hard);
      berth.bot = null;
      await sleep(downMs);
      await launch(berth);
      berth.isHeld = false;
      return ended;
    },
    addresses: () => berths.flatMap(({ bot }) => (bot?.isRunning() ? [bot.url] : [])),
    tellTheTime() {
      for (const { bot } of berths) if (bot) tellTheTimeTo(bot);
    },
    async stop() {
      isOver = true;
      for (const berth of berths) berth.isHeld = true;
      await Promise.all(launches);
      await Promise.all(berths.map((berth) => end(berth, false)));
    },
    async kill() {
      isOver = true;
      for (const berth of berths) berth.isHeld = true;
      givingUp.abort();
      await Promise.all(launches);
      await Promise.all(processes.filter((bot) => bot.isRunning()).map((bot) => bot.end("SIGKILL")));
    },
  };
}
