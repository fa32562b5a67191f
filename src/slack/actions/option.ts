/** Another option, chosen on the card: the Edit form with it filled in. Nothing is decided before that is submitted. */
import type { BlockAction, SlackActionMiddlewareArgs, StaticSelectAction } from "@slack/bolt";
import { editView } from "../cards/edit-view.ts";
import { decodeOptionValue } from "../ids.ts";
import { type OpenFormDeps, openFormFor } from "./open-form.ts";

export type OptionClick = SlackActionMiddlewareArgs<BlockAction<StaticSelectAction>>;

export function chooseOption(deps: OpenFormDeps) {
  const open = openFormFor(deps);
  return async ({ action, body, respond }: OptionClick): Promise<void> => {
    const value = decodeOptionValue(action.selected_option?.value);
    const isOpen = await open({ body, respond }, value, {
      action: "decision.edit",
      title: "Edit and approve",
      view: (decision) => editView(decision, value?.option ?? null),
    });
    // Slack goes on showing the choice, and choosing the same again would do nothing. Who was refused changes nothing.
    if (value !== null && isOpen) await deps.desk.redraw(value.id);
  };
}
