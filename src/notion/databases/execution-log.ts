/** Execution Log: one line per thing that happened. */
import { date, number, relation, required, text, title } from "./property-table.ts";

export const executionLog = {
  Log_Entry_Title: title(),
  Log_ID: number(),
  Action_Taken: required(text()),
  Decision_Date: date(),
  Intent: relation("EXECUTIVE_INTENTS"),
  Actor: text(),
  Action: relation("ACTION_PIPES"),
  Key: text(),
};
