/** Polls and what they find: is the inbox looked into, and does anything wait there too long? */
import { type Backlog, judgeBacklog, LONG_WAIT_MS, MANY_WAITING } from "../domain/backlog.ts";
import { durationWords } from "../domain/duration.ts";
import { type PauseState, pauseWords } from "../domain/pause.ts";
import type { Finding } from "./monitor.ts";

export interface PollProbeDeps {
  intervalSeconds: number;
  poller: {
    status(): {
      active: boolean;
      lastSuccessAt: string | null;
      idleMs: number | null;
      lastFailure: { at: string; reason: string } | null;
      /** How long the oldest poll at work has been at it. */
      busyMs: number | null;
    };
    /** Looks into the store. */
    seePause(): Promise<PauseState | null>;
  };
  /** As the last poll, of any replica, saw it. */
  backlog(): Promise<Backlog | null>;
  now: () => Date;
}

/** Two missed periods are red. */
export async function checkPoller(deps: PollProbeDeps): Promise<Finding> {
  const { poller, intervalSeconds, now } = deps;
  const pause = await poller.seePause();
  const { active, idleMs, lastFailure, lastSuccessAt } = poller.status();
  if (!active || idleMs === null) return { status: "down", detail: "the clock of the poller is stopped" };
  if (pause !== null) return { status: "degraded", detail: pauseWords(pause) };
  const failure = lastFailure ? `; last failure: ${lastFailure.reason}` : "";
  if (idleMs > 2 * intervalSeconds * 1_000) {
    return { status: "down", detail: `no successful poll for ${Math.round(idleMs / 1_000)} s${failure}` };
  }
  if (lastFailure) return { status: "degraded", detail: `the last poll failed: ${lastFailure.reason}` };
  const lastAt = lastSuccessAt ?? (await lookedBefore(deps));
  if (lastAt === null) return { status: "unknown", detail: "no poll has finished yet" };
  // A pause makes nobody wait for a poll, and is no proof that one would succeed.
  if (now().getTime() - Date.parse(lastAt) > 2 * intervalSeconds * 1_000) {
    return { status: "unknown", detail: `no poll has finished since the pause; last poll: ${lastAt}` };
  }
  return { status: "ok", detail: `last poll: ${lastAt}, every ${intervalSeconds} s` };
}

/** When a poll before this process, or at another replica, looked; null when that was not of late. */
async function lookedBefore({ backlog, intervalSeconds, now }: PollProbeDeps): Promise<string | null> {
  const seen = await backlog();
  const found = judgeBacklog(seen, { now: now(), maxAgeMs: 2 * intervalSeconds * 1_000 });
  return found.kind === "seen" ? (seen?.at ?? null) : null;
}

export async function checkBacklog(deps: PollProbeDeps): Promise<Finding> {
  const { intervalSeconds, poller, now } = deps;
  const seen = await deps.backlog();
  const last = seen === null ? "" : `; ${seen.count} waited, seen ${seen.at}`;
  if (poller.status().lastFailure !== null) {
    return { status: "unknown", detail: `no data: the last poll failed${last}` };
  }
  const found = judgeBacklog(seen, { now: now(), maxAgeMs: 2 * intervalSeconds * 1_000 });
  if (found.kind === "no-data") return { status: "unknown", detail: `no data from a recent poll${last}` };
  const { count, oldestMs, isTooMuch } = found;
  if (count === 0 || oldestMs === null) return { status: "ok", detail: "nothing waits" };
  const detail = `${count} in the inbox, the oldest for ${durationWords(oldestMs)}`;
  if (!isTooMuch) return { status: "ok", detail };
  const limits = `more than ${MANY_WAITING}, or longer than ${durationWords(LONG_WAIT_MS)}`;
  return { status: "degraded", detail: `${detail} (${limits}); /emm poll says why they wait` };
}
