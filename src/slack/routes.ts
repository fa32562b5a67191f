/** THE map: every command, action, view and event, and who handles it. */
import type { App, BlockAction, ButtonAction } from "@slack/bolt";
import { REVIEW_VERDICTS } from "../domain/review.ts";
import { type AlertActionDeps, alertButton, openSnooze } from "./actions/alert.ts";
import { approve } from "./actions/approve.ts";
import { type OpenBatchDeps, openBatch } from "./actions/batch.ts";
import { settleDeadLetter } from "./actions/dead-letter.ts";
import { details, turnPage } from "./actions/details.ts";
import { runDialectic } from "./actions/dialectic.ts";
import { edit } from "./actions/edit.ts";
import { newItem, quickCommand } from "./actions/home.ts";
import { type MoreClick, more } from "./actions/more.ts";
import type { OpenFormDeps } from "./actions/open-form.ts";
import { chooseOption, type OptionClick } from "./actions/option.ts";
import { answerButton, askAgain, moreInfo, type TalkActionDeps } from "./actions/question.ts";
import { reject } from "./actions/reject.ts";
import { openReopen, type ReopenDeps } from "./actions/reopen.ts";
import { openReview, type ReviewDeps } from "./actions/review.ts";
import { confirmRollback } from "./actions/rollback.ts";
import { type UndoDeps, undo } from "./actions/undo.ts";
import { unknownAction } from "./actions/unknown.ts";
import { openWithdraw, type WithdrawDeps } from "./actions/withdraw.ts";
import type { ReopenDesk, ReviewDesk } from "./afterwards-ports.ts";
import type { AlertDesk } from "./alert-ports.ts";
import type { AuditDesk } from "./audit-ports.ts";
import type { BatchForms } from "./batch-door.ts";
import { createCaptureForm, type OpenCaptureForm } from "./capture-form.ts";
import type { CaptureDesk } from "./capture-ports.ts";
import { add } from "./commands/add.ts";
import { alerts } from "./commands/alerts.ts";
import { audit as auditOf } from "./commands/audit.ts";
import { deploys } from "./commands/deploys.ts";
import { deputy } from "./commands/deputy.ts";
import { dialectic } from "./commands/dialectic.ts";
import { doctor } from "./commands/doctor.ts";
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
import type { DeputyDesk } from "./deputy-ports.ts";
import type { DialecticDeps } from "./dialectic-order.ts";
import type { Directory } from "./directory.ts";
import type { DoctorDesk } from "./doctor-ports.ts";
import type { Gate } from "./gate.ts";
import { createHome } from "./home.ts";
import { ACTIONS, COMMAND, PREVIOUS_PAGE, REVIEW_BUTTONS, SHORTCUTS, VIEWS } from "./ids.ts";
import type { IncidentDesk } from "./incident-ports.ts";
import { createMemberGate } from "./member-gate.ts";
import { captureMention } from "./mention.ts";
import type { MaintenanceDesk, ReaderSettings, ReportDesk } from "./operations-ports.ts";
import type { Outbound } from "./outbound.ts";
import type { PollDesk } from "./poll-ports.ts";
import type { AuditTrail, DeadLetterDesk, DecisionDesk, ExportDesk, Operations } from "./ports.ts";
import { createReviewGate } from "./review-gate.ts";
import type { DeploymentDesk } from "./rollback-ports.ts";
import { captureFromAnywhere, captureMessage } from "./shortcuts/capture.ts";
import { createTalkGate } from "./talk-gate.ts";
import type { TalkDesk } from "./talk-ports.ts";
import { type SubmitBatchDeps, submitBatch } from "./views/batch.ts";
import { submitBreakGlass } from "./views/break-glass.ts";
import { submitCapture } from "./views/capture.ts";
import { submitEdit } from "./views/edit.ts";
import { type SubmitTalkDeps, submitAnswer, submitQuestion } from "./views/question.ts";
import { submitReject } from "./views/reject.ts";
import { submitReopen } from "./views/reopen.ts";
import { submitReview } from "./views/review.ts";
import { submitRollback } from "./views/rollback.ts";
import { type SnoozeDeps, submitSnooze } from "./views/snooze.ts";
import type { SubmitDeps } from "./views/submit-decision.ts";
import { type SubmitWithdrawDeps, submitWithdraw } from "./views/withdraw.ts";

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
  doctor: DoctorDesk;
  audits: AuditDesk;
  talk: TalkDesk;
  reviews: ReviewDesk;
  reopenings: ReopenDesk;
  deputies: DeputyDesk;
}

export interface RouteDeps extends Desks {
  audit: AuditTrail;
  directory: Directory;
  gate: Gate;
  batchForms: BatchForms;
  outbound: Outbound;
  decisionsChannel: string;
  alertsChannel: string;
  reader: ReaderSettings;
  now: () => Date;
}

type Click = BlockAction<ButtonAction>;

