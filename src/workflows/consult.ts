/** The thinking part of an item: triage, frame, advisers in parallel, synthesis. Orchestrates; words are Claude's. */
import {
  type Advice,
  type Adviser,
  type Analysis,
  type CallUsage,
  type Frame,
  type MissingAdvice,
  needsDialectic,
  type Triage,
} from "../domain/analysis.ts";
import { disagreementOf } from "../domain/disagreement.ts";
import { wantsDialectic } from "../domain/talk.ts";
import type { WorkflowDeps } from "./deps.ts";
import { inParallel, StepFailed, step } from "./engine.ts";
import type { ItemContext } from "./item.ts";
import type { Answer, Area, AskContext } from "./ports.ts";

export interface Surroundings {
  areas: Area[];
  /** The three of the dialectic first, then other active rows of the registry. */
  advisers: Adviser[];
}

export interface Triaged extends Surroundings {
  triage: Triage;
  areaId: string | null;
  calls: CallUsage[];
}

export interface Deliberated {
  analysis: Analysis;
  /** Those who were asked, with their registry pages. */
  asked: Adviser[];
  nodeIds: string[];
}

/** A Claude call as a step; a failed answer ends the attempt, and what it cost is counted either way. */
async function ask<T>(name: string, calls: CallUsage[], run: () => Promise<Answer<T>>): Promise<T> {
  const answer = await step(name, run);
  calls.push(...answer.calls);
  if (answer.kind === "failed") throw new StepFailed(name, answer.failure);
  return answer.value;
}

function askContext({ run, item }: ItemContext, what: string): AskContext {
  return { key: `${run.pageId}:${run.attempt}:${what}`, item };
}

export async function triageItem(context: ItemContext): Promise<Triaged> {
  const { deps, run } = context;
  const calls: CallUsage[] = [];
  const around = await step(`surroundings:${run.pageId}`, async (): Promise<Surroundings> => {
    const [areas, registry] = await Promise.all([
      deps.notion.catalogue.areas(),
      deps.notion.catalogue.advisers(),
    ]);
    return { areas, advisers: deps.counsel.advisers(registry) };
  });
  const triage = await ask(`triage:${run.pageId}`, calls, () =>
    deps.counsel.triage({
      ...askContext(context, "triage"),
      areas: around.areas.map((area) => area.name),
      advisers: around.advisers.map((adviser) => adviser.name),
    }),
  );
  const areaId = around.areas.find((area) => area.name === triage.area)?.id ?? null;
  // Whoever asks for all three has a decision in mind, whatever the words look like.
  const kind = wantsDialectic(context.item) ? "strategic" : triage.kind;
  return { ...around, triage: { ...triage, kind }, areaId, calls };
}

export async function deliberate(context: ItemContext, triaged: Triaged): Promise<Deliberated> {
  const { deps, run, item } = context;
  const { triage } = triaged;
  const calls = [...triaged.calls];
  const frame = await ask(`frame:${run.pageId}`, calls, () =>
    deps.counsel.frame({ ...askContext(context, "frame"), triage }),
  );
  const asked = whomToAsk(context, triaged);
  const hearing = { deps, name: run.pageId, key: `${run.pageId}:${run.attempt}`, asked, calls };
  const about = { item, triage, frame };
  const [answers, nodes] = await inParallel([
    askAdvisers(hearing, about),
    step(`nodes:${run.pageId}`, () => deps.notion.catalogue.nodes(triage.concepts, { suspect: run.suspect })),
  ]);
  const weighed = await weigh(hearing, about, answers);
  const costUsd = calls.reduce((sum, call) => sum + call.costUsd, 0);
  const analysis = { triage, frame, ...weighed, calls, costUsd };
  return { analysis, asked, nodeIds: [...new Set(nodes.map((node) => node.id))] };
}

/** The dialectic is always the three; otherwise the one whom triage named. */
function whomToAsk({ item }: ItemContext, { advisers, triage }: Triaged): Adviser[] {
  if (needsDialectic(triage) || wantsDialectic(item)) return advisers.slice(0, 3);
  const assigned = advisers.find((adviser) => adviser.name === triage.adviser) ?? advisers[0];
  return assigned ? [assigned] : [];
}

/** Who is heard, and under which names. */
export interface Hearing {
  deps: Pick<WorkflowDeps, "counsel" | "meter">;
  /** Ends the names of the steps. */
  name: string;
  /** Begins the keys of the calls. */
  key: string;
  asked: Adviser[];
  /** Grows with every call that was billed. */
  calls: CallUsage[];
}

/** What they are heard on. */
export type Matter = Pick<AskContext, "item" | "answered"> & { triage: Triage; frame: Frame };

export function askAdvisers({ deps, name, key, asked }: Hearing, about: Matter): Promise<Answer<Advice>[]> {
  return Promise.all(
    asked.map((adviser) =>
      step(`advise:${name}:${adviser.name}`, async () => {
        const answer = await deps.counsel.advise({ ...about, key: `${key}:advise:${adviser.name}`, adviser });
        deps.meter.advised(adviser.name, answer.kind === "ok" ? "ok" : answer.failure.code);
        return answer;
      }),
    ),
  );
}

/** The answers brought together; fails when nobody spoke, or somebody could not be paid for. */
export async function weigh(
  { deps, name, key, asked, calls }: Hearing,
  about: Matter,
  answers: Answer<Advice>[],
): Promise<Pick<Analysis, "advice" | "missing" | "synthesis" | "disagreement">> {
  const { advice, missing } = sortAnswers(asked, answers, calls);
  // An adviser that Claude failed on is missing; one that nobody paid for is waited for.
  const unpaid = answers.find(
    (answer) => answer.kind === "failed" && answer.failure.code === "budget_reached",
  );
  if (advice.length === 0 || unpaid)
    throw new StepFailed("advise", firstFailure(unpaid ? [unpaid] : answers));
  const synthesis = await ask(`synthesise:${name}`, calls, async () => {
    const answer = await deps.counsel.synthesise({ ...about, key: `${key}:synthesise`, advice });
    const reached = missing.length === 0 ? "complete" : "partial";
    if (asked.length > 1) deps.meter.dialecticEnded(answer.kind === "ok" ? reached : "failed");
    return answer;
  });
  return { advice, missing, synthesis, disagreement: disagreementOf(advice, synthesis.recommendedOption) };
}

function sortAnswers(asked: Adviser[], answers: Answer<Advice>[], calls: CallUsage[]) {
  const advice: Advice[] = [];
  const missing: MissingAdvice[] = [];
  for (const [index, answer] of answers.entries()) {
    calls.push(...answer.calls);
    if (answer.kind === "ok") advice.push(answer.value);
    else missing.push({ adviser: asked[index]?.name ?? "An adviser", reason: answer.failure.message });
  }
  return { advice, missing };
}

function firstFailure(answers: Answer<Advice>[]) {
  for (const answer of answers) if (answer.kind === "failed") return answer.failure;
  return { code: "internal", message: "no adviser was available", retryable: false } as const;
}
