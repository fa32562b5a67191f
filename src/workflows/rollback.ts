/**
 * Going back to an earlier deployment, once: look that nothing changed since the form was confirmed, ask the platform,
 * follow the new deployment until it answers for itself. The platform is asked at most once, whatever is lost or killed:
 * after that only its list tells what happened. This process is itself replaced on the way; its successor resumes here.
 */
import {
  type Deployments,
  liveOf,
  type PlatformAnswer,
  type PlatformFailure,
  shortName,
} from "../domain/deployment.ts";
import {
  changedSince,
  ended,
  follow,
  leftBehind,
  nextLookMs,
  type Rollback,
  type RollbackOrder,
  type RollbackStart,
  type RollbackState,
  type Sighting,
  tooLateToAsk,
} from "../domain/rollback.ts";
import type { AuditBook, Exclusive } from "./books.ts";
import { inParallel, pause, registerWorkflow, startOnce, step } from "./engine.ts";
import type { Records } from "./ports.ts";
import type { AskFace, DeploymentPlatform, RollbackBook, RollbackWall } from "./rollback-ports.ts";

export interface RollbackDeps {
  platform: DeploymentPlatform;
  askFace: AskFace;
  book: RollbackBook;
  wall: RollbackWall;
  records: Pick<Records, "createLog">;
  audit: AuditBook;
  exclusive: Exclusive;
  now: () => Date;
  /** How long to wait between two looks; tests need not wait. */
  lookEveryMs?: number;
}

export function registerRollback(deps: RollbackDeps) {
  const { book, now } = deps;
  const show = registerCard(deps);
  const end = registerEnd(deps);

  const rollback = registerWorkflow("rollback", async (id: string): Promise<void> => {
    await show(id, "begun");
    let isOver = await step(`ask:${id}`, () => ask(deps, id));
    await show(id, "asked");
    for (let look = 1; !isOver; look += 1) {
      const seen = await step(`look:${id}:${look}`, () => lookOnce(deps, id));
      if (seen.isNews) await show(id, `look-${look}`);
      isOver = seen.isOver;
      if (!isOver) await pause(seen.waitMs);
    }
    await startOnce(`rollback-end:${id}`, end, id);
  });
  const carryOut = (id: string) => startOnce(`rollback:${id}`, rollback, id);

  /** Of a process that died before it could begin, of versions that do not know this workflow, and the like. */
  async function endLeftBehind(): Promise<void> {
    const active = await book.active();
    const ending = active === null ? null : leftBehind(active, now().toISOString());
    if (active === null || ending === null) return;
    // Whoever gets the right to ask knows that nobody has asked, and that nobody will.
    const claim = { at: ending.at, knownIds: [active.target.id, active.from.id] };
    if (active.askedAt === null && !(await book.claimAsk(active.id, claim))) return;
    await book.move(active.id, ending);
    await show(active.id, "left-behind");
    await startOnce(`rollback-end:${active.id}`, end, active.id);
  }

  return {
    /** Durable once it returns. Who may do it was checked before. */
    async start({ key, ...order }: RollbackOrder): Promise<RollbackStart> {
      await endLeftBehind();
      const hasBegun = await book.begin({ id: key, ...order, startedAt: now().toISOString() });
      const current = hasBegun ? await book.find(key) : ((await book.active()) ?? (await book.latest()));
      if (current === null) throw new Error(`rollback ${key} is not in the store`);
      // Also for the other one: its process may have died between the row and the workflow.
      await carryOut(current.id);
      return hasBegun ? { kind: "started", rollback: current } : { kind: "busy", active: current };
    },
    async latest(): Promise<Rollback | null> {
      await endLeftBehind();
      return book.latest();
    },
  };
}

/** Keeps the card equal to the state: one function posts and updates, however many changes come at once. */
function registerCard({ book, wall, exclusive }: RollbackDeps) {
  const sync = (id: string): Promise<void> =>
    exclusive(`rollback-card:${id}`, async () => {
      for (;;) {
        const rollback = await book.find(id);
        if (rollback === null || rollback.cardRev >= rollback.rev) return;
        if (rollback.card) await wall.update(rollback, rollback.card);
        else await book.cardPosted(id, await wall.post(rollback));
        await book.cardShows(id, rollback.rev);
      }
    });
  const card = registerWorkflow("rollback-card", async (id: string, _occasion: string): Promise<void> => {
    await step(`card:${id}`, () => sync(id));
  });
  return (id: string, occasion: string) => startOnce(`rollback-card:${id}:${occasion}`, card, id, occasion);
}

