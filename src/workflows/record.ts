/**
 * Carries a decision out: Action Pipe and intent, the training row, then (approved only) project and tasks, then
 * the Execution Log and the card. Runs once per decision and waits out any outage of Notion. Before anything is
 * written it looks whether Notion still holds what was decided on; if not, the decision is void and a new card
 * shows the change.
 */
import {
  type DecisionRecord,
  inFull,
  nameWithId,
  type Outcome,
  whoDecided,
  writtenName,
} from "../domain/decision.ts";
import { advance } from "../domain/decision-machine.ts";
import { contentHash, type Plan, planToContent } from "../domain/plan.ts";
import { speaksForIntent, withoutEarlierTasks } from "../domain/reopening.ts";
import { type Settlement, settle } from "../domain/settlement.ts";
import { type CardWorkflows, inShort } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { inParallel, registerWorkflow, StepFailed, step } from "./engine.ts";
import type { DecisionWrite, PageRef, PipeRow } from "./ports.ts";
import type { Supersede } from "./supersede.ts";

/** A project is made when there are at least this many tasks. */
const TASKS_FOR_A_PROJECT = 3;

export function registerRecord(deps: WorkflowDeps, cards: CardWorkflows, supersede: Supersede) {
  const { notion, books } = deps;

  const carryOut = async (id: string): Promise<void> => {
    const loaded = await step(`load:${id}`, () => books.decisions.find(id));
    if (loaded?.state.kind !== "recording") return;
    const decision = inFull(loaded);
    const { outcome } = loaded.state;
    await cards.show(id, "recording");
    const pipe = await step(`verify:${id}`, () => notion.decisions.readPipe(id));
    const change = whatChanged(decision, pipe, outcome);
    if (change !== null) {
      await supersede(decision, pipe, change);
      return;
    }
    if (isOverruled(pipe, outcome)) {
      const note = { kind: "too-late-in-notion", decision, status: pipe.status } as const;
      await cards.say(`too-late-in-notion:${id}`, note);
    }
    const settlement = settle(decision.proposal, outcome.final, outcome.verdict);
    await writeDecision(deps, decision, outcome);
    await step(`training:${id}`, () =>
      notion.records.createTraining(trainingRow(deps, decision, outcome, settlement), {
        key: `training:${id}`,
      }),
    );
    const plan = outcome.final && withoutEarlierTasks(outcome.final, decision);
    const followUps = plan ? await createFollowUps(deps, decision, plan) : NO_FOLLOW_UPS;
    await step(`log:${id}`, () =>
      notion.records.createLog(logEntry(deps, decision, outcome, followUps), { key: `log:${id}` }),
    );
    await step(`recorded:${id}`, async () => {
      const state = {
        outcome,
        recordedAt: deps.now().toISOString(),
        taskCount: followUps.tasks,
        projectUrl: followUps.project?.url ?? null,
        acceptanceRate: settlement.acceptanceRate,
      };
      await books.decisions.evolve(id, (known) => advance(known, { kind: "recorded", state }));
      deps.meter.settled(outcome.verdict, settlement.acceptanceRate);
    });
    await cards.show(id, "recorded");
    await tellRequester(deps, cards, id);
  };

  return registerWorkflow("record", async (id: string): Promise<void> => {
    try {
      await carryOut(id);
    } catch (error) {
      if (error instanceof StepFailed) await admit(deps, cards, id, error);
      // Ends as an error on purpose: mend.ts takes it up again at the failed step.
      throw error;
    }
  });
}

/** Decided, but something in Notion must be mended before it can be written: say so instead of "recording…". */
async function admit(
  { books }: WorkflowDeps,
  cards: CardWorkflows,
  id: string,
  failure: StepFailed,
): Promise<void> {
  const reason = failure.message;
  const decision = await step(`stuck:${id}`, async () => {
    const stuck = await books.decisions.evolve(id, (known) =>
      advance(known, { kind: "stuck", problem: reason }),
    );
    return stuck?.decision ?? null;
  });
  if (decision?.state.kind !== "recording") return;
  await cards.show(id, `stuck-${decision.rev}`);
  await cards.say(`not-recorded:${id}:${failure.step}:${failure.code}`, {
    kind: "not-recorded",
    decision,
    reason,
  });
}

/** A decision made in Notion carries its own content; one made on the card is bound to what the card showed. */
function whatChanged(decision: DecisionRecord, pipe: PipeRow, outcome: Outcome): string | null {
  if (pipe.inTrash)
    return "The Action Pipe was moved to the trash in Notion before the decision was recorded.";
  const hash = contentHash(pipe.content);
  if (outcome.via === "notion" || hash === decision.hash) return null;
  // The request was withdrawn, whatever the plan.
  if (outcome.verdict === "withdrawn") return null;
  // Already written by an earlier run of this workflow.
  if (outcome.final && hash === contentHash(planToContent(decision.title, outcome.final))) return null;
  return "The Action Pipe was edited in Notion before the decision was recorded.";
}

/** Somebody decided otherwise in Notion while this decision was on its way there. */
function isOverruled({ status }: PipeRow, { verdict }: Outcome): boolean {
  return (status === "Approved" || status === "Rejected") && status !== RECORDED_STATUS[verdict];
}

