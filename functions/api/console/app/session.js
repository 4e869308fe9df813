// Whose tab this is: the key or token, kept in this tab's session only, and what it may do.

const KEY = "tocsin.key";
const SCOPE = "tocsin.scope";
const NAME = "tocsin.name";

export const session = {
  /** What is remembered of a sign-in in memory is that of this one: another after each. */
  turn: {},
  get key() {
    return sessionStorage.getItem(KEY) ?? "";
  },
  /** "operate" or "admin". */
  get scope() {
    return sessionStorage.getItem(SCOPE) ?? "";
  },
  /** Who has signed in; "" for a key. */
  get name() {
    return sessionStorage.getItem(NAME) ?? "";
  },
  get mayChange() {
    return this.scope === "admin";
  },
  open(key, scope, name = "") {
    sessionStorage.setItem(KEY, key);
    sessionStorage.setItem(SCOPE, scope);
    if (name) sessionStorage.setItem(NAME, name);
  },
  close() {
    for (const each of [KEY, SCOPE, NAME]) sessionStorage.removeItem(each);
    this.turn = {};
  },
};
