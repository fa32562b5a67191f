/** Tasks: what somebody has to do. People own these rows once they exist. */
import { checkbox, relation, statusOrSelect, text, title, welcome } from "./property-table.ts";

export const tasks = {
  Name: title(),
  Status: statusOrSelect("Not started"),
  "Source Intent": relation("EXECUTIVE_INTENTS"),
  Area: relation("AREAS"),
  Projects: relation("PROJECTS"),
  DB_System_Inbox: relation("SYSTEM_INBOX"),
  "Auto Generated": checkbox(),
  /** First of these that exists takes the context; without any it becomes the page's one paragraph. */
  Context: welcome(text()),
  Description: welcome(text()),
  Notes: welcome(text()),
  Key: text(),
};
