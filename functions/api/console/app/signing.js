// Signed calls: which tool signs, with which secret. What was put is never shown again.

import { call, post, ROOT } from "./api.js";
import { el, fill } from "./dom.js";
import { ask, choice, field, say, snippet, toast, trouble } from "./parts.js";
import { moment } from "./time.js";
import { words } from "../words.js";

const W = words.source;
const PRINTABLE = /^[\x21-\x7e]{8,512}$/;
const BASE64 = /^(whsec_|whpk_)?[A-Za-z0-9+/]{4,}=*$/;
// `ours`: the secret is made here and given to the tool; else the tool shows it.
const SCHEMES = {
  github: { ours: true },
  grafana: { ours: true },
  sentry: {},
  slack: {},
  standard: { like: BASE64 },
  stripe: {},
  whatsapp: {},
};
const LIVE = 2;

/** What to click and enter in the tool that signs so, for the source of this name. */
export function atTheTool(scheme, name) {
  const { steps } = W.schemes[scheme];
  return [
    el("ol.steps", {}, steps.map((step) => el("li", {}, step))),
    el("p.faint", {}, W.address),
    el("div.wraps", {}, snippet(`${ROOT}/v1/hooks/${scheme}/${name}`, W.address)),
  ];
}

/** The section, over a source as the API tells it. */
export function signing(known) {
  const root = el("section", { "aria-label": W.signing });
  new Signing(root, known);
  return root;
}

class Signing {
  constructor(root, known) {
    this.root = root;
    this.known = known;
    this.path = `/sources/${encodeURIComponent(known.name)}/signature`;
    this.draw();
  }

  get secrets() {
    return this.known.signature?.secrets ?? [];
  }

  draw() {
    const { signature } = this.known;
    const lead = el("div", {}, el("h3", {}, W.signing), el("p.lead", {}, W.signingLead));
    if (this.known.scopes.some((each) => each !== "ingest")) {
      return fill(this.root, lead, el("p", {}, W.ingestOnly));
    }
    this.steps = el("section.card", {});
    this.scheme = choice("scheme", Object.keys(SCHEMES).map((name) => [name, W.schemes[name].title]), signature?.scheme ?? "github", { onchange: () => this.chosen() });
    this.under = el("div");
    this.form = el(
      "form.card",
      { novalidate: true, "aria-label": W.signing, onsubmit: (event) => this.submitted(event) },
      this.state(), field(W.scheme, this.scheme), this.under,
    );
    fill(this.root, lead, el("div.guided", {}, this.steps, this.form));
    this.chosen();
  }

  /** What this tool asks for, and what can be done now. */
  chosen() {
    const scheme = this.scheme.value;
    const same = this.known.signature?.scheme === scheme;
    fill(this.steps, el("h3", {}, W.atTool), atTheTool(scheme, this.known.name));
    this.wrong = el("div");
    this.secret = el("input", { name: "secret", type: "password", autocomplete: "off", spellcheck: "false", "aria-required": "true" });
    this.shown = field(W.secret, this.secret, W.secretHint);
    this.shown.append(el("small.faint", {}, words.setup.secret));
    if (SCHEMES[scheme].ours) this.shown.append(el("button.quiet", { type: "button", onclick: () => this.make() }, words.setup.make));
    this.secret.addEventListener("input", () => say(this.shown, this.fault(), W.secretHint));
    const full = same && this.secrets.length >= LIVE;
    const button = el("button.primary", { type: "submit" }, same ? W.second : W.sign);
    const other = this.known.signature && !same ? el("p.faint", {}, W.instead(W.schemes[this.known.signature.scheme].title)) : null;
    fill(this.under, other, full ? el("p.faint", {}, W.full) : [this.shown, this.wrong, el("div.row", {}, button)]);
  }

  /** How it is now: told first, and what has the focus after a change. */
  state() {
    const { signature } = this.known;
    if (!signature) return el("p", { tabindex: "-1" }, W.unsigned);
    const button = (label, work) => el("button", { type: "button", onclick: work }, label);
    return el(
      "div",
      {},
      el("p", { tabindex: "-1" }, W.signedBy(W.schemes[signature.scheme].title)),
      el("ul.hints", {}, this.secrets.map((each) => el("li.faint", {}, `${W.secretPut} `, moment(each.made_at)))),
      el(
        "div.row",
        {},
        this.secrets.length >= LIVE ? button(W.forget, () => this.forget()) : null,
        button(W.unsign, () => this.unsign()),
      ),
    );
  }

  /** A secret of 32 random bytes, shown so that it can be given to the tool. */
  make() {
    const bytes = crypto.getRandomValues(new Uint8Array(32));
    this.secret.type = "text";
    this.secret.value = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
    say(this.shown, "", W.made);
    this.secret.select();
  }

  fault() {
    const text = this.secret.value.trim();
    if (!text) return "";
    if (!PRINTABLE.test(text)) return W.secretWrong;
    return (SCHEMES[this.scheme.value].like ?? PRINTABLE).test(text) ? "" : W.standardWrong;
  }

  async submitted(event) {
    event.preventDefault();
    if (this.sending || !this.shown.isConnected) return;
    const secret = this.secret.value.trim();
    const wrong = secret ? this.fault() : words.setup.needed;
    say(this.shown, wrong, W.secretHint);
    if (wrong) return this.secret.focus();
    this.sending = true;
    fill(this.wrong);
    try {
      this.known = (await call("PUT", this.path, { body: { scheme: this.scheme.value, secret } })).data;
      this.changed(W.signed);
    } catch (problem) {
      const fault = problem.of?.("secret");
      if (fault) say(this.shown, fault, W.secretHint);
      else fill(this.wrong, trouble(problem));
      this.secret.focus();
    }
    this.sending = false;
  }

  async forget() {
    const body = el("p", {}, W.forgetLead);
    const done = await ask({ title: W.askForget, body, confirm: W.forget, danger: true, act: () => post(`${this.path}/revoke`) });
    if (!done) return;
    this.known = done;
    this.changed(W.forgotten);
  }

  async unsign() {
    const body = el("p", {}, W.unsignLead);
    const done = await ask({ title: W.askUnsign, body, confirm: W.unsign, danger: true, act: () => call("DELETE", this.path) });
    if (!done) return;
    this.known = { ...this.known, signature: null };
    this.changed(W.unsignedNow);
  }

  changed(said) {
    this.draw();
    this.form.querySelector("[tabindex]").focus();
    toast(said);
  }
}
