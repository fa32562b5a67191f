/**
 * Deployments of the bot's own service: which one is live, which one a rollback would go back to, what a status means.
 * The list of statuses is open: the platform adds new ones, and one that we do not know is never taken for good.
 */

export interface Commit {
  /** Whole hash, lower case. */
  hash: string;
  /** null = the platform does not tell. */
  message: string | null;
  author: string | null;
  branch: string | null;
  /** "owner/name" on GitHub. */
  repo: string | null;
}

export interface Deployment {
  id: string;
  /** The platform's word, whatever it is. */
  status: string;
  /** ISO; null = the platform does not tell. */
  statusSince: string | null;
  /** ISO. */
  createdAt: string;
  /** Every instance has ended. */
  isStopped: boolean;
  canRollBack: boolean;
  /** null = deployed from an image or a folder. */
  commit: Commit | null;
  /** Image name, for deployments without a commit. */
  image: string | null;
  /** Public address; null = none is known. */
  address: string | null;
  /** Its page in the platform's dashboard. */
  page: string | null;
}

export interface Deployments {
  /** Newest first. */
  list: Deployment[];
  /** Serving now; during a change there may be two. null = it could not be established. */
  activeIds: string[] | null;
}

/** What the platform answered. `effect` = whether the request may have changed something although it failed. */
export type PlatformAnswer<T> = { ok: true; value: T } | { ok: false; failure: PlatformFailure };

export interface PlatformFailure {
  kind: "not-set-up" | "not-allowed" | "limited" | "unreachable" | "rejected";
  /** Plain text: what happened, and the fix where there is one. */
  message: string;
  effect: "none" | "unknown";
  /** The platform's wish; null = it has none. */
  retryAfterMs: number | null;
}

export type StatusClass =
  | "waiting"
  | "deploying"
  | "live"
  | "asleep"
  | "ended"
  | "failed"
  | "gone"
  | "unknown";

const STATUSES: Record<string, { kind: StatusClass; words: string }> = {
  QUEUED: { kind: "waiting", words: "Queued" },
  WAITING: { kind: "waiting", words: "Waiting for CI" },
  NEEDS_APPROVAL: { kind: "waiting", words: "Waiting for approval in Railway" },
  INITIALIZING: { kind: "deploying", words: "Starting" },
  BUILDING: { kind: "deploying", words: "Building" },
  DEPLOYING: { kind: "deploying", words: "Deploying" },
  SUCCESS: { kind: "live", words: "Online" },
  SLEEPING: { kind: "asleep", words: "Asleep" },
  FAILED: { kind: "failed", words: "Failed" },
  CRASHED: { kind: "failed", words: "Crashed" },
  SKIPPED: { kind: "failed", words: "Skipped" },
  REMOVING: { kind: "gone", words: "Being replaced" },
  REMOVED: { kind: "gone", words: "Replaced" },
};

type Standing = Pick<Deployment, "status" | "isStopped">;

export function statusClass({ status, isStopped }: Standing): StatusClass {
  const kind = STATUSES[status]?.kind ?? "unknown";
  // A process that exits with 0 keeps its SUCCESS.
  return kind === "live" && isStopped ? "ended" : kind;
}

/** For people. Holds the platform's own word when it is not known here: treat it as foreign text. */
export function statusWords({ status, isStopped }: Standing): string {
  if (statusClass({ status, isStopped }) === "ended") return "Ended by itself";
  return STATUSES[status]?.words ?? `${status} (a state I do not know)`;
}

/** Seven characters of the commit, else eight of the deployment's id. What a person types to confirm. */
export function shortName({ commit, id }: Pick<Deployment, "commit" | "id">): string {
  return commit === null ? id.slice(0, 8) : commit.hash.slice(0, 7);
}

/** The newest one that serves; null when it could not be established. */
export function liveOf({ list, activeIds }: Deployments): Deployment | null {
  const active = list.filter((deployment) => activeIds?.includes(deployment.id));
  const serving = active.filter((one) => ["live", "asleep", "ended"].includes(statusClass(one)));
  return newest(serving) ?? newest(active);
}

/**
 * What going back without further words means: the newest one before the live one that can be restored. Where the live
 * one is itself a way back, the one that was left then is not offered again.
 */
