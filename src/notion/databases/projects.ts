/** Projects: made for a decision with three tasks or more. */
import { relation, selectOrStatus, text, title, welcome } from "./property-table.ts";

export const projects = {
  Name: title(),
  /** The first that the workspace has. */
  Status: selectOrStatus("Planning", "Not started", "Active"),
  "Source Intent": relation("EXECUTIVE_INTENTS", "Spawned Project"),
  Area: relation("AREAS"),
  /** Written from the task's side. */
  Tasks: welcome(relation("TASKS")),
  Context: text(),
  Key: text(),
};
