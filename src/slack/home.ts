/**
 * The Home tab as an inbox of decisions: published when it is opened, and again after its reader did something in it.
 * What it shows is drawn in `cards/home-view.ts`; its buttons lead to the same handlers as those of a card.
 */
import type { BlockAction, SlackEventMiddlewareArgs, SlackViewMiddlewareArgs } from "@slack/bolt";
import { approvalsGiven } from "../domain/decision.ts";
import { isAppError } from "../errors.ts";
import { isFromHome } from "./actions/click.ts";
import type { Home } from "./cards/blocks.ts";
import { homeNote, homeView } from "./cards/home-view.ts";
import type { Directory, Permission } from "./directory.ts";
import { isHomeForm } from "./ids.ts";
import type { MaintenanceDesk, ReaderSettings, ReportDesk } from "./operations-ports.ts";
import type { Outbound } from "./outbound.ts";
import type { DecisionDesk, Operations } from "./ports.ts";
import { within } from "./time-limit.ts";

/** After this long a first, empty tab is shown. */
const SKELETON_AFTER_MS = 500;

export interface HomeDeps {
  desk: Pick<DecisionDesk, "pending" | "undoable" | "isForBatch">;
  reports: Pick<ReportDesk, "decidedToday">;
  operations: Pick<Operations, "lastHealth">;
  directory: Pick<Directory, "memberOf" | "may" | "decidable">;
  maintenance: Pick<MaintenanceDesk, "inForce">;
  outbound: Pick<Outbound, "publishHome">;
  reader: ReaderSettings;
  now: () => Date;
}

interface Click {
  body: Pick<BlockAction, "view" | "user">;
}

export function createHome(deps: HomeDeps) {
  /** Comfort only: what was decided stands, whether or not the tab shows it. */
  const refresh = async (userId: string, hash?: string): Promise<void> => {
    try {
      await deps.outbound.publishHome(userId, await drawn(deps, userId), hash);
    } catch (error) {
      // The next opening draws it anew. Only a fault of our own is worth a report.
      if (!isAppError(error)) throw error;
    }
  };
  return {
    opened: openHome(deps),
    /** The tab again after a click in it, unless it was published since. */
    afterClick<T extends Click>(handle: (click: T) => Promise<void>) {
      return async (click: T): Promise<void> => {
        await handle(click);
        const { view, user } = click.body;
        if (isFromHome(click.body)) await refresh(user.id, view?.hash);
      };
    },
    /** The tab again after a form that was opened from it. */
    afterForm<T extends Pick<SlackViewMiddlewareArgs, "body" | "view">>(handle: (form: T) => Promise<void>) {
      return async (form: T): Promise<void> => {
        await handle(form);
        if (isHomeForm(form.view.private_metadata)) await refresh(form.body.user.id);
      };
    },
  };
}

function openHome(deps: HomeDeps) {
  const { outbound } = deps;
  return async ({ event }: SlackEventMiddlewareArgs<"app_home_opened">): Promise<void> => {
    // The same event comes for the Messages tab.
    if (event.tab !== "home") return;
    const { user } = event;
    const view = drawn(deps, user);
    const quick = await within(view, SKELETON_AFTER_MS);
    if (quick !== "late") return outbound.publishHome(user, quick);
    try {
      await outbound.publishHome(user, homeNote("Looking up what waits for a decision…"));
      await outbound.publishHome(user, await view);
    } catch (error) {
      await outbound.publishHome(
        user,
        homeNote("I could not look up what waits for a decision. Please open this tab again in a moment."),
      );
      throw error;
    }
  };
}

async function drawn(deps: HomeDeps, userId: string): Promise<Home> {
  const { desk, reports, operations, maintenance, directory, reader, now } = deps;
  const member = await directory.memberOf(userId);
  if (!member.ok) return homeNote(member.reason);
  const [decisions, undoable, decided, approver, operator] = await Promise.all([
    desk.pending(),
    desk.undoable(),
    reports.decidedToday(),
    directory.may("decide", userId),
    directory.may("operate", userId),
  ]);
  const mine = await directory.decidable(
    userId,
    decisions.map(({ id }) => id),
  );
  return homeView({
    ...{ report: operations.lastHealth(), maintenance: maintenance.inForce(), isOperator: operator.ok },
    ...{ decisions, decided, pipesUrl: reader.pipesUrl, now: now() },
    undoable: undoable.filter(({ state }) => "outcome" in state && state.outcome.by.slackId === userId),
    hasApproved: (one) => approvalsGiven(one).some(({ by }) => by.slackId === userId),
    isApprover: approver.ok,
    mayDecide: (id) => mine.has(id),
    forBatch: decisions.filter((one) => mine.has(one.id) && desk.isForBatch(one, userId)).length,
    doubt: doubtOf(approver),
  });
}

function doubtOf(permission: Permission): string | null {
  return !permission.ok && permission.refusal.kind === "lookup-failed" ? permission.reason : null;
}
