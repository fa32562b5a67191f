/** What Railway holds for one service: its deployments, and how they come and go. No HTTP, no GraphQL. */
import { createHash } from "node:crypto";
import type { RailwayDeployment, TurnsOut } from "../stand-ins.ts";

export interface DeploymentEntry extends RailwayDeployment {
  turnsOut: TurnsOut;
  /** Stages still to come. */
  ahead: string[];
  events: { step: string; error: string | null }[];
}

export interface DeploymentsWorld {
  /** Newest first. */
  all(): DeploymentEntry[];
  find(id: string): DeploymentEntry | null;
  active(): DeploymentEntry[];
  live(): DeploymentEntry | null;
  deploy(meta: Record<string, unknown>, how: { turnsOut: TurnsOut; build: boolean }): DeploymentEntry;
  step(): void;
  isMoving(): boolean;
}

const HOUR_MS = 3_600_000;
/** The Hobby plan's, after a deployment was replaced. */
const IMAGE_KEPT_MS = 72 * HOUR_MS;
const REPO = "acme/executive-mind-matrix";

export function createDeploymentsWorld(now: () => number, host: () => string): DeploymentsWorld {
  const entries: DeploymentEntry[] = seed(now(), host());
  const iso = () => new Date(now()).toISOString();
  const enter = (entry: DeploymentEntry, status: string) => {
    entry.status = status;
    entry.statusUpdatedAt = iso();
  };
  const active = () => entries.filter(({ status }) => ["SUCCESS", "CRASHED"].includes(status));

  const arrive = (entry: DeploymentEntry) => {
    if (entry.turnsOut === "fails") {
      entry.events.push({
        step: "HEALTHCHECK",
        error: "Healthcheck failed: 1/1 replicas never became healthy within 100 seconds",
      });
      entry.canRollback = false;
      enter(entry, "FAILED");
      return;
    }
    for (const other of active()) enter(other, "REMOVED");
    enter(entry, "SUCCESS");
    entry.canRollback = true;
    if (entry.turnsOut === "crashes") entry.ahead = ["CRASHED"];
  };
  const world: DeploymentsWorld = {
    all: () => {
      for (const entry of entries) {
        const age = now() - Date.parse(entry.statusUpdatedAt);
        if (entry.status === "REMOVED" && age > IMAGE_KEPT_MS) entry.canRollback = false;
      }
      return entries.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
    },
    find: (id) => entries.find((entry) => entry.id === id) ?? null,
    active,
    live: () => active().at(-1) ?? null,
    deploy(meta, { turnsOut, build }) {
      const entry: DeploymentEntry = {
        id: idFor(`${entries.length}:${now()}`),
        status: "QUEUED",
        statusUpdatedAt: iso(),
        createdAt: iso(),
        canRollback: false,
        deploymentStopped: false,
        staticUrl: host(),
        meta,
        turnsOut,
        ahead: [...(build ? ["BUILDING"] : []), "INITIALIZING", "DEPLOYING", "SUCCESS"],
        events: [],
      };
      entries.push(entry);
      return entry;
    },
    step() {
      for (const entry of entries) {
        const stage = entry.ahead.shift();
        if (stage === "SUCCESS") arrive(entry);
        else if (stage !== undefined) enter(entry, stage);
      }
    },
    isMoving: () => entries.some((entry) => entry.ahead.length > 0),
  };
  return world;
}

/** Deployment ids are UUIDs. */
export function idFor(words: string): string {
  const hex = createHash("sha256").update(words).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

export function commitMeta(commit: { message: string; author: string }): Record<string, unknown> {
  return {
    repo: REPO,
    branch: "main",
    commitHash: createHash("sha1").update(commit.message).digest("hex"),
    commitMessage: commit.message,
    commitAuthor: commit.author,
    reason: "deploy",
  };
}

interface Past {
  hoursAgo: number;
  /** When it was replaced; absent = live. */
  replacedHoursAgo?: number;
  status: string;
  meta: Record<string, unknown>;
}

const PAST: Past[] = [
  {
    hoursAgo: 190,
    replacedHoursAgo: 100,
    status: "REMOVED",
    meta: commitMeta({ message: "First version with three advisers", author: "dana" }),
  },
  {
    hoursAgo: 100,
    replacedHoursAgo: 50,
    status: "REMOVED",
    meta: { image: "ghcr.io/acme/executive-mind-matrix:1.4.0", reason: "deploy" },
  },
  {
    hoursAgo: 50,
    replacedHoursAgo: 3,
    status: "REMOVED",
    meta: commitMeta({
      message: "Remind approvers at half of the time\n\nThe reminder goes into the thread of the card.",
      author: "sam",
    }),
  },
  {
    hoursAgo: 20,
    status: "FAILED",
    meta: commitMeta({ message: "Try the new base image", author: "lee" }),
  },
  {
    hoursAgo: 3,
    status: "SUCCESS",
    meta: commitMeta({ message: "Sort decisions by deadline in the Home tab", author: "dana" }),
  },
];

function seed(now: number, host: string): DeploymentEntry[] {
  const ago = (hours: number) => new Date(now - hours * HOUR_MS).toISOString();
  return PAST.map(({ hoursAgo, replacedHoursAgo, status, meta }) => ({
    id: idFor(`seed:${hoursAgo}`),
    status,
    statusUpdatedAt: ago(replacedHoursAgo ?? hoursAgo),
    createdAt: ago(hoursAgo),
    canRollback: status !== "FAILED",
    deploymentStopped: false,
    staticUrl: host,
    meta,
    turnsOut: "well" as const,
    ahead: [],
    events: [],
  }));
}
