/** THE map: every command, action, view and event, and who handles it. */
import type { App, BlockAction, ButtonAction } from "@slack/bolt";
import { approve } from "./actions/approve.ts";
import { settleDeadLetter } from "./actions/dead-letter.ts";
import { details, turnPage } from "./actions/details.ts";
import { edit } from "./actions/edit.ts";
import { reject } from "./actions/reject.ts";
import { unknownAction } from "./actions/unknown.ts";
import { add } from "./commands/add.ts";
import { emm } from "./commands/emm.ts";
import { health } from "./commands/health.ts";
import { pending } from "./commands/pending.ts";
import { poll } from "./commands/poll.ts";
import type { Directory } from "./directory.ts";
import { createGate } from "./gate.ts";
import { openHome } from "./home.ts";
import { ACTIONS, COMMAND, PREVIOUS_PAGE, VIEWS } from "./ids.ts";
import type { Outbound } from "./outbound.ts";
import type { AuditTrail, Capture, DeadLetterDesk, DecisionDesk, Operations } from "./ports.ts";
import { submitEdit } from "./views/edit.ts";
import { submitReject } from "./views/reject.ts";

/** What the rest of the bot offers to the handlers. */
export interface Desks {
  decisions: DecisionDesk;
  deadLetters: DeadLetterDesk;
  capture: Capture;
  operations: Operations;
}

export interface RouteDeps extends Desks {
  audit: AuditTrail;
  directory: Directory;
  outbound: Outbound;
  decisionsChannel: string;
  now: () => Date;
}

export function connectRoutes(app: App, deps: RouteDeps): void {
  const { decisions: desk, deadLetters, capture, operations, audit, directory, outbound, now } = deps;
  const gate = createGate({ directory, audit });
  const deciding = { desk, gate, outbound };
  const letters = { desk: deadLetters, gate, outbound };

  app.command(
    COMMAND,
    emm({
      outbound,
      handlers: {
        add: add({ capture, directory, decisionsChannel: deps.decisionsChannel }),
        health: health(operations),
        poll: poll({ operations, gate, audit }),
        pending: pending({ desk, directory, now }),
      },
    }),
  );

  type Click = BlockAction<ButtonAction>;
  app.action<Click>(ACTIONS.approve, approve(deciding));
  app.action<Click>(ACTIONS.edit, edit(deciding));
  app.action<Click>(ACTIONS.reject, reject(deciding));
  app.action<Click>(ACTIONS.details, details(deciding));
  app.action<Click>(ACTIONS.moreDetails, turnPage(deciding));
  app.action<Click>(PREVIOUS_PAGE, turnPage(deciding));
  app.action<Click>(ACTIONS.deadLetterRetry, settleDeadLetter(letters, "retried"));
  app.action<Click>(ACTIONS.deadLetterIgnore, settleDeadLetter(letters, "ignored"));
  app.action<BlockAction>(/.*/, unknownAction({ known: KNOWN_ACTIONS, outbound }));

  app.view(VIEWS.edit, submitEdit(deciding));
  app.view(VIEWS.reject, submitReject(deciding));

  app.event("app_home_opened", openHome({ desk, operations, directory, outbound, now }));
}

const KNOWN_ACTIONS: ReadonlySet<string> = new Set([...Object.values(ACTIONS), PREVIOUS_PAGE]);
