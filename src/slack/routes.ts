/** THE map: every command, action, view and event, and who handles it. */
import type { App, BlockAction, ButtonAction } from "@slack/bolt";
import { alertButton, openSnooze } from "./actions/alert.ts";
import { approve } from "./actions/approve.ts";
import { settleDeadLetter } from "./actions/dead-letter.ts";
import { details, turnPage } from "./actions/details.ts";
import { edit } from "./actions/edit.ts";
import { newItem, quickCommand } from "./actions/home.ts";
import { reject } from "./actions/reject.ts";
import { confirmRollback } from "./actions/rollback.ts";
import { unknownAction } from "./actions/unknown.ts";
import type { AlertDesk } from "./alert-ports.ts";
import type { AuditDesk } from "./audit-ports.ts";
import { createCaptureForm, type OpenCaptureForm } from "./capture-form.ts";
import type { CaptureDesk } from "./capture-ports.ts";
import { add } from "./commands/add.ts";
import { alerts } from "./commands/alerts.ts";
import { audit as auditOf } from "./commands/audit.ts";
import { deploys } from "./commands/deploys.ts";
import { type CommandHandler, emm } from "./commands/emm.ts";
import { exportTraining } from "./commands/export.ts";
import { health } from "./commands/health.ts";
import { incident } from "./commands/incident.ts";
import { maintenance } from "./commands/maintenance.ts";
import { pending } from "./commands/pending.ts";
import { poll } from "./commands/poll.ts";
import { budget, digest, stats } from "./commands/reports.ts";
import { rollback } from "./commands/rollback.ts";
import { type SloDeps, slo } from "./commands/slo.ts";
import type { Directory } from "./directory.ts";
import { createGate } from "./gate.ts";
import { createHome } from "./home.ts";
import { ACTIONS, COMMAND, PREVIOUS_PAGE, SHORTCUTS, VIEWS } from "./ids.ts";
import type { IncidentDesk } from "./incident-ports.ts";
import { createMemberGate } from "./member-gate.ts";
import { captureMention } from "./mention.ts";
import type { MaintenanceDesk, ReaderSettings, ReportDesk } from "./operations-ports.ts";
import type { Outbound } from "./outbound.ts";
import type { PollDesk } from "./poll-ports.ts";
import type { AuditTrail, DeadLetterDesk, DecisionDesk, ExportDesk, Operations } from "./ports.ts";
import type { DeploymentDesk } from "./rollback-ports.ts";
import { captureFromAnywhere, captureMessage } from "./shortcuts/capture.ts";
import { submitCapture } from "./views/capture.ts";
import { submitEdit } from "./views/edit.ts";
import { submitReject } from "./views/reject.ts";
import { submitRollback } from "./views/rollback.ts";
import { submitSnooze } from "./views/snooze.ts";

/** What the rest of the bot offers to the handlers. */
export interface Desks {
  decisions: DecisionDesk;
  deadLetters: DeadLetterDesk;
  capture: CaptureDesk;
  operations: Operations;
  polls: PollDesk;
  alerts: AlertDesk;
  exports: ExportDesk;
  deployments: DeploymentDesk;
  maintenance: MaintenanceDesk;
  reports: ReportDesk;
  serviceLevels: Pick<SloDeps, "report">;
  incidents: IncidentDesk;
  audits: AuditDesk;
}

export interface RouteDeps extends Desks {
  audit: AuditTrail;
  directory: Directory;
  outbound: Outbound;
  decisionsChannel: string;
  alertsChannel: string;
  reader: ReaderSettings;
  now: () => Date;
}

type Click = BlockAction<ButtonAction>;

