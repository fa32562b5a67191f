/** Tasks: what somebody has to do. People own these rows once they exist. */
import { checkbox, relation, spare, statusOrSelect, text, title, welcome } from "./property-table.ts";

export const tasks = {
  Name: title(),
  Status: statusOrSelect("Not started"),
  "Source Intent": relation("EXECUTIVE_INTENTS", "✅ Spawned tasks"),
  Area: relation("AREAS"),
  Projects: relation("PROJECTS", "Tasks"),
  DB_System_Inbox: relation("SYSTEM_INBOX"),
  "Auto Generated": checkbox(),
  /** First of these that exists takes the context; without any it becomes the page's one paragraph. */
  Context: welcome(text()),
  Description: spare(text()),
  Notes: spare(text()),
  Key: text(),
};
