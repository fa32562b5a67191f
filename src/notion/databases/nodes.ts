/** Nodes: people, companies, assets and systems that items speak of. */
import { select, text, title, welcome } from "./property-table.ts";

export const nodes = {
  Name: title(),
  Content: welcome(text()),
  Node_Type: select("Entity_Person", "Entity_Company", "Knowledge_Asset", "System_Component"),
  Key: text(),
};