export function connectRoutes(app: App, deps: RouteDeps): void {
  const { decisions: desk, deadLetters, capture, operations, audit, directory, outbound, now } = deps;
  const gate = createGate({ directory, audit });
  const deciding = { desk, gate, outbound };
  const alerting = { desk: deps.alerts, gate, outbound };
  const restoring = { desk: deps.deployments, gate, audit, outbound, alertsChannel: deps.alertsChannel };
  const letters = { desk: deadLetters, gate, outbound };

  const capturing = { ...deps, desk: capture, gate: createMemberGate({ directory, audit }) };
  const openForm = createCaptureForm(capturing);
  const home = createHome({ ...deps, desk });
  const polling = poll({ ...deps, gate });
  const reporting = { desk: deps.reports, directory, reader: deps.reader };

  app.command(
    COMMAND,
    emm({
      outbound,
      handlers: {
        add: add({ ...capturing, capture, openForm }),
        health: health({ operations, now }),
        poll: polling,
        pending: pending({ desk, directory, now }),
        alerts: alerts({ desk: deps.alerts, directory }),
        maintenance: maintenance({ desk: deps.maintenance, gate, audit, directory, now }),
        digest: digest(reporting),
        budget: budget(reporting),
        stats: stats(reporting),
        incident: incident({ ...deps, desk: deps.incidents, gate }),
        slo: slo({ ...deps.serviceLevels, directory }),
        deploys: deploys({ desk: deps.deployments, directory }),
        rollback: rollback(restoring),
        audit: auditOf({ desk: deps.audits, gate, audit, outbound }),
        export: exportTraining({ desk: deps.exports, gate, outbound }),
      },
    }),
  );

  app.action<Click>(ACTIONS.approve, home.afterClick(approve(deciding)));
  app.action<Click>(ACTIONS.edit, home.afterClick(edit(deciding)));
  app.action<Click>(ACTIONS.reject, home.afterClick(reject(deciding)));
  app.action<Click>(ACTIONS.details, details(deciding));
  app.action<Click>(ACTIONS.moreDetails, turnPage(deciding));
  app.action<Click>(PREVIOUS_PAGE, turnPage(deciding));
  app.action<Click>(ACTIONS.deadLetterRetry, settleDeadLetter(letters, "retried"));
  app.action<Click>(ACTIONS.deadLetterIgnore, settleDeadLetter(letters, "ignored"));
  app.action<Click>(ACTIONS.alertAck, alertButton(alerting, { kind: "acknowledge" }));
  app.action<Click>(ACTIONS.alertResolve, alertButton(alerting, { kind: "resolve" }));
  app.action<Click>(ACTIONS.alertSnooze, openSnooze(alerting));
  app.action<Click>(ACTIONS.rollback, confirmRollback(restoring));
  app.action<BlockAction>(/.*/, unknownAction({ known: KNOWN_ACTIONS, outbound }));

  app.view(VIEWS.edit, home.afterForm(submitEdit(deciding)));
  app.view(VIEWS.reject, home.afterForm(submitReject(deciding)));
  app.view(VIEWS.rollback, submitRollback(restoring));
  app.view(VIEWS.snooze, submitSnooze({ ...alerting, now }));

  app.shortcut(SHORTCUTS.capture, captureMessage(openForm));
  app.shortcut(SHORTCUTS.new, captureFromAnywhere(openForm));
  app.view(VIEWS.capture, submitCapture(capturing));
  app.event("app_mention", captureMention(capturing));

  connectHome(app, { home, openForm, outbound, poll: polling, digest: digest(reporting) });
}

interface HomeRoutes {
  home: ReturnType<typeof createHome>;
  openForm: OpenCaptureForm;
  poll: CommandHandler;
  digest: CommandHandler;
  outbound: Outbound;
}

function connectHome(app: App, { home, openForm, poll, digest, outbound }: HomeRoutes): void {
  app.event("app_home_opened", home.opened);
  app.action<Click>(ACTIONS.homeNew, newItem(openForm));
  const polling = quickCommand({ title: "Poll now", handler: poll, outbound, waiting: POLLING });
  app.action<Click>(ACTIONS.homePoll, home.afterClick(polling));
  app.action<Click>(ACTIONS.homeDigest, quickCommand({ title: "Digest", handler: digest, outbound }));
}

const POLLING =
  "I look into the inbox; it can take some minutes. You may close this: new cards come into their channel all the same.";

const KNOWN_ACTIONS: ReadonlySet<string> = new Set([...Object.values(ACTIONS), PREVIOUS_PAGE]);