export function previousOf(deployments: Deployments): Deployment | null {
  const live = liveOf(deployments);
  if (live === null) return null;
  const { createdAt } = wasLeft(live, deployments) ? firstOf(live, deployments) : live;
  return newest(
    deployments.list.filter((one) => one.createdAt < createdAt && obstacle(one, deployments) === null),
  );
}

/** Another commit was live between the first deployment of this one and now. */
function wasLeft(live: Deployment, deployments: Deployments): boolean {
  const { createdAt } = firstOf(live, deployments);
  return deployments.list.some(
    (one) =>
      one.createdAt > createdAt &&
      one.createdAt < live.createdAt &&
      !isSame(one, live) &&
      statusClass(one) !== "failed",
  );
}

function firstOf(live: Deployment, { list }: Deployments): Deployment {
  return list.findLast((one) => isSame(one, live)) ?? live;
}

function isSame(one: Deployment, other: Deployment): boolean {
  if (one.commit !== null || other.commit !== null) return one.commit?.hash === other.commit?.hash;
  return one.id === other.id || (one.image !== null && one.image === other.image);
}

export type Obstacle = "is-live" | "not-kept" | "never-worked";

/** null = the platform can restore it. */
export function obstacle(deployment: Deployment, deployments: Deployments): Obstacle | null {
  if (deployment.id === liveOf(deployments)?.id) return "is-live";
  if (!deployment.canRollBack) return "not-kept";
  return statusClass(deployment) === "failed" ? "never-worked" : null;
}

export type Target =
  | { kind: "found"; deployment: Deployment }
  | { kind: "too-short" }
  | { kind: "not-found" }
  | { kind: "ambiguous"; matches: Deployment[] }
  | { kind: "not-possible"; deployment: Deployment; obstacle: Obstacle };

const SHORTEST_NAME = 4;

/**
 * The deployment that a person means: a whole or shortened deployment id or commit. A commit that was deployed several
 * times means the newest of them that can be restored.
 */
export function chooseTarget(typed: string, deployments: Deployments): Target {
  const name = typed.trim().toLowerCase();
  const exact = deployments.list.find((deployment) => deployment.id.toLowerCase() === name);
  // What has other characters than they have is no beginning of a commit or a deployment, however long.
  if (exact === undefined && name.length < SHORTEST_NAME && /^[0-9a-f]*$/.test(name))
    return { kind: "too-short" };
  const matches = exact ? [exact] : deployments.list.filter((deployment) => isNamed(deployment, name));
  const [first] = matches;
  if (first === undefined) return { kind: "not-found" };
  if (new Set(matches.map((match) => match.commit?.hash ?? match.id)).size > 1) {
    return { kind: "ambiguous", matches };
  }
  const possible = newest(matches.filter((match) => obstacle(match, deployments) === null));
  if (possible !== null) return { kind: "found", deployment: possible };
  const live = matches.find((match) => obstacle(match, deployments) === "is-live");
  const shown = live ?? first;
  return { kind: "not-possible", deployment: shown, obstacle: obstacle(shown, deployments) ?? "not-kept" };
}

function isNamed({ id, commit }: Deployment, name: string): boolean {
  return id.toLowerCase().startsWith(name) || (commit?.hash.startsWith(name) ?? false);
}

function newest(list: Deployment[]): Deployment | null {
  return list.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt))[0] ?? null;
}

/** Hours for which an image outlives its deployment, by plan. Source: Railway's page on plans. */
const KEPT_HOURS = { free: 24, trial: 24, hobby: 72, pro: 120, enterprise: 360 } as const;
export type HostingPlan = keyof typeof KEPT_HOURS;

export function isHostingPlan(word: string): word is HostingPlan {
  return word in KEPT_HOURS;
}

export type Kept =
  | { kind: "while-live" }
  /** ISO. */
  | { kind: "until"; at: string; plan: HostingPlan }
  | { kind: "unknown" };

/** Until when the image can be restored: it is kept for a while after its deployment was replaced. */
export function keptUntil(deployment: Deployment, plan: HostingPlan | null): Kept {
  const kind = statusClass(deployment);
  if (kind === "live" || kind === "asleep" || kind === "ended") return { kind: "while-live" };
  if (plan === null || kind !== "gone" || deployment.statusSince === null) return { kind: "unknown" };
  const at = new Date(Date.parse(deployment.statusSince) + KEPT_HOURS[plan] * 3_600_000).toISOString();
  return { kind: "until", at, plan };
}
