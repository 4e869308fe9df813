// What each channel asks for: its fields, and the exact clicks at the provider.

const text = (name, label, hint, more = {}) => ({ name, label, hint, ...more });
const secret = (name, label, hint, more = {}) => ({ name, label, hint, secret: true, ...more });

export const CHANNELS = {
  discord: {
    title: "Discord", about: "A webhook into one channel", icon: "💬", guide: "",
    steps: [
      "In Discord, point at the channel and open its settings (the gear).",
      "Integrations › Webhooks › New Webhook.",
      "Give it a name, then Copy Webhook URL.",
    ],
    fields: [
      secret("url", "Webhook URL", "https://discord.com/api/webhooks/…", {
        needed: true, like: /^https:\/\/(\w+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+/,
        unlike: "It begins with https://discord.com/api/webhooks/ and has a number and a token behind that.",
      }),
      text("thread_id", "Thread id", "Only for one thread of the channel.", { like: /^\d{15,20}$/, unlike: "A number of 17 to 20 digits." }),
    ],
  },
  slack: {
    title: "Slack", about: "An incoming webhook, or a bot", icon: "🟪", guide: "slack.md",
    steps: [
      "Open api.slack.com/apps › Create New App › From scratch; name it, pick the workspace.",
      "Incoming Webhooks › switch Activate Incoming Webhooks on.",
      "Add New Webhook to Workspace, choose the channel, Allow. Copy the URL.",
      "For a bot instead: OAuth & Permissions › add the scope chat:write › Install to Workspace; copy the token, /invite it into the channel.",
    ],
    fields: [
      secret("url", "Webhook URL", "https://hooks.slack.com/services/…", { oneOf: "secret", like: /^https:\/\/hooks\.slack(-gov)?\.com\//, unlike: "It begins with https://hooks.slack.com/services/." }),
      secret("token", "or: bot token", "xoxb-…", { oneOf: "secret", like: /^xoxb-/, unlike: "A bot token begins with xoxb-." }),
      text("channel_id", "Channel id (bot only)", "C0123456789, at the bottom of About.", { like: /^[CGD][A-Z0-9]{6,}$/, unlike: "An id such as C0123456789, not the channel's name." }),
    ],
  },
  telegram: {
    title: "Telegram", about: "A bot, to a person, group or channel", icon: "✈️", guide: "telegram.md",
    steps: [
      "In Telegram open @BotFather, send /newbot, answer with a name and a username ending in bot. Copy the token.",
      "Let the bot in: a person presses Start at the bot; a group or channel adds it as a member or administrator.",
      "The chat is @name where it is public. Else write /hello there and read message.chat.id at api.telegram.org/bot<token>/getUpdates.",
    ],
    fields: [
      secret("token", "Bot token", "110201543:AAE…", { needed: true, like: /^\d{5,}:[\w-]{30,}$/, unlike: "Digits, a colon and about 35 letters." }),
      text("chat", "Chat", "@name, or an id such as -1001234567890.", { needed: true, like: /^(@\w{4,}|-?\d+)$/, unlike: "@name or a number." }),
      text("topic", "Topic", "Only for one topic of a group.", { like: /^\d+$/, unlike: "A number.", number: true }),
    ],
  },
  teams: {
    title: "Microsoft Teams", about: "A workflow that posts cards", icon: "🟦", guide: "teams.md",
    steps: [
      "In Teams, at the channel: ⋯ › Workflows › Send webhook alerts to a channel.",
      "Choose team and channel, Save, and copy the address that is shown.",
    ],
    fields: [
      secret("url", "Workflow address", "The whole address, with its sig=.", {
        needed: true, like: /^https:\/\/[\w.-]+\.(powerplatform|azure)\.(com|us)[:/]/,
        unlike: "An address on …powerplatform.com or …logic.azure.com.",
      }),
    ],
  },
  email: {
    title: "E-mail", about: "Any mail server, over SMTP", icon: "✉️", guide: "email.md",
    steps: [
      "At your mail provider, find the SMTP server's name and make a password for an application.",
      "Ports: 587 (STARTTLS) or 465 (TLS). For Amazon SES without a password see the whole guide.",
    ],
    fields: [
      text("host", "Mail server", "smtp.example.com", { needed: true, like: /^[\w-]+(\.[\w-]+)+$/, unlike: "A host's name, such as smtp.example.com." }),
      text("username", "User name", "alerts@example.com"),
      secret("password", "Password", "Of the application."),
      text("from", "From", "Tocsin <alerts@example.com>", { needed: true, like: /\S+@\S+\.\S+/, unlike: "A mail address." }),
      text("to", "To", "Up to 50, separated by commas.", { needed: true, like: /\S+@\S+\.\S+/, unlike: "Mail addresses, separated by commas.", list: true }),
    ],
  },
  webhook: {
    title: "Webhook", about: "A signed call to your own service", icon: "🪝", guide: "webhook.md",
    steps: [
      "Your receiver needs a public https address (port 443 or 8443).",
      "Make a secret here, or paste yours; give it to the receiver: it verifies each call with it (Standard Webhooks).",
    ],
    fields: [
      secret("url", "Address", "https://hooks.example.com/tocsin", { needed: true, like: /^https:\/\/[^/@]+\.[^/@]+/, unlike: "An https address of a public host." }),
      secret("secret", "Signing secret", "whsec_… of 24 to 64 random bytes.", { needed: true, like: /^whsec_[A-Za-z0-9+/]{32,}=*$/, unlike: "whsec_ and at least 24 bytes in base64.", make: true }),
    ],
  },
  pagerduty: {
    title: "PagerDuty", about: "Opens and resolves alerts", icon: "📟", guide: "pagerduty.md",
    steps: [
      "In PagerDuty: Services › your service › Integrations › Add an integration › Events API v2 › Add.",
      "Open the new integration and copy its Integration Key.",
    ],
    fields: [
      secret("routing_key", "Integration Key", "32 letters and digits.", { needed: true, like: /^\w{32}$/, unlike: "32 letters and digits." }),
      text("region", "Region", "eu where your account is at *.eu.pagerduty.com, else empty.", { like: /^(us|eu)$/, unlike: "us or eu." }),
    ],
  },
  whatsapp: {
    title: "WhatsApp", about: "Approved templates, to one person", icon: "🟢", guide: "whatsapp.md",
    steps: [
      "developers.facebook.com/apps › Create app › Connect with customers through WhatsApp.",
      "WhatsApp › API Setup: add your number and copy the Phone number ID.",
      "Business settings › System users: assign app and account, Generate token (whatsapp_business_messaging, never expires).",
      "WhatsApp Manager › Create template, category Utility, with two variables: the whole guide has the body.",
    ],
    fields: [
      secret("token", "Access token", "EAA…", { needed: true, like: /^EAA\w+/, unlike: "It begins with EAA." }),
      text("phone_number_id", "Phone number ID", "Not the number itself.", { needed: true, like: /^\d{8,20}$/, unlike: "A long number." }),
      text("to", "To", "+41791234567", { needed: true, like: /^\+\d{7,15}$/, unlike: "With the country: +41791234567." }),
      text("template.name", "Template", "tocsin_alert", { needed: true, like: /^[a-z0-9_]+$/, unlike: "Small letters, digits and _." }),
      text("template.language", "Language of the template", "en", { like: /^[a-z]{2}(_[A-Z]{2})?$/, unlike: "Such as en or de_CH." }),
    ],
  },
  apprise: {
    title: "Others", about: "ntfy, Pushover, Gotify, Matrix, SMS …", icon: "📣", guide: "apprise.md",
    steps: [
      "The optional layer must be deployed: make build APPRISE=1.",
      "Write the service's address in Apprise's form, such as ntfys://token@ntfy.example.com/topic or pover://user@token.",
    ],
    fields: [secret("url", "Address", "ntfy://a-topic-nobody-guesses", { needed: true, like: /^[a-z]+:\/\/\S+/, unlike: "scheme://…, without spaces." })],
  },
};

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
