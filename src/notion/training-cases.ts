/** Training Data rows together with what they came from: the Action Pipe, the intent and the inbox item. */
import type { InboxItem } from "../domain/item.ts";
import type { TrainingCase } from "../domain/training-examples.ts";
import type { actionPipes } from "./databases/action-pipes.ts";
import type { executiveIntents } from "./databases/executive-intents.ts";
import type { systemInbox } from "./databases/system-inbox.ts";
import type { trainingData } from "./databases/training-data.ts";
import type { Gateway } from "./gateway.ts";
import { ITEM_PROPERTIES, itemOf } from "./inbox.ts";
import type { Table } from "./table.ts";

export interface TrainingReaderDeps {
  gateway: Gateway;
  training: Table<typeof trainingData>;
  pipes: Table<typeof actionPipes>;
  intents: Table<typeof executiveIntents>;
  inbox: Table<typeof systemInbox>;
}

/** The mark the bot leaves on a row: `training:` and the id of the Action Pipe; on a review also after how many days. */
const KEY = /^(?:training:([0-9a-f-]{36})|review:([0-9a-f-]{36}):\d+)$/;

const NO_KEY = "written by hand or by an earlier version: Key does not name an Action Pipe";
const NO_PIPE = "the Action Pipe is not there any more";
const NO_INTENT = "the Executive Intent is not there any more";
const NO_ITEM = "the inbox item is not there any more";

/** Whole tables at a time: four requests for each hundred rows, whatever they are linked to. */
export async function readTrainingCases(deps: TrainingReaderDeps): Promise<TrainingCase[]> {
  const rows = await deps.training.query({
    read: ["Key", "Intent_ID", "Timestamp", "Outcome", "Reason", "Model", "Original_Plan", "Final_Plan"],
  });
  const find = await createFinder(deps);
  const cases: TrainingCase[] = [];
  for (const { id, row } of rows) {
    const decisionId = decisionIn(row.Key);
    cases.push({
      id,
      decisionId,
      intentId: row.Intent_ID.trim(),
      outcome: row.Outcome,
      reason: row.Reason,
      model: row.Model,
      decidedAt: row.Timestamp,
      originalPlan: row.Original_Plan,
      finalPlan: row.Final_Plan,
      source: await find({ decisionId, intentId: row.Intent_ID }),
    });
  }
  return cases;
}

function decisionIn(key: string): string | null {
  const match = KEY.exec(key.trim());
  return match?.[1] ?? match?.[2] ?? null;
}

async function createFinder({ gateway, pipes, intents, inbox }: TrainingReaderDeps) {
  const pipePages = byId(await pipes.query({ read: ["AI_Raw_Output"] }));
  const intentPages = byId(await intents.query({ read: ["Description", "Source"] }));
  const itemPages = byId(await inbox.query({ read: ITEM_PROPERTIES }));
  return async (row: { decisionId: string | null; intentId: string }): Promise<TrainingCase["source"]> => {
    if (row.decisionId === null) return { missing: NO_KEY };
    const pipe = pipePages.get(row.decisionId);
    if (!pipe) return { missing: NO_PIPE };
    const intent = intentPages.get(row.intentId.trim());
    if (!intent) return { missing: NO_INTENT };
    const page = itemPages.get(intent.row.Source[0] ?? "");
    if (!page) return { missing: NO_ITEM };
    const item = asItWas(await itemOf(gateway, page), intent.row.Description);
    return { item, analysis: pipe.row.AI_Raw_Output };
  };
}

/** The intent kept the text of that day; an item without text was described by its title. */
function asItWas(item: InboxItem, description: string): InboxItem {
  if (description === "" || (item.content === "" && description === item.title)) return item;
  return { ...item, content: description };
}

function byId<T extends { id: string }>(pages: T[]): ReadonlyMap<string, T> {
  return new Map(pages.map((page) => [page.id, page]));
}
