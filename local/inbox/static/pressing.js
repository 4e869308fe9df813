// Buttons that act: the inbox tells the stack's API, signed, as the provider would.
import { el } from "./dom.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-press]");
  const message = button?.closest("article[data-id]");
  if (!message || !button.dataset.press) return;
  button.disabled = true;
  try {
    const told = await press(message.dataset.id, button.dataset.press);
    if (told) whisper(message, told);
  } finally {
    button.disabled = false;
  }
});

/** What only who pressed is told; "" when all is well. */
async function press(message, button) {
  const response = await fetch("/_control/presses", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ message, button }),
  });
  const answer = await response.json();
  return answer.words ?? answer.error;
}

/** Words below the message, which go when it is drawn anew. */
function whisper(message, words) {
  message.querySelector(".whisper")?.remove();
  const close = el("button", { type: "button", class: "whisper-close", "aria-label": "Dismiss",
    onclick: (event) => event.target.closest(".whisper").remove() }, "✕");
  message.querySelector(".body").append(el("div", { class: "whisper", role: "status" },
    el("span", { class: "whisper-who" }, "Only you can see this"), el("span", {}, words), close));
}
