/**
 * What changed outside Slack: decisions and edits made directly in Notion, decisions whose time is up, cards that
 * show an old state. Costs one Notion query, over what was edited since the last sweep. Everything found becomes
 * a workflow of its own; while it is at work, finding the same thing again does nothing.
 */
import type { DecisionRecord } from "../domain/decision.ts";
import type { CardWorkflows } from "./cards.ts";
import { isChanged, isTakenUp } from "./changed-in-notion.ts";
import type { Decider } from "./decide.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";
import { isOverdue, type UndoWindow } from "./undo.ts";

/** Notion cuts edit times to the minute, and queries lag behind writes. */
const LOOK_BACK_MS = 3 * 60_000;
const AFTER_A_JUMP_MS = 86_400_000;
const STALE_CARD_MS = 60_000;
const WATERMARK = "sweep";

/** Returns how many decisions and edits were taken up. */
export type Sweep = (tick: string) => Promise<number>;

interface Parts {
  cards: CardWorkflows;
  decider: Decider;
  /** Looks at a changed Action Pipe and acts on it. */
  takeUpChange: (decisionId: string) => Promise<void>;
  undoWindow: Pick<UndoWindow, "end">;
}

interface Findings {
  /** When this look began; the next one starts here. */
  at: string;
  /** Ids of decisions whose Action Pipe does not say what it should. */
  changed: string[];
  due: string[];
  stale: DecisionRecord[];
  /** Decided, and their time for taking it back should be over. Absent in sweeps of older versions. */
  overdue?: { id: string; round: number }[];
}

export function registerSweep(deps: WorkflowDeps, parts: Parts): Sweep {
  const expire = registerWorkflow("expire", async (id: string): Promise<void> => {
    const { known, ...moment } = await step(`look:${id}`, () => parts.decider.look(id));
    if (known?.state.kind === "pending") await parts.decider.expire({ known, ...moment });
  });

  return async (tick) => {
    const findings = await stepOnce(`sweep:${tick}`, () => look(deps));
    for (const id of findings.changed) await parts.takeUpChange(id);
    // One for each look: what was decided meanwhile may be taken back and be due again.
    for (const id of findings.due) await startOnce(`expire:${id}:${tick}`, expire, id);
    for (const { id, round } of findings.overdue ?? []) await parts.undoWindow.end(id, round);
    for (const decision of findings.stale) await parts.cards.repair(decision, tick);
    await stepOnce(`watermark:${tick}`, () => deps.books.settings.set(WATERMARK, { at: findings.at }));
    return findings.changed.length;
  };
}

/** From when on edits are looked for. A last sweep in the future had a clock that was ahead, and missed what was edited then. */
export function sweptSince(last: string, now: Date): string {
  // Less than the usual look back misses nothing, and replicas' clocks differ.
  const wasAhead = Date.parse(last) - LOOK_BACK_MS > now.getTime();
  const from = wasAhead ? now.getTime() - AFTER_A_JUMP_MS : Date.parse(last) - LOOK_BACK_MS;
  return new Date(from).toISOString();
}

async function look({ notion, books, now }: WorkflowDeps): Promise<Findings> {
  const at = now().toISOString();
  const last = (await books.settings.get<{ at: string }>(WATERMARK))?.at ?? at;
  const since = sweptSince(last, now());
  const pipes = await notion.decisions.pipesEditedSince(since);
  const known = new Map((await books.decisions.findMany(pipes.map((pipe) => pipe.id))).map((d) => [d.id, d]));
  const changed = pipes.flatMap((pipe) => {
    const decision = known.get(pipe.id);
    return decision && isChanged(decision, pipe) ? [decision.id] : [];
  });
  // What somebody decided in time must not expire before it is taken up.
  const due: string[] = [];
  for (const { id } of await books.decisions.dueBefore(at))
    if (!changed.includes(id) && !(await isTakenUp(id))) due.push(id);
  const stale = await books.decisions.withStaleCard(new Date(now().getTime() - STALE_CARD_MS));
  const open = await books.decisions.inState("undoable");
  const overdue = open.filter((one) => isOverdue(one, now())).map(({ id, round }) => ({ id, round }));
  return { at, changed, due, stale, overdue };
}
