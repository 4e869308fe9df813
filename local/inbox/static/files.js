// Files that came with a message: pictures as such, anything else to be saved.
import { el } from "./dom.js";

const IMAGE = /^image\/(png|jpeg|gif|webp)$/;

/** The nodes of files, as every provider but Discord shows them. */
export function fileNodes(files) {
  return (files ?? []).filter((file) => /^\/files\/[\w.-]+$/.test(file.url)).map((file) =>
    IMAGE.test(file.content_type)
      ? el("div", { class: "picture loose" },
        el("img", { src: file.url, alt: file.filename, loading: "lazy" }))
      : el("a", { class: "file", href: file.url, download: file.filename },
        el("span", { class: "file-icon", "aria-hidden": "true" }, "📄"),
        el("span", {}, file.filename, el("small", {}, size(file.size)))));
}

/** Of a mail, whose pictures stand in it already. */
export function attachedNodes(files) {
  return fileNodes((files ?? []).filter((file) => !IMAGE.test(file.content_type)));
}

function size(bytes) {
  return bytes < 1000 ? `${bytes} B` : bytes < 1000000
    ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1000000).toFixed(1)} MB`;
}
