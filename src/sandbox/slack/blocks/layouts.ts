/** Block Kit blocks: which fields each takes, its limits, and on which surfaces it may stand. */
import { type Json, listOf } from "../json-values.ts";
import {
  boolean,
  byType,
  type Check,
  complain,
  type Inspection,
  integer,
  list,
  number,
  object,
  oneOf,
  only,
  type Shape,
  type Surface,
  string,
  url,
} from "./checks.ts";
import { anyText, imageShape, mrkdwnText, plainText, richText, richTextElement } from "./compositions.ts";
import {
  actionsElements,
  elementKinds,
  inputElements,
  rawCells,
  sectionAccessories,
  urlSource,
} from "./elements.ts";

const blockId = string({ max: 255 });

function block(shape: Shape): Check {
  return object({ ...shape, optional: { block_id: blockId, ...shape.optional } });
}

function needsOne(names: readonly string[]) {
  return (value: Json, pointer: string, inspection: Inspection): void => {
    if (names.every((name) => value[name] === undefined))
      complain(inspection, pointer, `missing required field: ${names.join(" or ")}`, "missing_field");
  };
}

const image = byType(only(elementKinds, ["image"]));
const button = byType(only(elementKinds, ["button"]));
const cell = byType({ ...rawCells, rich_text: richText });
const rawCell = byType(rawCells);

const card = block({
  optional: {
    hero_image: image,
    icon: image,
    slack_icon: object({ required: { name: string({ max: 255 }) } }),
    title: anyText(150),
    subtitle: anyText(150),
    body: mrkdwnText(200),
    subtext: anyText(200),
    actions: list(button, { max: 3 }),
  },
  rule: needsOne(["hero_image", "title", "actions", "body"]),
});

const taskCard = block({
  required: {
    task_id: string({ max: 255 }),
    title: string({ max: 3000 }),
    status: oneOf(["pending", "in_progress", "complete", "error"]),
  },
  optional: { details: richText, output: richText, sources: list(byType({ url: urlSource }), { max: 100 }) },
});

const chartLabel = string({ max: 20 });
const point: Check = object({ required: { label: chartLabel, value: number } });
const seriesChart: Check = object({
  required: {
    series: list(object({ required: { name: chartLabel, data: list(point, { max: 20 }) } }), { max: 6 }),
    axis_config: object({
      required: { categories: list(chartLabel, { max: 20 }) },
      optional: { x_label: string({ max: 50 }), y_label: string({ max: 50 }) },
    }),
  },
});

const basicBlocks: Record<string, Check> = {
  actions: block({ required: { elements: list(byType(actionsElements), { max: 25 }) } }),
  context: block({
    required: {
      elements: list(
        byType({ image: elementKinds["image"] ?? image, plain_text: anyText(3000), mrkdwn: anyText(3000) }),
        { max: 10 },
      ),
    },
  }),
  divider: block({}),
  header: block({ required: { text: plainText(150) }, optional: { level: integer({ min: 1, max: 4 }) } }),
  image: block({
    ...imageShape,
    optional: { ...imageShape.optional, title: plainText(2000) },
  }),
  input: block({
    required: { label: plainText(2000), element: byType(inputElements) },
    optional: { hint: plainText(2000), optional: boolean, dispatch_action: boolean },
  }),
  rich_text: block({ required: { elements: list(richTextElement, { max: 1000 }) } }),
  section: block({
    optional: {
      text: anyText(3000),
      fields: list(anyText(2000), { max: 10 }),
      accessory: byType(sectionAccessories),
      expand: boolean,
    },
    rule: needsOne(["text", "fields"]),
  }),
  table: block({
    required: { rows: list(list(cell, { max: 20 }), { max: 100 }) },
    optional: {
      column_settings: list(
        object({ optional: { align: oneOf(["left", "center", "right"]), is_wrapped: boolean } }),
        { max: 20 },
      ),
    },
  }),
  video: block({
    required: {
      video_url: url(3000),
      thumbnail_url: url(3000),
      alt_text: string({ max: 2000 }),
      title: plainText(199),
    },
    optional: {
      title_url: url(3000),
      author_name: string({ max: 49 }),
      provider_name: string({ max: 255 }),
      provider_icon_url: url(3000),
      description: plainText(200),
    },
  }),
};

const newerBlocks: Record<string, Check> = {
  alert: block({
    required: { text: anyText(200) },
    optional: { level: oneOf(["default", "info", "warning", "error", "success"]) },
  }),
  card,
  carousel: block({ required: { elements: list(byType({ card }), { max: 10 }) } }),
  container: block({
    required: { child_blocks: list(byType(basicBlocks), { max: 10 }) },
    optional: {
      title: plainText(150),
      rich_text_title: richText,
      subtitle: anyText(150),
      width: oneOf(["narrow", "standard", "wide", "full"]),
      icon: image,
      is_collapsible: boolean,
      default_collapsed: boolean,
      has_header_divider: boolean,
    },
    rule: needsOne(["title", "rich_text_title"]),
  }),
  context_actions: block({
    required: { elements: list(byType(only(elementKinds, ["feedback_buttons", "icon_button"])), { max: 5 }) },
  }),
  // One header row and 1 to 100 rows of data.
  data_table: block({
    required: { rows: list(list(cell, { max: 20 }), { min: 2, max: 101 }), caption: string({ max: 3000 }) },
    optional: {
      page_size: integer({ min: 1, max: 100 }),
      row_header_column_index: integer({ min: 0, max: 19 }),
    },
    rule: (value, pointer, inspection) => {
      listOf(listOf(value["rows"])[0]).forEach((header, index) => {
        rawCell(header, `${pointer}/rows/0/${index}`, inspection);
      });
    },
  }),
  data_visualization: block({
    required: {
      title: string({ max: 50 }),
      chart: byType({
        pie: object({ required: { segments: list(point, { max: 6 }) } }),
        bar: seriesChart,
        area: seriesChart,
        line: seriesChart,
      }),
    },
  }),
  markdown: block({ required: { text: string({ max: 12_000 }) } }),
  plan: block({
    required: { title: string({ max: 3000 }) },
    optional: { tasks: list(byType({ task_card: taskCard }), { max: 50 }) },
  }),
  task_card: taskCard,
};

const everywhere = Object.keys(basicBlocks).filter((name) => name !== "table");
const all = { ...basicBlocks, ...newerBlocks };

/** Blocks by surface. `file` is read only: Slack shows it, an app cannot send it. */
export const blocksOn: Record<Surface, Record<string, Check>> = {
  message: only(
    all,
    Object.keys(all).filter((name) => name !== "alert"),
  ),
  modal: only(all, [...everywhere, "alert", "card"]),
  home: only(all, [...everywhere, "table", "data_table", "card", "carousel"]),
};
