// Shows how far a job is without loading the page again. Without scripts the page refreshes itself.
"use strict";
for (const box of document.querySelectorAll("[data-progress]")) {
  const bar = box.querySelector("progress");
  const put = (name, text) => {
    const part = box.querySelector(`[data-part="${name}"]`);
    if (part.textContent !== text) part.textContent = text;
  };
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { cache: "no-store" });
      if (answer.ok) {
        const job = await answer.json();
        if (!["queued", "running", "cancelling"].includes(job.status)) { location.reload(); return; }
        put("status", job.status);
        put("said", job.said);
        if (job.total) { bar.max = job.total; bar.value = job.done; }
      } else if (answer.status === 404) { location.reload(); return; }
    } catch { put("said", "the server does not answer; trying again"); }
    setTimeout(look, 1000);
  };
  setTimeout(look, 500);
}
