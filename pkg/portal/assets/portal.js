// What pages gain where scripts run. Nothing needs it.
(() => {
  "use strict";
  // A copy that is being made is looked at again by itself.
  const every = Number(document.body.dataset.reload);
  if (every > 0) setTimeout(() => location.reload(), every * 1000);

  // What is wrong with a form is read out first.
  const errors = document.querySelector(".govuk-error-summary");
  if (errors) errors.focus();

  // A form is sent once, however often its button is pressed.
  for (const form of document.querySelectorAll('form[method="post"]')) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      setTimeout(() => { delete form.dataset.sent; }, 8000);
    });
  }
  // The digest of a file is made here, and the file stays here.
  for (const field of document.querySelectorAll("input[data-digest]")) {
    if (!globalThis.crypto || !crypto.subtle) continue;
    const label = document.createElement("label");
    const pick = document.createElement("input");
    pick.type = "file";
    label.className = "pickfile";
    label.append(field.dataset.digest, pick);
    pick.addEventListener("change", async () => {
      if (!pick.files.length) return;
      const sum = await crypto.subtle.digest("SHA-256", await pick.files[0].arrayBuffer());
      field.value = Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
    });
    field.after(label);
  }

  // Going back shows the page as it was, and its forms can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
