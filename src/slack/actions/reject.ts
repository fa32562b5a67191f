/** Reject: the form that asks why. */
import { rejectView } from "../cards/reject-view.ts";
import { type OpenFormDeps, openForm } from "./open-form.ts";

export function reject(deps: OpenFormDeps) {
  return openForm(deps, { action: "decision.reject", title: "Reject", view: rejectView });
}
