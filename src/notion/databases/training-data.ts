/** Training Data: one settlement per final state, proposal against final; and what people said of it later. */
import { REVIEW_OUTCOMES } from "../../domain/review.ts";
import { date, number, openSelect, required, select, text, title } from "./property-table.ts";

export const trainingData = {
  Title: title(),
  Intent_ID: text(),
  Timestamp: date(),
  Agent_Name: openSelect(),
  /** 0 to 100; empty in the row of a review. */
  Acceptance_Rate: required(number()),
  Modifications_Count: number(),
  Modifications: text(),
  Original_Plan: required(text()),
  Final_Plan: required(text()),
  Outcome: select(
    "approved",
    "edited",
    "rejected",
    "expired",
    "withdrawn",
    ...Object.values(REVIEW_OUTCOMES),
  ),
  Reason: text(),
  Decided_By: text(),
  Model: text(),
  Key: text(),
};
