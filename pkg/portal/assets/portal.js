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
  // Going back shows the page as it was, and its forms can be sent again.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
