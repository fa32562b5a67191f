/**
 * One rollback from the confirmed form to its end, as data and pure rules. What the platform says is one witness; that
 * the restored deployment answers for itself is the other, and only together they are "healthy". What is not known is
 * said so.
 */
import type { Person } from "./decision.ts";
import {
  type Deployment,
  type Deployments,
  liveOf,
  obstacle,
  type PlatformAnswer,
  shortName,
  statusClass,
  statusWords,
} from "./deployment.ts";
import type { MessageRef } from "./item.ts";

export interface Rollback {
  /** Also the id of its workflow: the same confirmed form never starts a second one. */
  id: string;
  /** As it was when the form was confirmed. */
  target: Deployment;
  /** What was live then. */
  from: Deployment;
  by: Person;
  /** ISO. */
  startedAt: string;
  /** ISO; set before the platform is asked, so that nobody asks again. */
  askedAt: string | null;
  /** Every deployment there was before the platform was asked. */
  knownIds: string[];
  state: RollbackState;
  card: MessageRef | null;
  /** Grows with every change of the state; the card shows `cardRev`. */
  rev: number;
  cardRev: number;
}

export type RollbackResult =
  /** It answers for itself, and well. */
  | "healthy"
  /** It answers for itself and works, but says that something is not well. */
  | "degraded"
  /** The platform calls it online; nothing could be asked directly. */
  | "unverified"
  | "failed"
  /** The platform was not asked, or refused: nothing changed. */
  | "not-started"
  /** Another deployment took its place meanwhile. */
  | "overtaken"
  /** It is not known what became of it. */
  | "not-known";

export type RollbackState =
  | { kind: "starting" }
  /** `accepted` false = the answer was lost; it is never asked twice, the list tells what happened. */
  | { kind: "asked"; accepted: boolean; note: string | null }
  | {
      kind: "following";
      deploymentId: string;
      /** False = the answer was lost; the list shows that it happened. */
      accepted: boolean;
      words: string;
      note: string | null;
      onlineSince: string | null;
      goodLooks: number;
    }
  /** `deploymentId` null = no new deployment was seen. */
  | { kind: "ended"; result: RollbackResult; reason: string | null; at: string; deploymentId: string | null };

export interface RollbackOrder {
  /** Names the confirmed form: the same one starts one rollback. */
  key: string;
  target: Deployment;
  from: Deployment;
  by: Person;
}

export type RollbackStart =
  | { kind: "started"; rollback: Rollback }
  /** One at a time. */
  | { kind: "busy"; active: Rollback };

/** What the deployment that serves the public address says about itself. */
export type Face =
  | {
      kind: "answers";
      /** null = it does not say. */
      deploymentId: string | null;
      commit: string | null;
      /** "healthy", "degraded", "unhealthy", or what it says instead. */
      health: string;
      isHealthy: boolean;
      isReady: boolean;
    }
  | { kind: "no-answer"; reason: string }
  | { kind: "no-address" };

export interface Sighting {
  deployments: PlatformAnswer<Deployments>;
  face: Face;
  /** ISO. */
  at: string;
}

const SECOND_MS = 1_000;
/** A new deployment shows up in the list within seconds. */
const APPEARS_WITHIN_MS = 90 * SECOND_MS;
/** Long enough for the successor process to start following, which can ask itself. */
const UNVERIFIED_AFTER_MS = 90 * SECOND_MS;
/** The address may take a while to point at it; longer means that it does not work. */
const HEALTHY_WITHIN_MS = 3 * 60 * SECOND_MS;
export const ROLLBACK_LIMIT_MS = 20 * 60 * SECOND_MS;
/** From the confirmed form on; a restart in between takes less. */
const ASK_WITHIN_MS = 5 * 60 * SECOND_MS;
/** Nobody follows longer than this; what is still open then was left behind. */
const ABANDONED_AFTER_MS = ROLLBACK_LIMIT_MS + 10 * 60 * SECOND_MS;
/** One good answer may be luck. */
const GOOD_LOOKS = 2;

type Ending = Extract<RollbackState, { kind: "ended" }>;

export function ended(
  result: RollbackResult,
  reason: string | null,
  more: { at: string; deploymentId?: string | null },
): Ending {
  return { kind: "ended", result, reason, at: more.at, deploymentId: more.deploymentId ?? null };
}

