/** `/emm export`, connected: Notion's rows, the prompts as they were sent, and Slack to bring the file. */
import { synthesisPrompt } from "../agents/synthesise.ts";
import type { NotionWorkspace } from "../notion/workspace.ts";
import type { Slack } from "../slack/slack.ts";
import { createAuditTrail } from "../store/ledgers.ts";
import type { Store } from "../store/store.ts";
import { registerTrainingExport } from "../workflows/export-training.ts";

interface ExportParts {
  store: Store;
  notion: NotionWorkspace;
  slack: Slack;
  now: () => Date;
}

export function createTrainingExport({ store, notion, slack, now }: ExportParts) {
  return registerTrainingExport({
    read: notion.trainingCases,
    promptFor: synthesisPrompt,
    courier: slack.exportCourier,
    audit: createAuditTrail(store.db),
    now,
  });
}
