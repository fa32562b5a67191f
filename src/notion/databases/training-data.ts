/** Training Data: one settlement per final state, proposal against final. */
import { date, number, openSelect, required, select, text, title } from "./property-table.ts";

export const trainingData = {
  Title: title(),
  Intent_ID: text(),
  Timestamp: date(),
  Agent_Name: openSelect(),
  /** 0 to 100. */
  Acceptance_Rate: required(number()),
  Modifications_Count: number(),
  Modifications: text(),
  Original_Plan: required(text()),
  Final_Plan: required(text()),
  Outcome: select("approved", "edited", "rejected", "expired"),
  Reason: text(),
  Decided_By: text(),
  Model: text(),
  Key: text(),
};
