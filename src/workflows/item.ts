/**
 * One attempt at one inbox item: claim, triage, and then a task, nodes, or a decision card. Every way out leaves
 * the item in a state that a person can see: triaged, back in the inbox with the reason, or Failed with a card.
 */
import type { ItemKind, Triage } from "../domain/analysis.ts";
import type { InboxItem, ItemResult } from "../domain/item.ts";
import { toFailure } from "../errors.ts";
import type { ItemRun } from "./books.ts";
import { holdForToday } from "./budget.ts";
import { type CardWorkflows, FIRST_SHOW } from "./cards.ts";
import { deliberate, type Triaged, triageItem } from "./consult.ts";
import type { WorkflowDeps } from "./deps.ts";
import { inParallel, registerWorkflow, StepFailed, startOnce, step } from "./engine.ts";
import type { CreateOptions, InboxFinish } from "./ports.ts";
import { asBacklog } from "./precedence.ts";
import { recordAnalysis } from "./record-analysis.ts";

const MAX_FAILURES = 3;

/** Faults of the set-up or the purse: waiting helps, a dead letter for every item would not. */
const WAITS_FOR_PEOPLE = new Set([
  "budget_reached",
  "claude_unauthorized",
  "notion_unauthorized",
  "notion_block_limit",
]);

type Handled = Extract<ItemResult, { kind: "decision" | "task" | "nodes" }>;

/** What triage made of an item, by what came of it. */
const KIND_OF = {
  decision: "strategic",
  task: "operational",
  nodes: "reference",
} as const satisfies Record<Handled["kind"], ItemKind>;

export interface ItemStart extends ItemRun {
  /** The store did not know it although it was in work: look for our pages before making new ones. */
  suspect: boolean;
}

export interface ItemContext {
  run: ItemStart;
  item: InboxItem;
  deps: WorkflowDeps;
  cards: CardWorkflows;
  /** Create options for a record of this item. */
  keyed(what: string): CreateOptions;
}

export function registerItemWorkflow(deps: WorkflowDeps, cards: CardWorkflows) {
  const { notion, books } = deps;

  const deadLetterCard = registerWorkflow("deadletter-card", async (itemId: string) => {
    const letter = await step(`letter:${itemId}`, () => books.letters.find(itemId));
    if (!letter) return;
    const card = await step(`deadletter:${itemId}`, () => deps.board.postDeadLetter(letter));
    await step(`posted:${itemId}`, () => books.letters.posted(itemId, card));
  });

  const handle = async (context: ItemContext): Promise<Handled> => {
    const triaged = await triageItem(context);
    if (triaged.triage.kind === "operational") return makeTask(context, triaged);
    if (triaged.triage.kind === "reference") return makeNodes(context, triaged.triage);
    return putUpForDecision(context, triaged);
  };

  const attempt = async (run: ItemStart): Promise<ItemResult> => {
    let item: InboxItem | null = null;
    let result: Handled;
    try {
      item = await step(`claim:${run.pageId}`, () => notion.inbox.claim(run.pageId, run.attempt));
      const keyed = (what: string) => ({
        key: `inbox:${run.pageId}:${run.round}:${what}`,
        suspect: run.suspect,
      });
      result = await handle({ run, item, deps, cards, keyed });
      const kind = KIND_OF[result.kind];
      await step(`done:${run.pageId}`, async () => {
        await books.items.done(run.pageId, { kind, at: deps.now() });
        deps.meter.itemEnded(kind, "done");
      });
    } catch (error) {
      // The engine's own signals (cancelled, taken over by another process) are not outcomes of the item.
      if (error instanceof Error && error.name.startsWith("DBOS")) throw error;
      return fail({ deps, cards, run, item, error, deadLetterCard });
    }
    // Outside: the item is done, whatever becomes of the note.
    const url = result.kind === "task" ? result.url : item.url;
    await tellRequester({ deps, cards, run, item, outcome: outcomeSentence(result), url });
    return result;
  };

  return registerWorkflow("item", (run: ItemStart) => asBacklog(() => attempt(run)));
}

/** Inbox row and Execution Log entry, side by side. */
async function finish(
  context: ItemContext,
  destination: InboxFinish,
  entry: { action: string; intentId: string | null; pipeId: string | null },
): Promise<void> {
  const { deps, run, item, keyed } = context;
  const log = { ...entry, title: `${entry.action}: ${item.title}`, actor: "Executive Mind Matrix" };
  await inParallel([
    step(`finish:${run.pageId}`, () => deps.notion.inbox.finish(run.pageId, destination)),
    step(`log:${run.pageId}`, () =>
      deps.notion.records.createLog({ ...log, at: deps.now().toISOString() }, keyed("log")),
    ),
  ]);
}

async function makeTask(context: ItemContext, { triage, areaId }: Triaged): Promise<Handled> {
  const { deps, run, item, keyed } = context;
  const task = { title: triage.title, context: item.content || item.title, itemId: item.id, areaId };
  const page = await step(`task:${run.pageId}`, () =>
    deps.notion.followUps.createTask({ ...task, intentId: null, projectId: null }, keyed("task")),
  );
  const destination: InboxFinish = {
    destination: "task",
    routedTo: [page.id],
    nodes: [],
    tags: tagsOf(triage),
  };
  await finish(context, destination, { action: "Task created", intentId: null, pipeId: null });
  return { kind: "task", taskId: page.id, title: triage.title, url: page.url };
}

