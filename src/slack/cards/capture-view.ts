/** The one form into the inbox, empty or filled with a message, and what was written in it. Pure. */
import { z } from "zod";
import { type Said, URGENCIES, type Urgency } from "../../domain/capture.ts";
import { INPUTS, VIEWS } from "../ids.ts";
import { cleanText, clip, inertLine, LIMITS, link, pieces } from "../limits.ts";
import { type Block, context, type Modal, plain, textInput } from "./blocks.ts";
import { type FormValues, readText } from "./edit-view.ts";

export interface CaptureDraft {
  /** "" = an empty form. */
  text: string;
  said: Said | null;
}

const URGENCY_LABELS: Record<Urgency, string> = {
  normal: "It can wait",
  week: "This week",
  today: "Today",
};

/** Slack cuts messages here; what is quoted in one may be longer. */
const TEXT_AT_MOST = 40_000;
/** An input that is not the last holds more than half of what it can. */
const FIELDS_AT_MOST = 30;

export function captureView({ text, said }: CaptureDraft): Modal {
  const fields = splitText(text);
  const options = URGENCIES.map((urgency) => ({
    text: plain(URGENCY_LABELS[urgency], LIMITS.optionText),
    value: urgency,
  }));
  return {
    type: "modal",
    callback_id: VIEWS.capture,
    private_metadata: encodeDraft({ said, breaks: fields.breaks }),
    title: plain("Send to inbox", LIMITS.viewTitle),
    submit: plain("Send", LIMITS.viewTitle),
    close: plain("Cancel", LIMITS.viewTitle),
    blocks: [
      ...(said === null ? [] : [context("said", saidLine(said))]),
      ...fields.parts.map(textField),
      textInput({
        ...INPUTS.captureContext,
        label: "What should the advisers know?",
        hint: "Numbers, limits, dates, who is affected. It is kept with the item.",
        initial: "",
        optional: true,
        multiline: true,
      }),
      {
        type: "input",
        block_id: INPUTS.captureUrgency.block,
        label: plain("How urgent is it?"),
        element: {
          type: "static_select",
          action_id: INPUTS.captureUrgency.action,
          options,
          ...(options[0] ? { initial_option: options[0] } : {}),
        },
      },
    ],
  };
}

function saidLine({ author, place, permalink }: Said): string {
  const who = author === null ? "Said" : `Said by ${inertLine(author, 80)}`;
  return `${who} in ${inertLine(place, 90)} · ${link(permalink, permalink === null ? "no link" : "the message")}`;
}

function textField(part: string, index: number, { length }: readonly string[]): Block {
  return textInput({
    ...fieldAt(index),
    label: index === 0 ? "What should be decided, done or remembered?" : `… part ${index + 1} of ${length}`,
    initial: part,
    optional: index > 0,
    multiline: true,
  });
}

/** Slack holds 3,000 characters in one input, so a long message takes several. */
function fieldAt(index: number) {
  const { block, action } = INPUTS.captureText;
  return { block: index === 0 ? block : `${block}_${index + 1}`, action };
}

/** `breaks` stand between the parts: Slack may drop blanks at the ends of an input. */
function splitText(text: string): { parts: string[]; breaks: string[] } {
  const whole = clip(cleanText(text).trim(), TEXT_AT_MOST, "the rest is in Slack");
  const raw = pieces(whole, LIMITS.inputText);
  const parts = raw.map((part) => part.trim());
  const breaks = raw.flatMap((part, index) => {
    const next = raw[index + 1];
    if (next === undefined) return [];
    const blank = `${/\s*$/.exec(part)?.[0] ?? ""}${/^\s*/.exec(next)?.[0] ?? ""}`;
    return [blank.slice(0, 20)];
  });
  return { parts, breaks };
}

const Draft = z.object({
  said: z
    .object({
      message: z.object({ channel: z.string(), ts: z.string() }),
      rootTs: z.string(),
      author: z.string().nullable(),
      place: z.string(),
      permalink: z.string().nullable(),
    })
    .nullable(),
  breaks: z.array(z.string().max(20)).max(FIELDS_AT_MOST),
});
export type Draft = z.infer<typeof Draft>;

function encodeDraft({ said, breaks }: Draft): string {
  const short = said && {
    ...said,
    author: said.author === null ? null : clip(said.author, 80),
    place: clip(said.place, 90),
    permalink: said.permalink !== null && said.permalink.length <= 500 ? said.permalink : null,
  };
  return JSON.stringify({ said: short, breaks });
}

/** null for anything that is not ours. */
export function decodeDraft(metadata: string): Draft | null {
  try {
    return Draft.safeParse(JSON.parse(metadata)).data ?? null;
  } catch {
    return null;
  }
}

export interface CaptureAnswers {
  /** "" = nothing was written. */
  text: string;
  context: string;
  urgency: Urgency;
}

export function readCapture(values: FormValues, { breaks }: Pick<Draft, "breaks">): CaptureAnswers {
  const parts = [0, ...breaks.map((_, index) => index + 1)].map(
    (index) => readText(values, fieldAt(index)) ?? "",
  );
  const text = parts.map((part, index) => (part === "" ? "" : part + (breaks[index] ?? ""))).join("");
  const chosen = values[INPUTS.captureUrgency.block]?.[INPUTS.captureUrgency.action]?.selected_option?.value;
  return {
    text: text.trim(),
    context: readText(values, INPUTS.captureContext) ?? "",
    urgency: URGENCIES.find((one) => one === chosen) ?? "normal",
  };
}
