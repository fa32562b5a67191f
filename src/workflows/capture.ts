/** A new inbox item from Slack: written to Notion exactly once, its asker remembered, and looked at right away. */
import type { MessageRef, NewItem } from "../domain/item.ts";
import type { WorkflowDeps } from "./deps.ts";
import { registerWorkflow, startOnce, step } from "./engine.ts";

export function registerCapture(deps: WorkflowDeps, pollSoon: (occasion: string) => Promise<void>) {
  const { books, notion } = deps;

  const capture = registerWorkflow(
    "capture",
    async (key: string, item: NewItem, origin: MessageRef | null): Promise<void> => {
      const page = await step(`add:${key}`, () => notion.inbox.add(item, { key: `capture:${key}` }));
      await step(`origin:${key}`, () =>
        books.origins.setOrigin(page.id, { requestedBy: item.requestedBy, message: origin }),
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
