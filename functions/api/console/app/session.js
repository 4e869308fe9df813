// Whose tab this is: the key, kept in this tab's session only, and what it may do.

const KEY = "tocsin.key";
const SCOPE = "tocsin.scope";

export const session = {
  get key() {
    return sessionStorage.getItem(KEY) ?? "";
  },
  /** "operate" or "admin". */
  get scope() {
    return sessionStorage.getItem(SCOPE) ?? "";
  },
  get mayChange() {
    return this.scope === "admin";
  },
  open(key, scope) {
    sessionStorage.setItem(KEY, key);
    sessionStorage.setItem(SCOPE, scope);
  },
  close() {
    sessionStorage.removeItem(KEY);
    sessionStorage.removeItem(SCOPE);
  },
};
