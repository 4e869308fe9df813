// Signing in with an issuer of OpenID Connect: a code in the address, changed for a token.

import { Problem, ROOT } from "./api.js";
import { words } from "../words.js";

const PENDING = "tocsin.pending";
const BACK = `${ROOT}/console/`;
const W = words.signIn;

/** What the stack says about signing in elsewhere, or null. */
export function offered() {
  const told = document.querySelector("meta[name=sign-in]").content;
  return told.startsWith("{") ? JSON.parse(told) : null;
}

/** Go to the issuer. What proves that the answer is ours stays in this tab. */
export async function begin(offer) {
  const pending = { verifier: random(), state: random(), nonce: random(), hash: location.hash };
  sessionStorage.setItem(PENDING, JSON.stringify(pending));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(pending.verifier));
  const asked = {
    response_type: "code", client_id: offer.client_id, redirect_uri: BACK, scope: offer.scope,
    state: pending.state, nonce: pending.nonce, code_challenge: packed(new Uint8Array(digest)), code_challenge_method: "S256",
  };
  location.assign(`${offer.authorize}${offer.authorize.includes("?") ? "&" : "?"}${new URLSearchParams(asked)}`);
}

/** The answer that stands in the address, taken out of it, or null. */
export function returned() {
  const answer = new URLSearchParams(location.search);
  if (!answer.has("state")) return null;
  const pending = JSON.parse(sessionStorage.getItem(PENDING) ?? "{}");
  sessionStorage.removeItem(PENDING);
  history.replaceState(null, "", `${location.pathname}${pending.hash ?? ""}`);
  return { answer, pending };
}

/** The token that an answer of the issuer is worth. Throws a Problem. */
export async function redeemed(offer, { answer, pending }) {
  if (!pending.state || answer.get("state") !== pending.state) throw said(W.notAsked);
  if (!answer.has("code")) throw said(W.refused(answer.get("error_description") ?? answer.get("error") ?? ""));
  const given = {
    grant_type: "authorization_code", code: answer.get("code"), redirect_uri: BACK,
    client_id: offer.client_id, code_verifier: pending.verifier,
  };
  const token = await exchanged(offer.token, new URLSearchParams(given));
  if (claimsOf(token).nonce !== pending.nonce) throw said(W.notAsked);
  return token;
}

/** Leave the issuer too, where it is one that remembers us. */
export function leaveIssuer() {
  const { leave } = offered() ?? {};
  if (leave) location.assign(leave + encodeURIComponent(BACK));
}

/** What a token says; who believes it is the API. */
export function claimsOf(token) {
  try {
    const raw = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(raw, (each) => each.charCodeAt(0))));
  } catch {
    return {};
  }
}

async function exchanged(address, body) {
  let told = {};
  try {
    const answer = await fetch(address, { method: "POST", body, credentials: "omit", cache: "no-store" });
    told = await answer.json();
  } catch {
    throw said(W.unreachable);
  }
  if (!told.id_token) throw said(W.refused(told.error_description ?? told.error ?? ""));
  return told.id_token;
}

function random() {
  return packed(crypto.getRandomValues(new Uint8Array(32)));
}

function packed(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function said(text) {
  const problem = new Problem(401, { detail: text });
  problem.next = W.again;
  return problem;
}
