/** Agent Registry: an active row overrides the built-in adviser of that name, or adds one. */
import { checkbox, required, text, title } from "./property-table.ts";

export const agentRegistry = {
  Agent_Name: title(),
  System_Prompt: required(text()),
  Active: required(checkbox()),
};
