/** Edit: the form with the plan filled in. */
import { editView } from "../cards/edit-view.ts";
import { type OpenFormDeps, openForm } from "./open-form.ts";

export function edit(deps: OpenFormDeps) {
  return openForm(deps, {
    action: "decision.edit",
    title: "Edit and approve",
    view: (decision) => editView(decision),
  });
}
