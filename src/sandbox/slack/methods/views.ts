/** views.*: trigger ids, hashes, the stack of three, home tabs. */
import { isViewTooLarge, validateView } from "../blocks/validate-blocks.ts";
import { isRecord, type Json, stringOf } from "../json-values.ts";
import {
  jsonArg,
  type Method,
  type MethodCall,
  refuseInvalid,
  SlackRefusal,
  textArg,
} from "../method-call.ts";
import {
  changeView,
  findView,
  findViewByExternalId,
  MAX_STACKED_VIEWS,
  openModal,
  publishHome,
  pushModal,
  stackOf,
  viewJson,
} from "../views.ts";
import { findUser, type StoredView, type Trigger, type Workspace } from "../workspace.ts";

const TRIGGER_LIFE_MS = 3_000;

/** Checked; throws as views.* do. `kind` is what this method takes. */
export function checkedView(view: unknown, kind: "modal" | "home"): Json {
  if (!isRecord(view)) throw invalidArguments("missing required field: view [json-pointer:]");
  if (isViewTooLarge(view)) throw new SlackRefusal("view_too_large");
  refuseInvalid("invalid_arguments", validateView(view));
  if (view["type"] !== kind) throw invalidArguments(`expected a ${kind} view [json-pointer:/view/type]`);
  return view;
}

function invalidArguments(message: string): SlackRefusal {
  return new SlackRefusal("invalid_arguments", { response_metadata: { messages: [`[ERROR] ${message}`] } });
}

function viewArg({ args }: MethodCall, kind: "modal" | "home"): Json {
  return checkedView(jsonArg(args, "view", "invalid_arguments"), kind);
}

/** A trigger works once, for three seconds. */
function exchangeTrigger({ args, workspace }: MethodCall): Trigger {
  const id = textArg(args, "trigger_id");
  if (id === "") throw invalidArguments("missing required field: trigger_id [json-pointer:]");
  const trigger = workspace.triggers.get(id);
  if (trigger === undefined) throw new SlackRefusal("invalid_trigger_id");
  if (trigger.used) throw new SlackRefusal("exchanged_trigger_id");
  if (workspace.now() - trigger.issuedAt > TRIGGER_LIFE_MS) throw new SlackRefusal("expired_trigger_id");
  return trigger;
}

function refuseDuplicateExternalId(workspace: Workspace, view: Json, own: StoredView | undefined): void {
  const externalId = stringOf(view["external_id"]);
  if (externalId === "") return;
  const other = findViewByExternalId(workspace, externalId);
  if (other !== undefined && other !== own) throw new SlackRefusal("duplicate_external_id");
}

function refuseOldHash({ args }: MethodCall, stored: StoredView): void {
  const hash = textArg(args, "hash");
  if (hash !== "" && hash !== stored.hash) throw new SlackRefusal("hash_conflict");
}

const open: Method = (call) => {
  const view = viewArg(call, "modal");
  refuseDuplicateExternalId(call.workspace, view, undefined);
  const trigger = exchangeTrigger(call);
  trigger.used = true;
  return { view: viewJson(call.workspace, openModal(call.workspace, trigger.userId, view)) };
};

const push: Method = (call) => {
  const { workspace } = call;
  const view = viewArg(call, "modal");
  refuseDuplicateExternalId(workspace, view, undefined);
  const trigger = exchangeTrigger(call);
  const stack = stackOf(workspace, trigger.userId);
  // Only an interaction inside the open modal can put another on top of it.
  if (!stack.some((one) => one.id === trigger.viewId)) throw new SlackRefusal("not_found");
  if (stack.length >= MAX_STACKED_VIEWS) throw new SlackRefusal("push_limit_reached");
  trigger.used = true;
  return { view: viewJson(workspace, pushModal(workspace, trigger.userId, view)) };
};

const update: Method = (call) => {
  const { args, workspace } = call;
  const viewId = textArg(args, "view_id");
  const externalId = textArg(args, "external_id");
  if (viewId === "" && externalId === "")
    throw invalidArguments("missing required field: view_id or external_id [json-pointer:]");
  const stored = viewId === "" ? findViewByExternalId(workspace, externalId) : findView(workspace, viewId);
  if (stored === undefined) throw new SlackRefusal("not_found");
  const view = viewArg(call, stored.kind);
  refuseOldHash(call, stored);
  refuseDuplicateExternalId(workspace, view, stored);
  changeView(workspace, stored, view);
  return { view: viewJson(workspace, stored) };
};

const publish: Method = (call) => {
  const { args, workspace } = call;
  const userId = textArg(args, "user_id");
  const user = findUser(workspace, userId);
  if (user === undefined || user.isBot === true) throw new SlackRefusal("user_not_found");
  const view = viewArg(call, "home");
  const stored = workspace.homes.get(userId);
  if (stored !== undefined) refuseOldHash(call, stored);
  refuseDuplicateExternalId(workspace, view, stored);
  return { view: viewJson(workspace, publishHome(workspace, userId, view)) };
};

export const viewMethods: Record<string, Method> = {
  "views.open": open,
  "views.push": push,
  "views.update": update,
  "views.publish": publish,
};
