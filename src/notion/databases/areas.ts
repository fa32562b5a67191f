/** Areas: the parts of the business a decision belongs to. Read only. */
import { title } from "./property-table.ts";

export const areas = { Name: title() };
