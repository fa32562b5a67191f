/** A new inbox item from Slack or a webhook: written to Notion exactly once, its asker remembered, and looked at right away. */
import type { MessageRef, NewItem } from "../domain/item.ts";
import type { CardWorkflows } from "./cards.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, StepFailed, startOnce, step } from "./engine.ts";

interface Parts {
  cards: CardWorkflows;
  pollSoon: (occasion: string) => Promise<void>;
}

export function registerCapture(deps: WorkflowDeps, { cards, pollSoon }: Parts) {
  const { books, notion } = deps;

  /** "Added" was said already: if Notion refuses, the asker hears of it, and mend.ts tries again. */
  const addOrAdmit = async (key: string, item: NewItem) => {
    try {
      return await step(`add:${key}`, () => notion.inbox.add(item, { key: `capture:${key}` }));
    } catch (error) {
      if (error instanceof StepFailed && item.requestedBy !== null) {
        const outcome = `Notion does not take it yet: ${error.message}\nIt is not lost; I keep trying.`;
        const note = { kind: "item-triaged", to: null, itemTitle: item.title, outcome, url: null } as const;
        await cards.say(`not-added:${key}`, { ...note, requestedBy: item.requestedBy });
      }
      throw error;
    }
  };

  const capture = registerWorkflow(
    "capture",
    async (key: string, item: NewItem, origin: MessageRef | null): Promise<void> => {
      const page = await addOrAdmit(key, item);
      await step(`origin:${key}`, () =>
        books.origins.setOrigin(page.id, { requestedBy: slackUserIn(item.requestedBy), message: origin }),
      );
      await pollSoon(`capture-${key}`);
    },
  );

  return {
    async add(key: string, item: NewItem, origin: MessageRef | null): Promise<void> {
      await startOnce(`capture:${key}`, capture, key, item, origin);
    },
  };
}

/** Forms and bridges also name people whom Slack does not know. */
function slackUserIn(requester: string | null): string | null {
  return requester !== null && /^[UW][A-Z0-9]{2,}$/.test(requester) ? requester : null;
}
