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

const tus = { "Tus-Resumable": "1.0.0", "Accept": "application/problem+json" };
const octets = { ...tus, "Content-Type": "application/offset+octet-stream" };
const goesOn = new Set([408, 423, 429, 502, 503, 504]); // what a little patience cures
const smallest = 256 << 10;
const largest = 8 << 20;

const coded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// why is what an answer that is no success says.
const why = async (answer) => {
  const problem = await answer.json().catch(() => ({})); // that may be no answer of ours
  const said = new Error([problem.title, problem.detail].filter(Boolean).join(". ") || says.failed);
  said.goesOn = goesOn.has(answer.status) || ["request/offset", "request/part-broken"].includes(problem.code);
  return said;
};

// nameOf names a file, so that the same upload is found again, by the next page too: nothing is kept in the browser.
const nameOf = async (file, marking) => {
  const text = [marking, file.name, file.size, file.lastModified].join("\n");
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

// begin begins an upload, or finds the one of that name. Of one that came to an end there is nothing to find.
const begin = async (file, marking, name, signal) => {
  let metadata = `marking ${coded(marking)},filename ${coded(file.name)}`;
  if (file.type) metadata += `,filetype ${coded(file.type)}`;
  for (let n = 0; ; n += 1) {
    const answer = await fetch(location.pathname, { method: "POST", signal, headers: { ...tus,
      "Upload-Length": file.size, "Upload-Metadata": metadata, "Idempotency-Key": `page-${name}-${n}` } });
    if (answer.status === 404 && n < 8) continue;
    if (answer.status !== 201) throw await why(answer);
    return { at: answer.headers.get("Location"), offset: Number(answer.headers.get("Upload-Offset")) };
  }
};

// rest waits for a while, the longer the more tries there were, or until the line is there again, or nobody waits.
const rest = (tries, signal) => new Promise((over) => {
  setTimeout(over, Math.min(2 ** tries, 30) * 1000);
  addEventListener("online", over, { once: true });
  signal.addEventListener("abort", over, { once: true });
});

// readable wants the file as it was chosen: of one that was changed or taken away nothing more is sent.
const readable = (file, offset) => file.slice(offset, offset + 1).arrayBuffer().catch(() => {
  throw new Error(says.failed);
});

// one sends a file in parts and answers where it stands, or nothing. Where the line breaks it goes on by itself.
const one = async (file, marking) => {
  const row = document.createElement("li");
  const name = document.createElement("bdi");
  const bar = document.createElement("progress");
  const hold = document.createElement("button");
  const stop = document.createElement("button");
  const end = document.createElement("span");
  name.textContent = file.name;
  bar.max = file.size || 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  for (const [button, text] of [[hold, says.pause], [stop, says.cancel]]) {
    button.type = "button";
    button.className = "linklike";
    button.textContent = text;
  }
  row.append(name, bar, hold, stop, end);
  list.append(row);

  const cancelled = new AbortController();
  let line = new AbortController(); // of the part that is on its way
  let wake = null; // set while it is held
  let held = Promise.resolve();
  stop.addEventListener("click", () => { cancelled.abort(); line.abort(); wake?.(); });
  hold.addEventListener("click", () => {
    hold.textContent = wake ? says.pause : says.resume;
    if (wake) { wake(); wake = null; return; }
    held = new Promise((over) => { wake = over; });
    line.abort();
  });

  const broke = async (tries) => {
    end.textContent = says.broke;
    await rest(tries, cancelled.signal);
  };
  const offline = () => line.abort(); // what hangs would hang for long
  addEventListener("offline", offline);

  let at = null;
  try {
    let offset = 0;
    let size = smallest;
    const known = await nameOf(file, marking);
    for (let tries = 0; !at; tries += 1) {
      try {
        ({ at, offset } = await begin(file, marking, known, cancelled.signal));
      } catch (fault) {
        const line = fault instanceof TypeError; // which fetch throws where no answer came
        if (cancelled.signal.aborted || !(line || fault.goesOn)) throw fault;
        await broke(tries);
      }
    }
    for (let tries = 0; offset < file.size;) {
      await held;
      cancelled.signal.throwIfAborted();
      bar.value = offset;
      await readable(file, offset);
      line = new AbortController();
      const began = performance.now();
      const answer = await fetch(at, { method: "PATCH", signal: line.signal,
        headers: { ...octets, "Upload-Offset": offset }, body: file.slice(offset, offset + size) }).catch(() => null);
      if (answer?.status === 204) {
        offset = Number(answer.headers.get("Upload-Offset"));
        const took = performance.now() - began;
        if (took < 500) size = Math.min(size * 2, largest);
        if (took > 5000) size = Math.max(size / 2, smallest);
        tries = 0;
        end.textContent = "";
        continue;
      }
      const refused = answer && await why(answer);
      if (refused && !refused.goesOn) throw refused;
      if (!wake && !cancelled.signal.aborted) {
        await broke(tries);
        tries += 1;
      }
      cancelled.signal.throwIfAborted();
      const now = await fetch(at, { method: "HEAD", headers: tus }).catch(() => null);
      if (now?.status === 200) offset = Number(now.headers.get("Upload-Offset"));
      else if (now && !goesOn.has(now.status)) throw new Error(says.failed);
    }
    end.className = "sealed";
    end.textContent = says.sealed;
    return at.slice(at.lastIndexOf("/") + 1);
  } catch (fault) {
    if (at) fetch(at, { method: "DELETE", headers: tus }).catch(() => null);
    const known = fault instanceof Error && !(fault instanceof TypeError);
    end.className = "failed";
    end.textContent = cancelled.signal.aborted ? says.cancelled : (known ? fault.message : says.failed);
    failed += 1;
    return null;
  } finally {
    removeEventListener("offline", offline);
    bar.remove();
    hold.remove();
    stop.remove();
  }
};

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
