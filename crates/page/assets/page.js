// What makes the page livelier. Everything works without it.
"use strict";
(() => {
  document.documentElement.classList.add("scripted");

  // Parts marked data-live="SECONDS" are fetched with the page they stand on and put in place when they changed.
  const parts = () => [...document.querySelectorAll("[data-live][id]")];
  let timer;

  function key(element) {
    return element.id || element.getAttribute("href") || element.getAttribute("name");
  }

  function put(part, fresh) {
    if (part.innerHTML === fresh.innerHTML) return;
    const focused = part.contains(document.activeElement) ? key(document.activeElement) : null;
    const moved = document.importNode(fresh, true);
    part.replaceChildren(...moved.childNodes);
    if (!focused) return;
    const again = [...part.querySelectorAll("a, button, input, select, summary")].find((one) => key(one) === focused);
    if (again) again.focus({ preventScroll: true });
  }

  async function refresh() {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", redirect: "error" });
        if (answer.ok) {
          const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
          for (const part of parts()) {
            const found = fresh.getElementById(part.id);
            if (found) put(part, found);
          }
        }
      } catch {
        // The program was stopped, or is busy: the next time tells.
      }
    }
    wait();
  }

  function wait() {
    const paces = parts().map((part) => Number(part.dataset.live)).filter((pace) => pace > 0);
    const running = document.querySelector(".work.running, #progress progress");
    if (paces.length) timer = setTimeout(refresh, 1000 * (running ? 1 : Math.max(...paces)));
  }
  wait();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    clearTimeout(timer);
    refresh();
  });

  // Files may be dropped anywhere on a page that takes some.
  const input = document.querySelector('form.issue input[type="file"]');
  if (input) {
    const zone = input.closest(".drop");
    const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    let depth = 0;
    const mark = (change) => {
      depth = Math.max(0, depth + change);
      zone.classList.toggle("over", depth > 0);
    };
    document.addEventListener("dragenter", (event) => carriesFiles(event) && mark(1));
    document.addEventListener("dragleave", (event) => carriesFiles(event) && mark(-1));
    document.addEventListener("dragover", (event) => carriesFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      mark(-depth);
      input.files = event.dataTransfer.files;
      check();
      input.focus();
    });
    const check = () => {
      const files = [...input.files];
      const bytes = files.reduce((sum, file) => sum + file.size, 0);
      const tooMuch = files.length > Number(input.dataset.most ?? 1) || bytes > Number(input.dataset.bytes ?? Infinity);
      input.setCustomValidity(tooMuch ? (input.dataset.refused ?? "") : "");
      if (tooMuch) input.reportValidity();
    };
    input.addEventListener("change", check);
    input.form.addEventListener("submit", () => {
      const button = input.form.querySelector('button[type="submit"]');
      if (input.form.dataset.busy) button.textContent = input.form.dataset.busy;
      button.setAttribute("aria-disabled", "true");
    });
    // A page that comes back from the browser's memory begins anew.
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  }
})();