async function makeNodes(context: ItemContext, triage: Triage): Promise<Handled> {
  const { deps, run } = context;
  const nodes = await step(`nodes:${run.pageId}`, () =>
    deps.notion.catalogue.nodes(triage.concepts, { suspect: run.suspect }),
  );
  const ids = [...new Set(nodes.map((node) => node.id))];
  const destination: InboxFinish = { destination: "node", routedTo: ids, nodes: ids, tags: tagsOf(triage) };
  await finish(context, destination, { action: "Filed as reference", intentId: null, pipeId: null });
  return { kind: "nodes", names: nodes.map((node) => node.name), title: triage.title };
}

async function putUpForDecision(context: ItemContext, triaged: Triaged): Promise<Handled> {
  const deliberated = await deliberate(context, triaged);
  const { decisionId, intentId, title } = await recordAnalysis(context, triaged, deliberated);
  await context.cards.show(decisionId, FIRST_SHOW);
  const destination: InboxFinish = {
    destination: "intent",
    routedTo: [intentId],
    nodes: deliberated.nodeIds,
    tags: tagsOf(triaged.triage),
  };
  await finish(context, destination, { action: "Put up for decision", intentId, pipeId: decisionId });
  return { kind: "decision", decisionId, title };
}

const tagsOf = (triage: Triage): string[] => [...new Set(triage.concepts.map((concept) => concept.name))];

interface Telling {
  deps: WorkflowDeps;
  cards: CardWorkflows;
  run: ItemStart;
  item: InboxItem;
  /** null = nothing to tell. */
  outcome: string | null;
  url: string;
}

async function tellRequester({ deps, cards, run, item, outcome, url }: Telling): Promise<void> {
  const origin = await step(`origin:${run.pageId}`, () => deps.books.origins.origin(run.pageId));
  const requestedBy = origin.requestedBy ?? item.requestedBy;
  if (requestedBy === null || outcome === null) return;
  await cards.say(`triaged:${run.pageId}:${run.attempt}`, {
    kind: "item-triaged",
    to: origin.message,
    requestedBy,
    itemTitle: item.title,
    outcome,
    url,
  });
}

function outcomeSentence(result: ItemResult): string | null {
  switch (result.kind) {
    case "decision":
      return "The advisers have argued it; the card is up for decision.";
    case "task":
      return `It became a task: ${result.title}`;
    case "nodes":
      return result.names.length > 0
        ? `It was filed under ${result.names.join(", ")}.`
        : "It was filed as reference.";
    case "waiting":
    case "failed":
      return null;
  }
}

interface Failing {
  deps: WorkflowDeps;
  cards: CardWorkflows;
  run: ItemStart;
  item: InboxItem | null;
  error: unknown;
  deadLetterCard: (itemId: string) => Promise<void>;
}

async function fail({ deps, cards, run, item, error, deadLetterCard }: Failing): Promise<ItemResult> {
  const { books, rules } = deps;
  const failure = toFailure(error);
  const reason = failure.message;
  deps.log.warn({ item: run.pageId, attempt: run.attempt, code: failure.code }, "attempt failed");
  if (WAITS_FOR_PEOPLE.has(failure.code)) {
    await putBack(deps, run, { status: "Unprocessed", reason });
    await step(`wait:${run.pageId}`, async () => {
      await books.items.waits(run.pageId, reason);
      deps.meter.itemEnded("unknown", "waiting");
      deps.meter.failed(failure.code);
    });
    if (failure.code === "budget_reached") {
      const capUsd = rules.dailyBudgetUsd;
      const { day } = await step(`hold:${run.pageId}`, () => holdForToday(books, capUsd));
      await cards.say(`budget:${day}`, { kind: "budget-reached", capUsd, day });
    }
    return { kind: "waiting", reason };
  }
  const { failures, final } = await step(`fail:${run.pageId}`, async () => {
    const counted = await books.items.failed(run, reason, MAX_FAILURES);
    deps.meter.itemEnded("unknown", counted.final ? "dead_letter" : "failed");
    deps.meter.failed(failure.code);
    return counted;
  });
  await putBack(deps, run, { status: final ? "Failed" : "Unprocessed", reason });
  if (final) {
    const letter = {
      itemId: run.pageId,
      itemUrl: item?.url ?? `https://app.notion.com/p/${run.pageId.replaceAll("-", "")}`,
      title: item?.title ?? "An inbox item that could not be read",
      reason,
      attempts: failures,
    };
    await step(`letter:${run.pageId}`, () =>
      books.letters.open({ ...letter, failedAt: deps.now().toISOString() }),
    );
    await startOnce(`deadletter:${run.pageId}:${run.attempt}`, deadLetterCard, run.pageId);
    const outcome = `It could not be handled after ${failures} attempts: ${reason}\nAn operator can retry it.`;
    if (item) await tellRequester({ deps, cards, run, item, outcome, url: item.url });
  }
  return { kind: "failed", attempt: failures, final, reason };
}

/** A page that cannot be written (gone, or the reason is Notion itself) must not hide the failure. */
async function putBack(
  deps: WorkflowDeps,
  run: ItemStart,
  back: { status: "Unprocessed" | "Failed"; reason: string },
) {
  try {
    await step(`put-back:${run.pageId}`, () => deps.notion.inbox.putBack(run.pageId, back));
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    deps.log.error({ item: run.pageId, code: error.code }, "could not put the item back");
  }
}
