// The page with the tickets is kept for where there is no network, and says so when it is shown there.

const note = document.querySelector("[data-offline]");
const isReached = () => fetch("/health/live", { cache: "no-store" }).then(() => true, () => false); // onLine is true without a way out, too
const tell = async () => { note.hidden = navigator.onLine && await isReached(); };
addEventListener("online", tell);
addEventListener("offline", tell);
tell();
navigator.serviceWorker?.register("/account/tickets-worker.js", { scope: "/account/tickets" }).then(async () => {
  await navigator.serviceWorker.ready;
  const kept = await caches.open("tickets"); // the first visit came before the worker
  await kept.addAll([location.pathname, ...[...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((each) => each.href ?? each.src)]);
}).catch(() => {});
