// Files of a deposit are sent one after the other, each with its progress; each can be cancelled, and none is sent
// before its marking is chosen. Without this module one file is sent with the form.
const form = document.querySelector("form[data-stage]");
const input = form.querySelector("input[type=file]");
const says = form.dataset;
const list = document.createElement("ul");
list.className = "sending";
list.setAttribute("aria-live", "polite");
const sealed = [];
let failed = 0;

input.multiple = true;
const zone = input.closest(".block");
zone.classList.add("dropzone");
const hint = document.createElement("p");
hint.className = "small quiet";
hint.textContent = says.drop;
zone.append(hint, list);

const chosen = () => form.querySelector("input[name=marking]:checked");

for (const kind of ["dragenter", "dragover"]) {
  zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
}
for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  input.files = event.dataTransfer.files;
});

// one sends a file and answers where it stands, or nothing.
const one = (file, marking) => new Promise((done) => {
  const row = document.createElement("li");
  const name = document.createElement("bdi");
  const bar = document.createElement("progress");
  const stop = document.createElement("button");
  const end = document.createElement("span");
  name.textContent = file.name;
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  stop.type = "button";
  stop.className = "linklike";
  stop.textContent = says.cancel;
  row.append(name, bar, stop, end);
  list.append(row);

  const body = new FormData();
  body.append("marking", marking);
  body.append("content", file);
  const sent = new XMLHttpRequest();
  const over = (text, id) => {
    bar.remove();
    stop.remove();
    end.className = id ? "sealed" : "failed";
    end.textContent = text;
    if (!id) failed += 1;
    done(id);
  };
  stop.addEventListener("click", () => sent.abort());
  sent.upload.addEventListener("progress", (event) => { bar.value = event.loaded; });
  sent.addEventListener("abort", () => over(says.cancelled));
  sent.addEventListener("error", () => over(says.failed));
  sent.addEventListener("load", () => {
    const at = /^\/documents\/new\/([a-z0-9_]+)$/.exec(new URL(sent.responseURL, location.href).pathname);
    if (sent.status === 200 && at) { over(says.sealed, at[1]); return; }
    let why = says.failed;
    try {
      const problem = JSON.parse(sent.responseText);
      why = [problem.title, problem.detail].filter(Boolean).join(". ");
    } catch { /* it was no answer of ours */ }
    over(why);
  });
  sent.open("POST", form.action || location.pathname);
  sent.setRequestHeader("Accept", "application/problem+json");
  sent.send(body);
});

const goOn = () => {
  const others = sealed.slice(1).map((id) => "with=" + encodeURIComponent(id)).join("&");
  location.assign("/documents/new/" + sealed[0] + (others && "?" + others));
};

form.addEventListener("submit", async (event) => {
  if (!chosen() || (!input.files.length && !sealed.length)) return; // the page says what is missing
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = form.querySelector("button.btn");
  const files = Array.from(input.files);
  button.disabled = true;
  failed = 0;
  for (const file of files) {
    const id = await one(file, chosen().value);
    if (id) sealed.push(id);
  }
  input.value = "";
  button.disabled = false;
  if (sealed.length && !failed) { goOn(); return; }
  if (sealed.length) { button.textContent = says.rest; button.focus(); }
}, { capture: true });
