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
  // Two minutes before a session is over its person is asked; what was written stays on the page either way.
  const ask = document.getElementById("session");
  if (ask && ask.showModal) {
    const full = Number(ask.dataset.left);
    let asks = 0, ends = 0;
    const wait = (left) => {
      clearTimeout(asks);
      clearTimeout(ends);
      asks = setTimeout(() => { if (!ask.open) ask.showModal(); }, Math.max(0, left - 120) * 1000);
      ends = setTimeout(() => {
        ask.querySelector("#session-says").textContent = ask.dataset.over;
        ask.querySelector("form").hidden = true;
        const close = document.createElement("button");
        close.className = "btn second";
        close.textContent = "OK";
        close.addEventListener("click", () => ask.close());
        ask.append(close);
      }, left * 1000);
    };
    wait(full);
    ask.querySelector("form").addEventListener("submit", async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      const said = await fetch("/session", { method: "POST", redirect: "manual" });
      if (said.type === "opaqueredirect" || said.ok) { ask.close(); wait(full); }
    });
  }

  // Going back shows the page as it was, and its forms can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