/** Why it must not be asked for any more; null = as the form said. */
export function changedSince(
  { target, from }: Pick<Rollback, "target" | "from">,
  now: Deployments,
): string | null {
  const fresh = now.list.find((deployment) => deployment.id === target.id);
  if (fresh === undefined) return "Railway does not list that deployment any more.";
  const hindrance = obstacle(fresh, now);
  if (hindrance === "is-live") return "It is live already.";
  if (hindrance !== null) return "Railway can no longer restore it.";
  const live = liveOf(now);
  if (live === null) return "Railway does not tell what is live now.";
  return live.id === from.id
    ? null
    : `${shortName(from)} is not live any more: another deployment took its place.`;
}

/** How one ends that nobody carries on, for example because its process died; null = somebody still may. */
export function leftBehind(rollback: Rollback, at: string): Ending | null {
  if (rollback.state.kind === "ended") return null;
  if (rollback.askedAt === null) return tooLateToAsk(rollback, at);
  if (since(rollback.startedAt, at) < ABANDONED_AFTER_MS) return null;
  return ended("not-known", "Nobody followed it to its end.", { at });
}

/** What was wanted then may be wrong by now. */
export function tooLateToAsk({ startedAt }: Pick<Rollback, "startedAt">, at: string): Ending | null {
  if (since(startedAt, at) < ASK_WITHIN_MS) return null;
  const reason = `Railway was not asked within ${ASK_WITHIN_MS / 60_000} minutes. Ask again if it is still needed.`;
  return ended("not-started", reason, { at });
}

/** The state after one look. */
export function follow(rollback: Rollback, sighting: Sighting): RollbackState {
  const { state } = rollback;
  if (state.kind === "starting" || state.kind === "ended") return state;
  const next = state.kind === "asked" ? appear(rollback, state, sighting) : watch(rollback, state, sighting);
  if (next.kind === "ended" || since(rollback.startedAt, sighting.at) < ROLLBACK_LIMIT_MS) return next;
  const last = next.kind === "following" ? `Last seen: ${next.words}.` : "No new deployment was seen.";
  return ended("not-known", `Not finished after ${ROLLBACK_LIMIT_MS / 60_000} minutes. ${last}`, {
    at: sighting.at,
    deploymentId: next.kind === "following" ? next.deploymentId : null,
  });
}

type Asked = Extract<RollbackState, { kind: "asked" }>;
type Following = Extract<RollbackState, { kind: "following" }>;

/** Waits for the new deployment to show up. */
function appear(rollback: Rollback, state: Asked, sighting: Sighting): RollbackState {
  if (!sighting.deployments.ok) return { ...state, note: sighting.deployments.failure.message };
  const deployments = sighting.deployments.value;
  const born = restored(rollback, deployments);
  if (born !== null) {
    const first: Following = {
      kind: "following",
      deploymentId: born.id,
      accepted: state.accepted,
      words: statusWords(born),
      note: null,
      onlineSince: null,
      goodLooks: 0,
    };
    return watch(rollback, first, sighting);
  }
  if (since(rollback.askedAt ?? rollback.startedAt, sighting.at) < APPEARS_WITHIN_MS)
    return { ...state, note: state.note };
  const wait = `No new deployment of it appeared within ${APPEARS_WITHIN_MS / SECOND_MS} seconds.`;
  return state.accepted
    ? ended("not-known", `Railway accepted it, but: ${wait}`, { at: sighting.at })
    : ended("not-started", [state.note, wait].filter(Boolean).join(" "), { at: sighting.at });
}

/** A rollback makes a new deployment of the target's commit or image; an unmarked one counts when it is the only new one. */
function restored({ target, knownIds }: Rollback, { list }: Deployments): Deployment | null {
  const fresh = list.filter((deployment) => !knownIds.includes(deployment.id)).toReversed();
  const alike = (one: Deployment) =>
    target.commit !== null
      ? one.commit?.hash === target.commit.hash
      : target.image !== null && one.image === target.image;
  const unmarked = (one: Deployment) => one.commit === null && one.image === null;
  return fresh.find(alike) ?? (fresh.length === 1 ? (fresh.find(unmarked) ?? null) : null);
}

