/** `/emm audit`, connected: what was written about decisions, and Slack to bring it as a file. */
import type { AuditDesk } from "../slack/audit-ports.ts";
import type { Slack } from "../slack/slack.ts";
import { createDecisionLives } from "../store/decision-lives.ts";
import { createAuditTrail } from "../store/ledgers.ts";
import type { Store } from "../store/store.ts";
import { registerAuditFile } from "../workflows/audit-file.ts";

/** Call before the engine is launched. */
export function createAudit({ store, slack }: { store: Store; slack: Slack }): AuditDesk {
  const lives = createDecisionLives(store.db);
  const file = registerAuditFile({
    life: lives.life,
    courier: slack.auditCourier,
    audit: createAuditTrail(store.db),
  });
  return { search: lives.search, latest: lives.latest, life: lives.life, sendFile: file.send };
}