export function connectRoutes(app: App, deps: RouteDeps): void {
  const { decisions: desk, deadLetters, capture, operations, audit, directory, gate, outbound, now } = deps;
  const deciding = { desk, gate, outbound };
  const restoring = { desk: deps.deployments, gate, audit, outbound, alertsChannel: deps.alertsChannel };
  const letters = { desk: deadLetters, gate, outbound };

  const members = createMemberGate({ directory, audit });
  const { timezone } = deps.reader;
  const capturing = { ...deps, desk: capture, gate: members };
  const openForm = createCaptureForm(capturing);
  const home = createHome({ ...deps, desk });
  const polling = poll({ ...deps, gate });
  const talking = { ...deps, talkGate: createTalkGate({ gate, members }) };
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
        deputy: deputy({ desk: deps.deputies, gate, members, directory, timezone, now }),
        dialectic: dialectic({ ...talking, desk, members }),
        doctor: doctor({ desk: deps.doctor, gate }),
        deploys: deploys({ desk: deps.deployments, directory }),
        rollback: rollback(restoring),
        audit: auditOf({ desk: deps.audits, gate, audit, outbound }),
        export: exportTraining({ desk: deps.exports, gate, outbound }),
      },
    }),
  );

  connectDeciding(app, { ...deciding, batchForms: deps.batchForms, directory, home, now });
  app.action<Click>(ACTIONS.details, details(deciding));
  app.action<Click>(ACTIONS.moreDetails, turnPage(deciding));
  app.action<Click>(PREVIOUS_PAGE, turnPage(deciding));
  app.action<Click>(ACTIONS.deadLetterRetry, settleDeadLetter(letters, "retried"));
  app.action<Click>(ACTIONS.deadLetterIgnore, settleDeadLetter(letters, "ignored"));
  app.action<Click>(ACTIONS.rollback, confirmRollback(restoring));
  app.action<BlockAction>(/.*/, unknownAction({ known: KNOWN_ACTIONS, outbound }));

  app.view(VIEWS.rollback, submitRollback(restoring));

  app.shortcut(SHORTCUTS.capture, captureMessage(openForm));
  app.shortcut(SHORTCUTS.new, captureFromAnywhere(openForm));
  app.view(VIEWS.capture, submitCapture(capturing));
  app.event("app_mention", captureMention(capturing));

  connectAfterwards(app, {
    ...deps,
    desk,
    gate,
    reviewGate: createReviewGate({ gate, memberGate: members }),
  });
  connectAlerts(app, { desk: deps.alerts, gate, outbound, now });
  connectTalk(app, talking);
  connectTakingBack(app, { ...talking, desk, members, home });
  connectHome(app, { home, openForm, outbound, poll: polling, digest: digest(reporting) });
}

function connectAlerts(app: App, alerting: AlertActionDeps & SnoozeDeps): void {
  app.action<Click>(ACTIONS.alertAck, alertButton(alerting, { kind: "acknowledge" }));
  app.action<Click>(ACTIONS.alertResolve, alertButton(alerting, { kind: "resolve" }));
  app.action<Click>(ACTIONS.alertSnooze, openSnooze(alerting));
  app.view(VIEWS.snooze, submitSnooze(alerting));
}

type Deciding = OpenFormDeps & OpenBatchDeps & SubmitDeps & SubmitBatchDeps;

/** The ways to make a decision that is open. */
function connectDeciding(app: App, deps: Deciding & Pick<HomeRoutes, "home">): void {
  const { home, ...deciding } = deps;
  app.action<Click>(ACTIONS.approve, home.afterClick(approve(deciding)));
  app.action<Click>(ACTIONS.edit, home.afterClick(edit(deciding)));
  app.action<Click>(ACTIONS.reject, home.afterClick(reject(deciding)));
  app.action<OptionClick["body"]>(ACTIONS.option, chooseOption(deciding));
  app.action<Click>(ACTIONS.batch, openBatch(deciding));
  app.view(VIEWS.edit, home.afterForm(submitEdit(deciding)));
  app.view(VIEWS.reject, home.afterForm(submitReject(deciding)));
  app.view(VIEWS.breakGlass, home.afterForm(submitBreakGlass(deciding)));
  app.view(VIEWS.batch, home.afterForm(submitBatch(deciding)));
}

/** What can be clicked on a decision long after it was made. */
function connectAfterwards(app: App, afterwards: ReopenDeps & ReviewDeps): void {
  app.action<Click>(ACTIONS.reopen, openReopen(afterwards));
  app.view(VIEWS.reopen, submitReopen(afterwards));
  for (const verdict of REVIEW_VERDICTS)
    app.action<Click>(REVIEW_BUTTONS[verdict], openReview(afterwards, verdict));
  app.view(VIEWS.review, submitReview(afterwards));
}

/** What is asked about a decision before it is made. */
function connectTalk(app: App, talking: TalkActionDeps & SubmitTalkDeps): void {
  app.action<Click>(ACTIONS.moreInfo, moreInfo(talking));
  app.action<Click>(ACTIONS.answer, answerButton(talking));
  app.action<Click>(ACTIONS.askAgain, askAgain(talking));
  app.view(VIEWS.question, submitQuestion(talking));
  app.view(VIEWS.answer, submitAnswer(talking));
}

/** What was done, and what was asked for; the menu also leads to the dialectic. */
function connectTakingBack(
  app: App,
  {
    home,
    ...taking
  }: UndoDeps & WithdrawDeps & SubmitWithdrawDeps & DialecticDeps & Pick<HomeRoutes, "home">,
): void {
  const handlers = { withdraw: openWithdraw(taking), dialectic: runDialectic(taking) };
  app.action<Click>(ACTIONS.undo, home.afterClick(undo(taking)));
  app.action<MoreClick["body"]>(ACTIONS.more, more(handlers, taking));
  app.view(VIEWS.withdraw, submitWithdraw(taking));
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

const KNOWN_ACTIONS: ReadonlySet<string> = new Set([
  ...Object.values(ACTIONS),
  ...Object.values(REVIEW_BUTTONS),
  PREVIOUS_PAGE,
]);