/** Told, logged and audited, each in its own time: an outage of one does not keep the others waiting. */
function registerEnd({ book, wall, records, audit }: RollbackDeps) {
  return registerWorkflow("rollback-end", async (id: string): Promise<void> => {
    const rollback = await step(`read:${id}`, () => book.find(id));
    if (rollback === null || rollback.state.kind !== "ended") return;
    const { state } = rollback;
    await inParallel([
      // Read again: the card may have been posted meanwhile.
      step(`tell:${id}`, async () => wall.tellEnd((await book.find(id)) ?? rollback)),
      step(`log:${id}`, () => records.createLog(logEntry(rollback, state), { key: `rollback:${id}` })),
      step(`audit:${id}`, () =>
        audit.record({
          actor: rollback.by.slackId ?? rollback.by.name,
          action: "rollback.end",
          subject: rollback.target.id,
          outcome: ["healthy", "degraded", "unverified"].includes(state.result) ? "done" : "failed",
          detail: state.result,
        }),
      ),
    ]);
  });
}

function logEntry(rollback: Rollback, state: Extract<RollbackState, { kind: "ended" }>) {
  const { target, from, by, startedAt } = rollback;
  return {
    title: `Rollback to ${shortName(target)}: ${state.result}`,
    action: [
      `From ${shortName(from)} to ${shortName(target)}, asked for at ${startedAt}.`,
      `Result: ${state.result}. ${state.reason ?? ""}`.trim(),
      `Deployment gone back to: ${target.id}. Deployment it became: ${state.deploymentId ?? "none seen"}.`,
    ].join("\n"),
    at: state.at,
    actor: by.name,
    intentId: null,
    pipeId: null,
  };
}

const CUT_OFF = "The process that asked Railway ended before the answer came.";

/** True = it is over. A run that finds the platform asked already was cut off, and only looks. */
async function ask(deps: RollbackDeps, id: string): Promise<boolean> {
  const { platform, book, now } = deps;
  const rollback = await book.find(id);
  if (rollback === null || rollback.state.kind !== "starting") return rollback?.state.kind !== "asked";
  const before = await platform.deployments({ fresh: true });
  const at = now().toISOString();
  const hindrance = tooLateToAsk(rollback, at)?.reason ?? hindranceTo(rollback, before);
  const known = before.ok ? before.value.list : [rollback.target, rollback.from];
  const knownIds = known.map((deployment) => deployment.id);
  // Also before saying that it was not asked for: another process may be asking.
  if (!(await book.claimAsk(id, { at, knownIds }))) {
    await book.move(id, { kind: "asked", accepted: false, note: CUT_OFF });
    return false;
  }
  if (hindrance !== null) {
    await book.move(id, ended("not-started", hindrance, { at }));
    return true;
  }
  const said = await platform.rollBack(rollback.target.id);
  const state = said.ok ? ACCEPTED : afterFailure(said.failure, now().toISOString());
  await book.move(id, state);
  return state.kind === "ended";
}

/** Something may have changed since the form was confirmed. */
function hindranceTo(rollback: Rollback, before: PlatformAnswer<Deployments>): string | null {
  if (before.ok) return changedSince(rollback, before.value);
  return `Railway could not be asked what is live now. ${before.failure.message}`;
}

const ACCEPTED: RollbackState = { kind: "asked", accepted: true, note: null };

function afterFailure(failure: PlatformFailure, at: string): RollbackState {
  return failure.effect === "none"
    ? ended("not-started", failure.message, { at })
    : { kind: "asked", accepted: false, note: failure.message };
}

interface Seen {
  isOver: boolean;
  isNews: boolean;
  waitMs: number;
}

async function lookOnce(deps: RollbackDeps, id: string): Promise<Seen> {
  const { platform, book, askFace, now } = deps;
  const rollback = await book.find(id);
  if (rollback === null || rollback.state.kind === "ended") return { isOver: true, isNews: false, waitMs: 0 };
  const answer = await platform.deployments({ fresh: true });
  const deploymentId = rollback.state.kind === "following" ? rollback.state.deploymentId : null;
  const address = answer.ok ? (answer.value.list.find((one) => one.address !== null)?.address ?? null) : null;
  const face = await askFace({ deploymentId, address });
  const sighting: Sighting = { deployments: answer, face, at: now().toISOString() };
  const next = await explained(deps, follow(rollback, sighting), sighting);
  const isNews = JSON.stringify(next) !== JSON.stringify(rollback.state);
  if (isNews) await book.move(id, next);
  return {
    isOver: next.kind === "ended",
    isNews,
    waitMs: deps.lookEveryMs ?? nextLookMs(rollback, sighting),
  };
}

/** Why it failed, in the platform's words, and what serves instead. */
async function explained(
  { platform }: RollbackDeps,
  state: RollbackState,
  { deployments }: Sighting,
): Promise<RollbackState> {
  if (state.kind !== "ended" || state.result !== "failed" || state.deploymentId === null) return state;
  const why = await platform.whyFailed(state.deploymentId);
  const live = deployments.ok ? liveOf(deployments.value) : null;
  const instead = live === null || live.id === state.deploymentId ? null : `${shortName(live)} is live.`;
  const reason = [state.reason, why === null ? null : `${why.replace(/\.$/, "")}.`, instead];
  return { ...state, reason: reason.filter((words) => words !== null).join(" ") };
}
