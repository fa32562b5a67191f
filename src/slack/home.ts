/** The Home tab: open decisions, how the bot is, and where to go on. */
import type { SlackEventMiddlewareArgs } from "@slack/bolt";
import type { DecisionRecord } from "../domain/decision.ts";
import type { HealthReport } from "../domain/health.ts";
import type { Maintenance } from "../domain/maintenance.ts";
import { type Block, divider, type Home, header, section, textMessage } from "./cards/blocks.ts";
import { healthLine } from "./cards/health.ts";
import { maintenanceLine } from "./cards/maintenance-card.ts";
import { pendingText } from "./cards/pending.ts";
import type { Directory } from "./directory.ts";
import type { MaintenanceDesk } from "./operations-ports.ts";
import type { Outbound } from "./outbound.ts";
import type { DecisionDesk, Operations } from "./ports.ts";

export interface HomeDeps {
  desk: Pick<DecisionDesk, "pending">;
  operations: Pick<Operations, "lastHealth">;
  directory: Pick<Directory, "memberOf">;
  maintenance: Pick<MaintenanceDesk, "inForce">;
  outbound: Pick<Outbound, "publishHome">;
  now: () => Date;
}

export function openHome({ desk, maintenance, operations, directory, outbound, now }: HomeDeps) {
  return async ({ event }: SlackEventMiddlewareArgs<"app_home_opened">): Promise<void> => {
    // The same event comes for the Messages tab.
    if (event.tab !== "home") return;
    const member = await directory.memberOf(event.user);
    const view = member.ok
      ? homeView({
          decisions: await desk.pending(),
          report: operations.lastHealth(),
          maintenance: maintenance.inForce(),
          now: now(),
        })
      : { type: "home" as const, blocks: [section("refused", member.reason)] };
    await outbound.publishHome(event.user, view);
  };
}

interface HomeContent {
  decisions: DecisionRecord[];
  report: HealthReport;
  maintenance?: Maintenance | null;
  now: Date;
}

export function homeView({ decisions, report, maintenance = null, now }: HomeContent): Home {
  const closed = maintenanceLine(maintenance);
  const open: Block[] = textMessage(pendingText(decisions, now)).blocks;
  return {
    type: "home",
    blocks: [
      ...(closed === null ? [] : [section("maintenance", closed)]),
      header("pending_title", "Waiting for a decision"),
      ...open,
      divider("divider"),
      section("health", healthLine(report)),
      section("help", "`/emm add` puts a question in the inbox. `/emm help` shows everything I can do."),
    ],
  };
}
