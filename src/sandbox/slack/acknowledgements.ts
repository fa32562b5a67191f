/** What the client makes of the body of an acknowledgement: response actions of modals, answers to commands. */
import { isRecord, type Json, listOf, parseJson, stringOf } from "./json-values.ts";
import { SlackRefusal } from "./method-call.ts";
import { checkedView } from "./methods/views.ts";
import { sayIn } from "./response-urls.ts";
import { changeView, clearModals, MAX_STACKED_VIEWS, popModal, pushModal, stackOf } from "./views.ts";
import type { StoredView, Workspace } from "./workspace.ts";

/** Shown as "We had some trouble connecting". Null when the acknowledgement was a good one. */
type Trouble = string | null;

/** An empty body closes the view; anything else must be a `response_action`. */
export function applySubmissionAck(workspace: Workspace, view: StoredView, body: string): Trouble {
  // The person may have closed it, or the bot replaced it, while the answer was on its way.
  const isOpen = stackOf(workspace, view.userId).includes(view);
  if (body.trim() === "") {
    if (isOpen) popModal(workspace, view.userId);
    return null;
  }
  const answer = parseJson(body);
  if (!isRecord(answer)) return "invalid_response";
  if (!isOpen) return null;
  try {
    return applyResponseAction(workspace, view, answer);
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return `invalid_response: ${[error.error, ...listOf(error.details["errors"])].join(" ")}`;
  }
}

function applyResponseAction(workspace: Workspace, view: StoredView, answer: Json): Trouble {
  switch (answer["response_action"]) {
    case "errors":
      return showErrors(workspace, view, answer["errors"]);
    case "update":
      changeView(workspace, view, checkedView(answer["view"], "modal"));
      return null;
    case "push":
      if (stackOf(workspace, view.userId).length >= MAX_STACKED_VIEWS)
        throw new SlackRefusal("push_limit_reached");
      pushModal(workspace, view.userId, checkedView(answer["view"], "modal"));
      return null;
    case "clear":
      clearModals(workspace, view.userId);
      return null;
    default:
      if (Object.keys(answer).length > 0) return "invalid_response";
      popModal(workspace, view.userId);
      return null;
  }
}

/** Errors belong under input blocks; Slack shows nothing sensible for any other block_id. */
function showErrors(workspace: Workspace, view: StoredView, errors: unknown): Trouble {
  if (!isRecord(errors) || Object.keys(errors).length === 0) return "invalid_response: errors are missing";
  const inputs = listOf(view.view["blocks"])
    .filter(isRecord)
    .filter((block) => block["type"] === "input")
    .map((block) => stringOf(block["block_id"]));
  const lost = Object.keys(errors).filter((blockId) => !inputs.includes(blockId));
  if (lost.length > 0) return `invalid_response: no input block ${lost.join(", ")}`;
  view.errors = Object.fromEntries(Object.entries(errors).map(([blockId, text]) => [blockId, String(text)]));
  workspace.changed();
  return null;
}

/** An empty body says nothing; plain text is an ephemeral answer; JSON is a message. */
export function applyCommandAck(workspace: Workspace, responsePath: string, body: string): Trouble {
  const target = workspace.responseUrls.get(responsePath);
  if (body.trim() === "" || target === undefined) return null;
  const parsed = parseJson(body);
  try {
    sayIn(workspace, target, isRecord(parsed) ? parsed : { text: body });
    return null;
  } catch (error) {
    if (!(error instanceof SlackRefusal)) throw error;
    return `invalid_command_response: ${[error.error, ...listOf(error.details["errors"])].join(" ")}`;
  }
}
