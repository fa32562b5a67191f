/** Deciding again on what was settled: when that is possible, and what the new decision takes over. Pure. */
import {
  type DecisionRecord,
  type EarlierDecision,
  type Outcome,
  type Person,
  shownPlan,
  type Verdict,
} from "./decision.ts";
import type { Plan } from "./plan.ts";

/** What somebody asks for; `token` names the request, so that the winner knows itself. */
export interface ReopenOrder {
  decisionId: string;
  reason: string;
  by: Person;
  token: string;
}

/** Every way such a request can end. Only `accepted` changes anything. */
export type ReopenResult =
  | { kind: "accepted" }
  /** `cardUrl` of the new decision, once there is one. */
  | { kind: "already-reopened"; by: Person; at: string; cardUrl: string | null }
  /** Still to be decided, or being written down. */
  | { kind: "not-settled" }
  /** Replaced by another version of itself. */
  | { kind: "replaced"; by: string | null }
  | { kind: "not-found" };

export type ReopenObstacle = Exclude<ReopenResult, { kind: "accepted" }>;

export type Settled = DecisionRecord & { state: Extract<DecisionRecord["state"], { kind: "recorded" }> };

export function isSettled(decision: DecisionRecord): decision is Settled {
  return decision.state.kind === "recorded";
}

/** null while it can be reopened. */
export function whyNotReopened(decision: DecisionRecord | null): ReopenObstacle | null {
  if (decision === null) return { kind: "not-found" };
  const { state, reopenedAs } = decision;
  if (state.kind === "superseded") return { kind: "replaced", by: state.by };
  if (state.kind !== "recorded") return { kind: "not-settled" };
  if (reopenedAs === null) return null;
  return { kind: "already-reopened", by: reopenedAs.by, at: reopenedAs.at, cardUrl: null };
}

/** The plan that is put to the vote again: what was carried out, or what was turned down. */
export function reopenedPlan(decision: Settled): Plan {
  return decision.state.outcome.final ?? shownPlan(decision);
}

export function earlierOf(decision: Settled): EarlierDecision {
  const { state, reopening, cardUrl, intentUrl } = decision;
  const { outcome, projectUrl } = state;
  if (reopening !== null && leavesEarlierStanding(outcome.verdict)) return reopening.earlier;
  const made = [...(reopening?.earlier.tasks ?? []), ...(outcome.final?.tasks ?? [])];
  const tasks = [...new Set(made)];
  const tasksUrl = projectUrl ?? reopening?.earlier.tasksUrl ?? intentUrl;
  const { verdict, by, at } = outcome;
  return { verdict, by, at, cardUrl, tasks, tasksUrl: tasks.length === 0 ? null : tasksUrl };
}

/** A plan without the tasks that are there already. */
export function withoutEarlierTasks(plan: Plan, { reopening }: Pick<DecisionRecord, "reopening">): Plan {
  if (reopening === null) return plan;
  const made = new Set(reopening.earlier.tasks);
  return { ...plan, tasks: plan.tasks.filter((task) => !made.has(task)) };
}

/** Nobody decided anew: then what was decided before goes on to stand. */
export function leavesEarlierStanding(verdict: Verdict): boolean {
  return verdict === "expired" || verdict === "withdrawn";
}

/** What a decision was reopened as, or replaced by. */
export function followerOf({ state, reopenedAs }: Pick<DecisionRecord, "state" | "reopenedAs">) {
  return state.kind === "superseded" ? state.by : (reopenedAs?.id ?? null);
}

/** Nobody has decided anew, and nobody is to. `later`: all that followed it, one after the other. */
export function stillStands(
  { reopenedAs }: Pick<DecisionRecord, "reopenedAs">,
  later: readonly Pick<DecisionRecord, "state" | "reopenedAs">[],
): boolean {
  if (reopenedAs === null) return true;
  const last = later.at(-1);
  if (last?.state.kind !== "recorded" || last.reopenedAs !== null) return false;
  return later.every(({ state }) => {
    const isEmpty = state.kind === "recorded" && leavesEarlierStanding(state.outcome.verdict);
    return isEmpty || state.kind === "superseded";
  });
}

/** Whether the intent in Notion is to say this outcome. */
export function speaksForIntent(
  { verdict }: Outcome,
  { reopening }: Pick<DecisionRecord, "reopening">,
): boolean {
  return reopening === null || !leavesEarlierStanding(verdict);
}
