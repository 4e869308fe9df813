// What each channel asks for; the words for it are in words.js.

import { words } from "../words.js";

const SHAPES = {
  discord: {
    icon: "💬", guide: "discord.md",
    fields: [
      { name: "url", secret: true, oneOf: "secret", like: /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+/ },
      { name: "token", secret: true, oneOf: "secret", more: true, like: /^[\w-]{18,80}\.[\w-]{5,20}\.[\w-]{20,120}$/ },
      { name: "channel_id", more: true, like: /^\d{15,20}$/ },
      { name: "public_key", more: true, like: /^[0-9a-fA-F]{64}$/ },
      { name: "thread_id", more: true, like: /^\d{15,20}$/ },
    ],
  },
  slack: {
    icon: "🟪", guide: "slack.md",
    fields: [
      { name: "url", secret: true, oneOf: "secret", like: /^https:\/\/hooks\.slack(-gov)?\.com\// },
      { name: "token", secret: true, oneOf: "secret", more: true, like: /^xoxb-/ },
      { name: "channel_id", more: true, like: /^[CGD][A-Z0-9]{6,}$/ },
    ],
  },
  telegram: {
    icon: "✈️", guide: "telegram.md",
    fields: [
      { name: "token", secret: true, needed: true, like: /^\d{5,}:[\w-]{30,}$/ },
      { name: "chat", needed: true, like: /^(@\w{4,}|-?\d+)$/ },
      { name: "topic", number: true, like: /^\d+$/ },
    ],
  },
  teams: {
    icon: "🟦", guide: "teams.md",
    fields: [
      { name: "url", secret: true, needed: true, like: /^https:\/\/[\w.-]+\.(powerplatform|azure)\.(com|us)[:/]/ },
    ],
  },
  email: {
    icon: "✉️", guide: "email.md",
    fields: [
      { name: "host", needed: true, like: /^[\w-]+(\.[\w-]+)+$/ },
      { name: "username" },
      { name: "password", secret: true },
      { name: "from", needed: true, like: /\S+@\S+\.\S+/ },
      { name: "to", needed: true, list: true, like: /\S+@\S+\.\S+/ },
    ],
  },
  webhook: {
    icon: "🪝", guide: "webhook.md",
    fields: [
      { name: "url", secret: true, needed: true, like: /^https:\/\/[^/@]+\.[^/@]+/ },
      { name: "secret", secret: true, needed: true, make: true, like: /^whsec_[A-Za-z0-9+/]{32,}=*$/ },
    ],
  },
  pagerduty: {
    icon: "📟", guide: "pagerduty.md",
    fields: [
      { name: "routing_key", secret: true, needed: true, like: /^\w{32}$/ },
      { name: "region", like: /^(us|eu)$/ },
    ],
  },
  whatsapp: {
    icon: "🟢", guide: "whatsapp.md",
    fields: [
      { name: "token", secret: true, needed: true, like: /^EAA\w+/ },
      { name: "phone_number_id", needed: true, like: /^\d{8,20}$/ },
      { name: "to", needed: true, like: /^\+\d{7,15}$/ },
      { name: "template.name", needed: true, like: /^[a-z0-9_]+$/ },
      { name: "template.language", like: /^[a-z]{2}(_[A-Z]{2})?$/ },
    ],
  },
  sms: {
    icon: "📱", guide: "sms.md",
    fields: [
      { name: "number", needed: true, like: /^\+[1-9]\d{6,14}$/ },
      { name: "sender_id", like: /^(?=\d*[A-Za-z])[A-Za-z0-9]{1,11}$/ },
      { name: "region", like: /^[a-z]{2}(-[a-z]{2,12}){1,3}-\d{1,2}$/ },
    ],
  },
  apprise: {
    icon: "📣", guide: "apprise.md",
    fields: [
      { name: "url", secret: true, needed: true, like: /^[a-z]+:\/\/\S+/ },
    ],
  },
};

/** Each channel with its words: title, about, steps; and the fields of its form. */
export const CHANNELS = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [name, { ...shape, ...words.channels[name], fields: shape.fields.map((each) => worded(name, each)) }]),
);

function worded(channel, field) {
  const [label, hint, unlike] = words.channels[channel].fields[field.name];
  return { ...field, label, hint, unlike };
}

/** What is wrong with a value that was typed, or "". */
export function wrongWith(field, value) {
  if (!value) return "";
  if (field.like && !field.like.test(value.trim())) return field.unlike;
  return "";
}

/** The body of the PUT: what was there before, with what was typed in its place. */
export function bodyOf(channel, typed, before = {}) {
  const body = structuredClone(before);
  for (const name of ["name", "secret_hint"]) delete body[name];
  body.channel = channel;
  for (const field of CHANNELS[channel].fields) {
    const value = (typed[field.name] ?? "").trim();
    const [outer, inner] = field.name.split(".");
    const inside = inner ? (body[outer] ??= {}) : body;
    if (value) inside[inner ?? outer] = shaped(field, value);
    else delete inside[inner ?? outer];
  }
  return body;
}

function shaped(field, value) {
  if (field.list) return value.split(",").map((each) => each.trim()).filter(Boolean);
  return field.number ? Number(value) : value;
}

/** What stands in a field when a destination is edited. */
export function typedOf(field, known) {
  const [outer, inner] = field.name.split(".");
  const value = inner ? known[outer]?.[inner] : known[outer];
  return Array.isArray(value) ? value.join(", ") : (value ?? "");
}
