// Acting on notifications: asked once, done for one or for many.

import { post } from "./api.js";
import { el } from "./dom.js";
import { inTurn } from "./live.js";
import { ask, choice, field, toast } from "./parts.js";
import { asked, places, whereTo } from "./replaying.js";
import { words } from "../words.js";

const W = words.detail;

function noteField() {
  return field(W.note, el("input", { name: "note", maxlength: "300", autocomplete: "off", autofocus: true }), W.noteHint);
}

/** Acknowledge these, after asking for a note and how long. Resolves to true when done. */
export function acknowledge(chosen) {
  return ask({
    title: W.askAck(chosen.length),
    body: [el("p", {}, W.ackLead), titles(chosen), noteField(), field(W.howLong, choice("for", W.lasts, ""))],
    confirm: W.acknowledge,
    act: (form) => {
      const body = { note: form.get("note") };
      if (form.get("for")) body.for = form.get("for");
      return all(chosen, "acknowledge", body, W.done.acknowledge);
    },
  });
}

/** Resolve these, after asking. */
export function resolve(chosen) {
  return ask({
    title: W.askResolve(chosen.length),
    body: [el("p", {}, W.resolveLead), titles(chosen), noteField()],
    confirm: W.resolve,
    act: (form) => all(chosen, "resolve", { note: form.get("note") }, W.done.resolve),
  });
}

/** Say that nobody is on it any more. */
export function release(one) {
  return ask({
    title: W.askRelease,
    body: [el("p", {}, W.releaseLead), noteField()],
    confirm: W.release,
    act: (form) => all([one], "unacknowledge", { note: form.get("note") }, W.done.release),
  });
}

/** Send its dead deliveries again, where they were to go or elsewhere. */
export async function replay(one) {
  const known = await places();
  const names = one.deliveries.filter((each) => each.status === "dead_letter").map((each) => each.destination);
  return ask({
    title: W.askReplay,
    body: [el("p", {}, W.replayLead(names.join(", "))), whereTo(known)],
    confirm: W.replay,
    act: (form) => all([one], "replay", asked(form), W.done.replay),
  });
}

function titles(chosen) {
  if (chosen.length < 2) return null;
  const some = chosen.slice(0, 5).map((each) => el("li", {}, each.title || each.message || each.type));
  const rest = chosen.length > 5 ? el("li.faint", {}, `+${chosen.length - 5}`) : null;
  return el("ul.titles", {}, some, rest);
}

async function all(chosen, what, body, did) {
  const failed = await inTurn(chosen, (each) => post(`/notifications/${each.id}/${what}`, body));
  if (failed.length === chosen.length) throw failed[0].problem;
  const done = chosen.length - failed.length;
  if (failed.length) toast(words.list.partly(done, failed.length, failed[0].problem.message), "bad");
  else toast(words.list.done(did, done));
  return true;
}
