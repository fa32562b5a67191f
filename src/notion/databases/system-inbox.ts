/** System Inbox: what people want decided, done or remembered. */
import {
  dateOrCreatedTime,
  number,
  openSelect,
  relation,
  required,
  select,
  text,
  title,
} from "./property-table.ts";

export const systemInbox = {
  Input_Title: title(),
  Content: required(text()),
  Status: required(
    select("Unprocessed", "Processing", "Triaged_to_Intent", "Triaged_to_Task", "Triaged_to_Node", "Failed"),
  ),
  Source: openSelect(),
  Triage_Destination: select("Strategic (Intent)", "Operational (Task)", "Reference (Node)"),
  Routed_to_Intent: relation("EXECUTIVE_INTENTS", "Source"),
  Routed_to_Task: relation("TASKS", "DB_System_Inbox"),
  Routed_to_Node: relation("NODES"),
  Related_Nodes: relation("NODES"),
  Received_Date: dateOrCreatedTime(),
  Inbox_ID: number(),
  Auto_Tags: text(),
  Requested_By: text(),
  Attempts: number(),
  Last_Error: text(),
  Key: text(),
};
