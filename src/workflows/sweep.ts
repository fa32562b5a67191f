/**
 * What changed outside Slack: decisions and edits made directly in Notion, decisions whose time is up, cards that
 * show an old state. Costs one Notion query, over what was edited since the last sweep. Everything found becomes
 * a workflow of its own with an id that names the finding, so seeing it twice does it once.
 */
import type { Click, DecisionRecord } from "../domain/decision.ts";
import { contentHash, contentToPlan } from "../domain/plan.ts";
import type { CardWorkflows } from "./cards.ts";
import type { Decider } from "./decide.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step, stepOnce } from "./engine.ts";
import type { PipeRow } from "./ports.ts";
import type { Supersede } from "./supersede.ts";

/** Notion cuts edit times to the minute, and queries lag behind writes. */
const LOOK_BACK_MS = 3 * 60_000;
const STALE_CARD_MS = 60_000;
const WATERMARK = "sweep";

/** Returns how many decisions and edits were taken up. */
export type Sweep = (tick: string) => Promise<number>;

interface Parts {
  cards: CardWorkflows;
  decider: Decider;
  supersede: Supersede;
}

interface Finding {
  decision: DecisionRecord;
  pipe: PipeRow;
}

interface Findings {
  /** When this look began; the next one starts here. */
  at: string;
  changed: Finding[];
  due: string[];
  stale: DecisionRecord[];
}

export function registerSweep(deps: WorkflowDeps, parts: Parts): Sweep {
  const changedInNotion = registerWorkflow(
    "changed-in-notion",
    async ({ decision, pipe }: Finding): Promise<void> => {
      if (isDecided(pipe)) return decidedInNotion(deps, parts, { decision, pipe });
      return parts.supersede(
        decision,
        pipe,
        "The Action Pipe was edited in Notion after the card was posted.",
      );
    },
  );

  const expire = registerWorkflow("expire", async (id: string): Promise<void> => {
    const { known, ...moment } = await step(`look:${id}`, () => parts.decider.look(id));
    if (known?.state.kind === "pending") await parts.decider.expire({ known, ...moment });
  });

  return async (tick) => {
    const findings = await stepOnce(`sweep:${tick}`, () => look(deps));
    for (const finding of findings.changed) {
      const { decision, pipe } = finding;
      const what = `${pipe.status}:${contentHash(pipe.content)}:${pipe.lastEditedAt}`;
      await startOnce(`notion:${decision.id}:${what}`, changedInNotion, finding);
    }
    for (const id of findings.due) await startOnce(`expire:${id}`, expire, id);
    for (const decision of findings.stale) await parts.cards.repair(decision, tick);
    await stepOnce(`watermark:${tick}`, () => deps.books.settings.set(WATERMARK, { at: findings.at }));
    return findings.changed.length;
  };
}

async function look({ notion, books, now }: WorkflowDeps): Promise<Findings> {
  const at = now().toISOString();
  const last = (await books.settings.get<{ at: string }>(WATERMARK))?.at ?? at;
  const since = new Date(Date.parse(last) - LOOK_BACK_MS).toISOString();
  const pipes = await notion.decisions.pipesEditedSince(since);
  const known = new Map((await books.decisions.findMany(pipes.map((pipe) => pipe.id))).map((d) => [d.id, d]));
  const changed = pipes.flatMap((pipe) => {
    const decision = known.get(pipe.id);
    return decision && isChanged(decision, pipe) ? [{ decision, pipe }] : [];
  });
  const due = (await books.decisions.dueBefore(at)).map((decision) => decision.id);
  const stale = await books.decisions.withStaleCard(new Date(now().getTime() - STALE_CARD_MS));
  return { at, changed, due, stale };
}

const isDecided = (pipe: PipeRow) => pipe.status === "Approved" || pipe.status === "Rejected";

function isChanged(decision: DecisionRecord, pipe: PipeRow): boolean {
  if (decision.state.kind !== "pending") return false;
  return isDecided(pipe) || contentHash(pipe.content) !== decision.hash;
}

/** Whoever set the status in Notion must be somebody who may decide; otherwise it is put back and said so. */
async function decidedInNotion(deps: WorkflowDeps, parts: Parts, { decision, pipe }: Finding): Promise<void> {
  const { id } = decision;
  const who = await step(`who:${id}`, async () => {
    const person = await deps.people.slackPersonOf(pipe.lastEditedBy);
    if (!person)
      return {
        ok: false,
        person: null,
        reason: "their Notion account is not linked to a Slack user by e-mail",
      } as const;
    const allowed = await deps.people.mayDecide(person);
    return allowed.ok
      ? ({ ok: true, person } as const)
      : ({ ok: false, person, reason: allowed.reason } as const);
  });
  if (!who.ok)
    return refuse(deps, parts.cards, { decision, by: who.person?.name ?? "Somebody", reason: who.reason });
  const moment = await step(`look:${id}`, () => parts.decider.look(id));
  const result = await parts.decider.decide(
    { decisionId: id, hash: decision.hash, choice: choiceOf(decision, pipe), by: who.person },
    "notion",
    moment,
  );
  if (result.kind === "self-approval-forbidden") {
    const reason = "nobody may approve their own request";
    await refuse(deps, parts.cards, { decision, by: who.person.name, reason });
  }
}

function choiceOf(decision: DecisionRecord, pipe: PipeRow): Click["choice"] {
  if (pipe.status === "Rejected")
    return { kind: "reject", reason: pipe.reason ?? "Rejected in Notion without a reason." };
  if (contentHash(pipe.content) === decision.hash) return { kind: "approve" };
  const plan = contentToPlan(pipe.content, decision.proposal);
  const edits = {
    option: plan.recommendedOption,
    riskAssessment: plan.riskAssessment,
    resources: plan.resources,
    tasks: plan.tasks,
  };
  return { kind: "edit", edits, reason: pipe.reason };
}

async function refuse(
  deps: WorkflowDeps,
  cards: CardWorkflows,
  { decision, by, reason }: { decision: DecisionRecord; by: string; reason: string },
): Promise<void> {
  const { id } = decision;
  const write = { status: "Pending", outcome: null, sentence: null, content: null } as const;
  await step(`put-back:${id}`, () => deps.notion.decisions.writePipe(id, write));
  await step(`audit:${id}`, () =>
    deps.books.audit.record({
      actor: by,
      action: "decision.notion",
      subject: id,
      outcome: "refused",
      detail: reason,
    }),
  );
  const at = await step(`at:${id}`, async () => deps.now().toISOString());
  await cards.say(`refused:${id}:${at}`, { kind: "refused-in-notion", decision, by, reason });
}