/** Of the Action Pipe, once the decision is written. */
export const RECORDED_STATUS = {
  approved: "Approved",
  edited: "Approved",
  rejected: "Rejected",
  expired: "Expired",
  withdrawn: "Withdrawn",
} as const;

async function writeDecision(
  { notion }: WorkflowDeps,
  decision: DecisionRecord,
  outcome: Outcome,
): Promise<void> {
  const status = RECORDED_STATUS[outcome.verdict];
  const sentence = decisionSentence(outcome);
  const write: DecisionWrite = {
    status,
    outcome,
    sentence,
    content:
      outcome.verdict === "edited" && outcome.final ? planToContent(decision.title, outcome.final) : null,
  };
  await inParallel([
    step(`pipe:${decision.id}`, () => notion.decisions.writePipe(decision.id, write)),
    ...(speaksForIntent(outcome, decision)
      ? [
          step(`intent:${decision.id}`, () =>
            notion.decisions.writeIntent(decision.intentId, { status, sentence }),
          ),
        ]
      : []),
  ]);
}

/** For `Decision_Made`: who, when, what and why, in one line. */
export function decisionSentence(outcome: Outcome): string {
  const chosen = outcome.final?.options.find((option) => option.id === outcome.final?.recommendedOption);
  const what = chosen ? `: option ${chosen.id}, ${chosen.title}` : "";
  const why = outcome.reason ? ` Reason: ${outcome.reason}` : "";
  const verdict = {
    approved: "Approved",
    edited: "Approved with changes",
    rejected: "Rejected",
    expired: "Expired",
    withdrawn: "Withdrawn",
  };
  const people = whoDecided(outcome).map(writtenName);
  const who = outcome.verdict === "expired" ? "" : ` by ${people.join(" and ")}`;
  return `${verdict[outcome.verdict]}${who} on ${outcome.at.slice(0, 16).replace("T", " ")} UTC${what}.${why}`;
}

interface Done {
  tasks: number;
  project: PageRef | null;
}

const NO_FOLLOW_UPS: Done = { tasks: 0, project: null };

async function createFollowUps(
  { notion }: WorkflowDeps,
  decision: DecisionRecord,
  plan: Plan,
): Promise<Done> {
  const { id, intentId, areaId, title } = decision;
  const context = `${decision.analysis.frame.question}\n\n${decision.analysis.synthesis.rationale}`;
  const project =
    plan.tasks.length >= TASKS_FOR_A_PROJECT
      ? await step(`project:${id}`, () =>
          notion.followUps.createProject({ title, context, intentId, areaId }, { key: `project:${id}` }),
        )
      : null;
  const projectId = project?.id ?? null;
  await inParallel(
    plan.tasks.map((task, index) =>
      step(`task:${id}:${index}`, () =>
        notion.followUps.createTask(
          { title: task, context, intentId, itemId: null, areaId, projectId },
          { key: `task:${id}:${index}` },
        ),
      ),
    ),
  );
  return { tasks: plan.tasks.length, project };
}

function trainingRow(deps: WorkflowDeps, decision: DecisionRecord, outcome: Outcome, settlement: Settlement) {
  const advisers = decision.analysis.advice.map((advice) => advice.adviser);
  return {
    title: decision.title,
    intentId: decision.intentId,
    at: outcome.at,
    adviser: advisers.length === 1 ? (advisers[0] ?? "") : "Dialectic",
    acceptanceRate: settlement.acceptanceRate,
    modifications: settlement.modifications,
    original: decision.proposal,
    final: outcome.final,
    outcome,
    model: deps.rules.model,
  };
}

function logEntry(deps: WorkflowDeps, decision: DecisionRecord, outcome: Outcome, done: Done) {
  const created =
    done.tasks > 0 ? ` ${done.tasks} task(s)${done.project ? " and a project" : ""} created.` : "";
  const stands = speaksForIntent(outcome, decision) ? "" : " What was decided before goes on to stand.";
  return {
    title: `Decision ${outcome.verdict}: ${decision.title}`,
    action: `${decisionSentence(outcome)}${created}${stands}`,
    at: deps.now().toISOString(),
    actor: whoDecided(outcome).map(nameWithId).join(" and "),
    intentId: decision.intentId,
    pipeId: decision.id,
  };
}

async function tellRequester(deps: WorkflowDeps, cards: CardWorkflows, id: string): Promise<void> {
  const decision = await step(`reload:${id}`, async () => {
    const recorded = await deps.books.decisions.find(id);
    return recorded && inShort(recorded);
  });
  if (!decision) return;
  await cards.say(`decided:${id}`, { kind: "decided", decision });
  const { itemId, requestedBy, state } = decision;
  if (requestedBy === null || state.kind !== "recorded") return;
  const { message: to } = await step(`origin:${id}`, () => deps.books.origins.origin(itemId));
  // Others in the thread want to know; whoever ended it alone knows.
  if (to === null && state.outcome.by.slackId === requestedBy) return;
  await cards.say(`outcome:${id}`, { kind: "outcome", to, requestedBy, decision });
}