function watch(rollback: Rollback, state: Following, sighting: Sighting): RollbackState {
  if (!sighting.deployments.ok) {
    return {
      ...state,
      goodLooks: 0,
      note: `Railway cannot be asked: ${sighting.deployments.failure.message}`,
    };
  }
  const deployments = sighting.deployments.value;
  const deployment = deployments.list.find((one) => one.id === state.deploymentId);
  if (deployment === undefined)
    return { ...state, goodLooks: 0, note: "Railway does not list the new deployment." };
  const seen: Following = { ...state, words: statusWords(deployment), note: null };
  const end = (result: RollbackResult, reason: string | null) =>
    ended(result, reason, { at: sighting.at, deploymentId: deployment.id });
  switch (statusClass(deployment)) {
    case "failed":
      return end("failed", `Railway says: ${seen.words}.`);
    case "ended":
      return end("failed", "Its process ended by itself.");
    case "gone":
      return end("overtaken", "Another deployment took its place.");
    case "live":
    case "asleep":
      return online(
        rollback,
        { ...seen, onlineSince: seen.onlineSince ?? sighting.at },
        sighting,
        deployments,
      );
    default:
      return { ...seen, onlineSince: null, goodLooks: 0 };
  }
}

/** The platform calls it online: does it answer, and well? */
function online(
  rollback: Rollback,
  state: Following,
  { face, at }: Sighting,
  deployments: Deployments,
): RollbackState {
  const onlineMs = since(state.onlineSince ?? at, at);
  const end = (result: RollbackResult, reason: string | null) =>
    ended(result, reason, { at, deploymentId: state.deploymentId });
  if (face.kind === "no-address") {
    const note = "No data on health: I know no public address to ask.";
    return onlineMs < UNVERIFIED_AFTER_MS ? { ...state, goodLooks: 0, note } : end("unverified", note);
  }
  const trouble = troubleWith(rollback, state.deploymentId, face, deployments);
  if (trouble !== null) {
    const next = { ...state, goodLooks: 0, note: trouble };
    return onlineMs < HEALTHY_WITHIN_MS
      ? next
      : end("failed", `Online for ${HEALTHY_WITHIN_MS / 60_000} minutes, but not well. ${trouble}`);
  }
  const goodLooks = state.goodLooks + 1;
  const says = face.kind === "answers" ? `It answers and says ${face.health}.` : null;
  if (goodLooks < GOOD_LOOKS) return { ...state, goodLooks, note: says };
  return end(face.kind === "answers" && face.health !== "healthy" ? "degraded" : "healthy", says);
}

function troubleWith(
  rollback: Rollback,
  deploymentId: string,
  face: Face,
  deployments: Deployments,
): string | null {
  if (face.kind !== "answers") return face.kind === "no-answer" ? `It does not answer: ${face.reason}` : null;
  const isIt = identity(rollback, deploymentId, face);
  if (isIt === "other") return "The address is still answered by another deployment.";
  if (isIt === "not-said" && !isAlone(deploymentId, deployments)) {
    return "What answers does not say which deployment it is, and more than one is active.";
  }
  if (!face.isHealthy) return `It says ${face.health}.`;
  return face.isReady ? null : "It is not ready yet.";
}

function identity(
  { target, from }: Rollback,
  deploymentId: string,
  face: Extract<Face, { kind: "answers" }>,
): "it" | "other" | "not-said" {
  if (face.deploymentId !== null) return face.deploymentId === deploymentId ? "it" : "other";
  if (face.commit === null || target.commit === null) return "not-said";
  if (face.commit !== target.commit.hash) return "other";
  return from.commit?.hash === target.commit.hash ? "not-said" : "it";
}

function isAlone(deploymentId: string, { activeIds }: Deployments): boolean {
  return activeIds?.length === 1 && activeIds[0] === deploymentId;
}

function since(from: string, to: string): number {
  return Date.parse(to) - Date.parse(from);
}

/** The first minutes are worth a closer look; the platform's hourly allowance must last for all of it. */
export function nextLookMs(rollback: Rollback, sighting: Sighting): number {
  const usual = (since(rollback.startedAt, sighting.at) < 2 * 60 * SECOND_MS ? 5 : 15) * SECOND_MS;
  const wish = sighting.deployments.ok ? null : sighting.deployments.failure.retryAfterMs;
  return Math.max(usual, Math.min(wish ?? 0, 5 * 60 * SECOND_MS));
}
